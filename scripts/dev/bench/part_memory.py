"""Resident memory of idle pairs, and after a burst through each."""

import dataclasses

from scripts.dev.bench import contenders, goals, limits
from scripts.dev.bench.results import Result
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import KIB, MIB, size_text

TITLE = 'memory'
PAIRS, QUICK_PAIRS = 1000, 200
BURST = MIB
MOMENTS = (('idle', 'idle pair'),
           ('after_burst', 'pair after {} each way'.format(
               size_text(BURST))),
           ('trimmed', 'the same after malloc_trim()'))


def run(session, progress):
    """Yields a Result for each of MOMENTS, then the same of SSLSocket."""
    pairs = QUICK_PAIRS if session.options.quick else PAIRS
    pairs = min(pairs, limits.files(2 * pairs) // 2)    # two sockets each
    in_memory = session.having('c', 'patched', 'python3', 'pyopenssl')
    sockets = session.having('socket', 'stock') + [
        dataclasses.replace(item, argv=contenders.worker(
            'socket', item.python)) for item in session.python3s]
    with progress(TITLE, len(in_memory) + len(sockets)) as bar:
        yield from _results(pairs, _measure(session, in_memory, pairs, bar),
                            'patched', '', goals.memory)
        yield from _results(pairs, _measure(session, sockets, pairs, bar),
                            'socket', 'SSLSocket, ', goals.socket_memory)


def _measure(session, people, pairs, bar):
    """{key: bytes of a pair by moment} of *people* (Contenders)."""
    figures = {}
    for item in people:
        bar.say(item.title)
        # A process of its own, in which nothing was freed before.
        with session.children([item]) as children:
            child = children[item.key]
            child.ask('open memory {} {}'.format(pairs, BURST))
            figures[item.key] = child.ask('run 1')
        bar.tick()
    return figures


def _results(pairs, figures, key, prefix, judge):
    for moment, name in MOMENTS:
        result = Result(
            'memory', prefix + name, {'moment': moment, 'pairs': pairs},
            'KiB', {key: Spread.of([found[moment] / KIB])
                    for key, found in figures.items()})
        result.goals = judge(figures[key], moment)
        yield result
