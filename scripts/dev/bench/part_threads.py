"""Two threads, a connection each: wall clock against one thread."""

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


def speedup(answer):
    """How much more was done by two in the same time, from the answer to
    "run" (dict): between 0 and 2."""
    return 2 * answer['one'] / answer['two']


def run(session, progress):
    """Yields a Result for each of WORK."""
    contenders = session.having('c', 'patched', 'python3')
    plan = session.plan(0.15, 20)
    with progress(TITLE, len(WORK) * plan.rounds) as bar, \
            session.children(contenders, all_cpus()) as children:
        for name, case, request in WORK:
            bar.say(name)
            values = slices.in_turn(
                children, 'threads ' + request, plan,
                lambda answer: answer['one'], speedup, bar.tick)
            result = Result(
                'threads', 'two threads, ' + name, case, 'x',
                {key: Spread.of(value) for key, value in values.items()})
            result.goals = goals.threads(result, case)
            # Two processes should do twice the work: else others had the
            # CPUs, and the figures of this row say little.
            result.facts['busy'] = result.figures['c'].median < QUIET
            yield result
