"""MemoryBIO alone, also behind a backlog."""

import contextlib

from scripts.dev.bench import goals, slices
from scripts.dev.bench.part_bulk import SIZES
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import compare
from scripts.dev.bench.units import KIB, MIB, size_text

TITLE = 'MemoryBIO'
BACKLOGS = (KIB, 8 * MIB, 256 * MIB)
BACKLOG_SIZE = KIB      # of each write and read behind a backlog
BEHIND = {'writes': 'write', 'backlog': 'write + read'}


def _microseconds(ns):
    return ns / 1e3


def run(session, progress):
    """Yields a Result for each size, then for each backlog."""
    contenders = session.having('c', 'patched', 'python3')
    plan = session.plan(0.03, 40)
    total = (len(SIZES) + len(BEHIND) * len(BACKLOGS)) * plan.rounds
    with progress(TITLE, total) as bar:
        with session.children(contenders) as children:
            yield from _sizes(session, contenders, children, plan, bar)
        for case, name in BEHIND.items():
            yield from _backlogs(session, contenders, case, name, plan, bar)


def _sizes(session, contenders, children, plan, bar):
    c = session.having('c')[0]
    check = session.having('patched')[0]
    with session.children([c, check]) as more:
        children = dict(children, memcpy=more[c.key],
                        ctypes=more[check.key])
        for size in SIZES:
            bar.say(size_text(size))
            requests = {item.key: 'bio {}'.format(size)
                        for item in contenders}
            requests['memcpy'] = 'memcpy {}'.format(size)
            requests['ctypes'] = requests['memcpy']
            samples = slices.interleave(children, requests, plan, bar.tick)
            result = Result('bio', 'write + read of ' + size_text(size),
                            {'size': size}, 'us', {})
            compare(result, samples, 'memcpy', _microseconds)
            result.goals = goals.bio(samples, size)
            yield result


def _backlogs(session, contenders, case, name, plan, bar):
    """One contender after the other has 1 KiB, 8 MiB and 256 MiB waiting,
    in a process each: what is compared is each with itself."""
    found = {backlog: {} for backlog in BACKLOGS}
    for item in contenders:
        bar.say('{} behind a backlog, {}'.format(name, item.title))
        samples = _behind(session, item, case, plan,
                          lambda: bar.tick(len(BACKLOGS) / len(contenders)))
        for backlog in BACKLOGS:
            found[backlog][item.key] = samples[backlog]
    first = found[BACKLOGS[0]]
    for backlog, samples in found.items():
        result = Result(
            'bio', '{} of {} behind {}'.format(
                name, size_text(BACKLOG_SIZE), size_text(backlog)),
            {'backlog': backlog, 'size': BACKLOG_SIZE, 'operation': case},
            'us', {})
        compare(result, samples, 'c', _microseconds)
        # How much dearer it is than behind 1 KiB.
        result.facts = {
            key: slices.ratio({'this': samples[key], 'first': first[key]},
                              'this', 'first').as_json() for key in samples}
        if case == 'writes' and backlog != BACKLOGS[0]:
            result.goals = goals.backlog(samples, first)
        yield result


def _behind(session, item, case, plan, tick):
    with contextlib.ExitStack() as stack:
        children = {backlog: stack.enter_context(
            session.children([item]))[item.key] for backlog in BACKLOGS}
        return slices.interleave(
            children, {backlog: '{} {} {}'.format(case, backlog,
                                                  BACKLOG_SIZE)
                       for backlog in BACKLOGS}, plan, tick)
