"""Resident memory of idle pairs, and after a burst through each."""

from scripts.dev.bench import goals
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
    """Yields a Result for each of MOMENTS."""
    contenders = session.having('c', 'patched', 'python3', 'pyopenssl')
    pairs = QUICK_PAIRS if session.options.quick else PAIRS
    figures = {}
    with progress(TITLE, len(contenders)) as bar:
        for item in contenders:
            bar.say(item.title)
            # A process of its own, in which nothing was freed before.
            with session.children([item]) as children:
                child = children[item.key]
                child.ask('open memory {} {}'.format(pairs, BURST))
                figures[item.key] = child.ask('run 1')
            bar.tick()
    for moment, name in MOMENTS:
        result = Result(
            'memory', name, {'moment': moment, 'pairs': pairs}, 'KiB',
            {key: Spread.of([found[moment] / KIB])
             for key, found in figures.items()})
        result.goals = goals.memory(figures['patched'], moment)
        yield result
