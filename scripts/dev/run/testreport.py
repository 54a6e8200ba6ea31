"""The summary of a test run: rows, the table and the closing line."""

import collections
import time

from rich.markup import escape
from rich.table import Table

_SHOWN = 25         # failures of one suite that are listed


class Row:
    """One suite.  tests: {test id: outcome}; texts: {test id: reason};
    problem: why it does not count, which makes the run fail; note: what to
    know about it; known: ids of tests whose failure is expected, which do
    not make the run fail; log: Path or None; oracle: True if it ran on
    Python 3, which 2.7 is compared with."""

    def __init__(self, name, tests=None, texts=None, problem='', seconds=0.0,
                 note='', known=(), log=None, oracle=False):
        self.name = name
        self.tests = tests or {}
        self.texts = texts or {}
        self.problem = problem
        self.seconds = seconds
        self.note = note
        self.known = set(known)
        self.log = log
        self.oracle = oracle

    def ids(self, *outcomes):
        return [test for test, outcome in self.tests.items()
                if outcome in outcomes and (outcome == 'skipped' or
                                            test not in self.known)]

    @property
    def passed(self):
        return len(self.ids('passed'))

    @property
    def failed(self):
        return len(self.ids('failed', 'crashed'))

    @property
    def errors(self):
        return len(self.ids('error'))

    @property
    def skipped(self):
        return len(self.ids('skipped'))

    @property
    def expected(self):
        """How many tests failed that are known to: as they do without the
        patches, or on Python 3 alone."""
        return len(self.differing)

    @property
    def differing(self):
        """The ids of the tests that failed and are known to."""
        return [test for test, outcome in self.tests.items()
                if outcome in ('failed', 'error', 'crashed') and
                test in self.known]

    @property
    def ok(self):
        return not (self.failed or self.errors or self.problem)

    def as_dict(self):
        return {
            'name': self.name, 'ok': self.ok, 'tests': len(self.tests),
            'passed': self.passed, 'failed': self.failed,
            'errors': self.errors, 'skipped': self.skipped,
            'expected': self.expected, 'problem': self.problem,
            'note': self.note, 'seconds': round(self.seconds, 1),
            'failures': {test: self.texts.get(test, '') for test
                         in self.ids('failed', 'crashed', 'error')},
            'differing': {test: self.texts.get(test, '')
                          for test in self.differing},
            'skips': {test: self.texts.get(test, '') for test
                      in self.ids('skipped')}}


def totals(rows):
    """(passed, failed, skipped) of all *rows*; errors and whole suites that
    do not count are failures."""
    return (sum(row.passed for row in rows),
            sum(row.failed + row.errors + bool(row.problem) for row in rows),
            sum(row.skipped for row in rows))


def closing_line(rows):
    """The last line of the run."""
    return '{} passed, {} failed, {} skipped'.format(*totals(rows))


def _print_failures(rows, out):
    for row in rows:
        bad = row.ids('failed', 'crashed', 'error')
        for test in bad[:_SHOWN]:
            out.print('{}: {}: {}'.format(
                row.tests[test].upper(), test, row.texts.get(test, '')),
                markup=False, highlight=False, soft_wrap=True)
        if len(bad) > _SHOWN:
            out.print('and {} more in {}'.format(len(bad) - _SHOWN,
                                                 row.name), markup=False)
        if row.problem:
            out.print('{}: {}'.format(row.name, row.problem), markup=False,
                      highlight=False, soft_wrap=True)
        if row.oracle and row.note:
            out.print('{}: {}'.format(row.name, row.note), markup=False,
                      highlight=False, soft_wrap=True)
        if (not row.ok or row.oracle and row.note) and row.log:
            out.print('  the output is in {}'.format(row.log), markup=False,
                      highlight=False, soft_wrap=True)


def _print_skips(rows, out):
    reasons = collections.Counter(
        (row.name, row.texts.get(test, '')) for row in rows
        for test in row.ids('skipped'))
    if not reasons:
        return
    table = Table(title='skipped, and why', title_justify='left')
    table.add_column('suite', no_wrap=True)
    table.add_column('tests', justify='right')
    table.add_column('reason')
    for (name, reason), count in reasons.items():
        table.add_row(escape(name), str(count), escape(reason))
    out.print(table)


def report(rows, title, out):
    """Print failures, skips and the summary.  Returns the exit status."""
    _print_failures(rows, out)
    _print_skips(rows, out)
    table = Table(title=title, title_justify='left')
    table.add_column('suite', no_wrap=True)
    for name in ('tests', 'passed', 'failed', 'errors', 'skipped',
                 'seconds'):
        table.add_column(name, justify='right')
    table.add_column('result')
    for row in rows:
        if not row.ok:
            result = '[bold red]FAILED[/]'
        elif row.note:
            result = '[yellow]{}[/]'.format(escape(row.note))
        else:
            result = '[green]ok[/]'
        if row.problem:
            result += ' ' + escape(row.problem)
        table.add_row(
            escape(row.name), str(len(row.tests)), str(row.passed),
            str(row.failed), str(row.errors), str(row.skipped),
            '{:.1f}'.format(row.seconds), result)
    out.print(table)
    # Not through rich: programs read this line.
    print(closing_line(rows), flush=True)
    return 0 if all(row.ok for row in rows) else 1


def part(rows, begin):
    """What a record has of one part: its *rows*, which it has taken since
    *begin* (of time.monotonic()) to get."""
    return {'ok': all(row.ok for row in rows),
            'seconds': round(time.monotonic() - begin, 1),
            'suites': [row.as_dict() for row in rows]}
