"""MemoryBIO alone, also behind a backlog."""

from bench import goals, slices
from bench.part_bulk import SIZES
from bench.results import Result
from bench.session import compare
from bench.units import KIB, MIB, size_text

TITLE = 'MemoryBIO'
BACKLOGS = (KIB, 8 * MIB, 256 * MIB)
BACKLOG_SIZE = KIB      # of each write and read behind a backlog


def _microseconds(ns):
    return ns / 1e3


def run(session, progress):
    """Yields a Result for each size, then for each backlog."""
    contenders = session.having('c', 'patched', 'python3')
    plan = session.plan(0.03, 40)
    with progress(TITLE, (len(SIZES) + len(BACKLOGS)) * plan.rounds) as bar:
        with session.children(contenders) as children:
            yield from _sizes(session, contenders, children, plan, bar)
        yield from _backlogs(session, contenders, plan, bar)


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


def _backlogs(session, contenders, plan, bar):
    """One contender after the other has 1 KiB, 8 MiB and 256 MiB waiting:
    what is compared is each with itself."""
    found = {backlog: {} for backlog in BACKLOGS}
    for item in contenders:
        keys = {str(backlog): backlog for backlog in BACKLOGS}
        bar.say('backlog, ' + item.title)
        samples = _behind(session, item, keys, plan, bar.tick)
        for key, backlog in keys.items():
            found[backlog][item.key] = samples[key]
    first = found[BACKLOGS[0]]
    for backlog, samples in found.items():
        result = Result(
            'bio', 'write + read of {} behind {}'.format(
                size_text(BACKLOG_SIZE), size_text(backlog)),
            {'backlog': backlog, 'size': BACKLOG_SIZE}, 'us', {})
        compare(result, samples, 'c', _microseconds)
        for key, values in samples.items():
            result.facts[key] = slices.ratio(
                {'first': values, 'this': first[key]}, 'first',
                'this').as_json()
        if backlog != BACKLOGS[0]:
            result.goals = goals.backlog(samples, first, backlog)
        yield result


def _behind(session, item, keys, plan, tick):
    children = {}
    with session.children([item]) as one, session.children([item]) as two, \
            session.children([item]) as three:
        for key, child in zip(keys, (one, two, three)):
            children[key] = child[item.key]
        return slices.interleave(
            children, {key: 'backlog {} {}'.format(backlog, BACKLOG_SIZE)
                       for key, backlog in keys.items()}, plan,
            lambda: tick(1 / len(session.having(
                'c', 'patched', 'python3')) * len(keys)))
