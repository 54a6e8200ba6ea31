"""Two threads: a connection each, against one thread, and one that both use,
against two.  Wall clock."""

import statistics

from scripts.dev.bench import goals, slices
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import all_cpus
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import KIB, MIB, size_text

TITLE = 'two threads'
QUIET = 1.8             # that two processes of C reach on a quiet machine
WORK = [('handshakes RSA-2048', {'key': 'rsa'},
         'handshake TLSv1.3 rsa no'),
        ('handshakes ECDSA P-256', {'key': 'ecdsa'},
         'handshake TLSv1.3 ecdsa no')] + [
    (size_text(size), {'size': size}, 'bulk TLSv1.3 {}'.format(size))
    for size in (64, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB)]
#: One thread writes, one reads.  On stock 2.7 two threads in one connection
#: are a race: there is nothing to compare with.
BOTH_WAYS = (16 * KIB, 64 * KIB)


def speedup(answer):
    """How much more was done by two in the same time, from the answer to
    "run" (dict): between 0 and 2."""
    return 2 * answer['one'] / answer['two']


def runs_of(case):
    """How often the whole row is measured."""
    return goals.THREADS_RUNS if case.get('key') == 'ecdsa' else 1


def shared(answer):
    """What passes through one connection, as part of what two let
    through, from the answer to "run" (dict)."""
    return answer['two'] / answer['one']


def _both_ways(session, plan, bar):
    contenders = session.having('socket')
    for size in BOTH_WAYS:
        name = 'SSLSocket, both ways, ' + size_text(size)
        bar.say(name)
        with session.children(contenders, all_cpus()) as children:
            values = slices.in_turn(
                children, 'bothways TLSv1.3 {}'.format(size), plan,
                lambda answer: answer['two'], shared, bar.tick)
        yield Result('threads', name, {'written': size}, 'x',
                     {key: Spread.of(value)
                      for key, value in values.items()})


def run(session, progress):
    """Yields a Result for each of WORK, and of BOTH_WAYS."""
    contenders = session.having('c', 'patched', 'python3')
    plan = session.plan(0.15, 20)
    with progress(TITLE, (sum(runs_of(case) for _, case, _ in WORK) +
                          len(BOTH_WAYS)) * plan.rounds) as bar:
        for name, case, request in WORK:
            bar.say(name)
            values = {item.key: [] for item in contenders}
            medians = {item.key: [] for item in contenders}
            for _ in range(runs_of(case)):
                # New processes: a run has its luck with their memory.
                with session.children(contenders, all_cpus()) as children:
                    once = slices.in_turn(
                        children, 'threads ' + request, plan,
                        lambda answer: answer['one'], speedup, bar.tick)
                for key in values:
                    values[key] += once[key]
                    medians[key].append(statistics.median(once[key]))
            result = Result(
                'threads', 'two threads, ' + name, case, 'x',
                {key: Spread.of(value) for key, value in values.items()},
                facts={'runs': medians})
            result.goals = goals.threads(medians['patched'], case)
            # Two processes should do twice the work: else others had the
            # CPUs, and the figures of this row say little.
            result.facts['busy'] = result.figures['c'].median < QUIET
            yield result
        yield from _both_ways(session, plan, bar)
