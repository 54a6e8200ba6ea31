"""Which tests may be skipped, and which have to run.

matrix_allowed.json names each skip that is allowed, with its reason; any
other skip makes the matrix fail.
"""

import json
import re
from pathlib import Path

FILE = Path(__file__).resolve().with_name('allowed.json')


class Allowed:
    """What matrix_allowed.json says."""

    def __init__(self, path=FILE):
        data = json.loads(path.read_text())
        #: {section name, beginning of a version of OpenSSL, or '*':
        #: {test id: reason}}
        self.skips = data['skips']
        #: {section name: [test id]}: those that cannot pass there; what
        #: they are is among the skips
        self.failing = data['failing']
        #: {section name: {module of Lib_tests: reason}}: all of it
        self.modules = data['modules']
        #: {function: reason}
        self.deprecations = data['deprecations']
        #: test ids that have to pass in every section, unless a skip of
        #: theirs is allowed in one
        self.required = data['required']

    def reason(self, section, version, test):
        """Why *test* may be skipped in *section* (its name) with OpenSSL
        *version* (str, as '3.5.7'), or None."""
        reason = self.modules.get(section, {}).get(
            test.split('::')[0].split('.')[0])
        for name, tests in self.skips.items():
            if name in (section, '*') or re.match(
                    re.escape(name) + r'(?!\d)', version):
                reason = reason or tests.get(test)
        return reason

    def leave_out(self, section, rows):
        """Count what fails in *rows* (testreport.Row list) and cannot pass
        in *section* as skipped."""
        for row in rows:
            for test in self.failing.get(section, ()):
                if row.tests.get(test) in ('failed', 'error'):
                    row.tests[test] = 'skipped'

    def problem(self, section, problem):
        """*problem*, what pytestrun has to say of Lib_tests, without the
        modules of which nothing has to run in *section*."""
        start = 'no test ran in: '
        if not problem.startswith(start):
            return problem
        names = [name for name in problem[len(start):].split(', ')
                 if name not in self.modules.get(section, {})]
        return start + ', '.join(names) if names else ''

    def problems(self, section, version, rows):
        """What is wrong with the skips in *rows* (testreport.Row list): a
        list of sentences."""
        found = []
        outcomes = {}
        for row in rows:
            outcomes.update(row.tests)
            for test in row.ids('skipped'):
                if self.reason(section, version, test) is None:
                    found.append('{} was skipped: {}'.format(
                        test, row.texts.get(test, '')))
        for test in self.required:
            module = test.split('.')[1]
            if any(row.name == module for row in rows) and \
                    outcomes.get(test) != 'passed' and \
                    self.reason(section, version, test) is None:
                found.append('{} has to pass and did not'.format(test))
        return found

    def missing_deprecations(self, names):
        """Those of *names* (str list) that are not listed."""
        return [name for name in names if name not in self.deprecations]
