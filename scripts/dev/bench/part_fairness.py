"""The turns of a second thread while the first one writes."""

from scripts.dev.bench import goals, slices
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import all_cpus
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import KIB, size_text

TITLE = 'fairness'
CASES = [(way, size) for size in (64, KIB, 16 * KIB)
         for way in ('loop', 'imap')]


def run(session, progress):
    """Yields a Result for each of CASES."""
    contenders = session.having('patched', 'without', 'python3')
    plan = session.plan(0.3, 20)
    with progress(TITLE, len(CASES) * plan.rounds) as bar, \
            session.children(contenders, all_cpus()) as children:
        for way, size in CASES:
            name = '{} written {}'.format(
                size_text(size),
                'in a loop' if way == 'loop' else 'by imap')
            bar.say(name)
            values = slices.in_turn(
                children, 'fairness {} {}'.format(way, size), plan,
                lambda answer: answer['wall'],
                lambda answer: answer['longest'] / 1e6, bar.tick)
            result = Result(
                'fairness', 'longest wait, ' + name,
                {'way': way, 'size': size}, 'ms',
                {key: Spread.of(value) for key, value in values.items()})
            result.goals = goals.fairness(values)
            yield result
