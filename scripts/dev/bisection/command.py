"""Build after each patch and run test_ssl at each step: `make bisect`.

Trees are made of the pinned source, JOBS of them at most, each for a piece of
the series.  The patches are pushed one by one, and after each the build is
brought up to date and tested.  The outcome of a step is kept under a key made
of everything it depends on, so an interrupted run goes on where it was, and a
change of patch N repeats N and what follows.
"""

from rich.markup import escape
from rich.table import Table

from scripts import options
from scripts.base import locking
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.bisection import rules, workers
from scripts.dev.bisection.steps import Steps
from scripts.dev.evidence import record
from scripts.series import groups
from scripts.source import tree


def report(steps, complaints, title, out):
    """Print complaints and the table.  Returns the exit status."""
    for name, found in complaints.items():
        for text in found:
            out.print('{}: {}'.format(name, text), markup=False,
                      highlight=False, soft_wrap=True)
    table = Table(title=title, title_justify='left')
    table.add_column('patch', no_wrap=True)
    table.add_column('built')
    columns = ('run', 'failed', 'errors', 'skipped')
    for name in columns:
        table.add_column(name, justify='right')
    table.add_column('result')
    for step in steps:
        table.add_row(
            escape(step.name), 'yes' if step.built else 'no',
            *[str(rules.total(step, name)) if step.built else '-'
              for name in columns],
            '[bold red]FAILED[/]' if complaints[step.name]
            else '[green]ok[/]')
    out.print(table)
    bad = sum(bool(found) for found in complaints.values())
    print('bisect: {} of {} steps ok'.format(len(steps) - bad, len(steps)))
    return 1 if bad else 0


def _last_compat(variant, names):
    if 'compat' not in variant.groups:
        return None
    compat = [name for name in names if groups.group_of(name) == 'compat']
    return compat[-1] if compat else None


def main():
    variant = Variant.from_env()
    names = tree.select(variant.groups)
    taking = record.Taking('bisect', variant)
    with locking.lock(variant.root / 'bisect.lock'):
        work = Steps(variant, names)
        workers.run(work, options.JOBS.read())
        steps = [work.known(number) for number in range(len(work.keys))]
        complaints = rules.judge(steps, _last_compat(variant, names))
        work.forget(complaints)
    taking.write({step.name: rules.as_row(step, complaints[step.name])
                  for step in steps})
    out = terminal.output()
    return report(steps, complaints,
                  '{}, {}'.format(variant.name, work.ssl.text), out)
