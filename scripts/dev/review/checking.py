"""Run the tests of the built site."""

import sys
from pathlib import Path

from scripts.base import console
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev.review import places
from scripts.dev.run import pytestrun

CHECKS = Path(__file__).resolve().parent / 'checks'


def run():
    """Run checks/.  Prints what failed or was skipped; True if all is
    well."""
    result = pytestrun.run_pytest(
        Path(sys.executable), CHECKS,
        interpreter.run_env(Variant.from_env()), places.LOGS, 'checks')
    counts = {}
    for name, outcome in result.tests.items():
        counts[outcome] = counts.get(outcome, 0) + 1
        if outcome in ('failed', 'error'):
            console.note('{}: {}'.format(name, result.texts[name]))
    for text in sorted({result.texts[name] for name, outcome
                        in result.tests.items() if outcome == 'skipped'}):
        console.note('skipped: ' + text)
    console.note(', '.join('{} {}'.format(number, outcome)
                           for outcome, number in sorted(counts.items())))
    skipped = counts.get('passed', 0) and 'no test ran' in result.problem
    if result.problem and not skipped:
        console.note(result.problem)
    good = not (counts.get('failed') or counts.get('error')) and \
        (not result.problem or skipped)
    if not good:
        console.note('the output is in {}'.format(places.LOGS / 'checks.log'))
    return good
