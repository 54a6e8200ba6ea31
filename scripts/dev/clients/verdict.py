"""Is what a suite gave as good as wanted, and as on stock?"""

import re
from dataclasses import dataclass, field

_BAD = ('failed', 'error', 'crashed')


@dataclass
class Verdict:
    """tests: {test id: why its outcome is not acceptable}.  others: what
    else is wrong (str list).  expected: ids of tests that failed and may.
    better: ids of those that do not pass on stock and do here."""

    tests: dict = field(default_factory=dict)
    others: list = field(default_factory=list)
    expected: list = field(default_factory=list)
    better: list = field(default_factory=list)

    @property
    def ok(self):
        return not (self.tests or self.others)

    @property
    def problems(self):
        """All that is wrong, one line each."""
        return self.others + ['{}: {}'.format(*item)
                              for item in self.tests.items()]


def _matches(name, test):
    """Is *test* (or what it says) *name*, which may have "*" in it?"""
    return name == test or '*' in name and bool(re.fullmatch(
        '.*'.join(map(re.escape, name.split('*'))), test))


def _allowed(wanted, test, outcome, text, stock):
    """True if *test* may have *outcome*, of which it says *text*; stock:
    its outcome there or None."""
    listed = wanted.skipped if outcome == 'skipped' else wanted.failed
    if stock == 'passed' and not wanted.strict:
        return False
    if any(_matches(name, test) for name in listed) or \
            outcome == 'skipped' and any(
                _matches(name, text) for name in wanted.skip_reasons):
        return True
    if not wanted.as_stock or stock is None:
        return False
    # Skipped where stock fails would be neither better nor as there.
    return stock == 'skipped' if outcome == 'skipped' else stock in _BAD


def judge(wanted, patched, stock=None, name='stock'):
    """Compare *patched* (suites.Ran) with *wanted* (definition.Wanted) and
    with *stock* (suites.Ran), called *name*, if that is there.  Returns the
    Verdict."""
    verdict = Verdict()
    row = patched.row
    before = stock.row.tests if stock else {}
    if row.problem:
        verdict.others.append(row.problem)
    for test, outcome in row.tests.items():
        if outcome == 'passed':
            if before.get(test) in _BAD + ('skipped',):
                verdict.better.append(test)
        elif not _allowed(wanted, test, outcome, row.texts.get(test, ''),
                          before.get(test)):
            text = row.texts.get(test, '')
            verdict.tests[test] = outcome + (': ' + text if text else '') + (
                ' (it passes on {})'.format(name)
                if before.get(test) == 'passed' else '')
        elif outcome in _BAD:
            verdict.expected.append(test)
    for test, outcome in before.items():
        if outcome == 'passed' and test not in row.tests:
            verdict.tests[test] = 'not run (it passes on {})'.format(name)
    for name in {**wanted.failed, **wanted.skipped} if wanted.strict else ():
        outcomes = [outcome for test, outcome in row.tests.items()
                    if _matches(name, test)] or ['not run']
        if {'passed', 'not run'} & set(outcomes):
            verdict.others.append('{}: {}, but listed: take it out of the '
                                  'definition'.format(name, outcomes[0]))
    if row.passed < wanted.passed and not verdict.tests:
        verdict.others.append('{} passed, wanted are {}'.format(
            row.passed, wanted.passed))
    for name, number in wanted.counts.items():
        seen = patched.counts.get(name, 0)
        if seen < number:
            verdict.others.append('{} objects of {}, wanted are {}'.format(
                seen, name.split(':')[1], number))
    return verdict
