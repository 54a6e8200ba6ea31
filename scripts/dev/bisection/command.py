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
from scripts.dev.bisection import workers
from scripts.dev.bisection.rules import judge
from scripts.dev.bisection.steps import Steps
from scripts.series import groups
from scripts.source import tree


def _cell(step, key):
    if not step.built:
        return '-'
    total = 0
    for module in step.modules.values():
        value = {'run': module['tests']}.get(key, module.get(key))
        total += value if isinstance(value, int) else len(value)
    return str(total)


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
            *[_cell(step, name) for name in columns],
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
    with locking.lock(variant.root / 'bisect.lock'):
        work = Steps(variant, names)
        workers.run(work, options.JOBS.read())
        steps = [work.known(number) for number in range(len(work.keys))]
        complaints = judge(steps, _last_compat(variant, names))
        work.forget(complaints)
    out = terminal.output()
    return report(steps, complaints,
                  '{}, {}'.format(variant.name, work.ssl.text), out)
