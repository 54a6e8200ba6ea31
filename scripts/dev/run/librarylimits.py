"""What a TLS library other than today's OpenSSL cannot do.

library_limits.json has, for each library, reasons and the tests that cannot
pass with it for that reason.  Where such a test fails it counts as skipped,
with the reason as its text; one that crashes does not, nor does any other.
"""

import json
import re
from pathlib import Path

from scripts.dev.run import pytestrun

FILE = Path(__file__).resolve().with_name('library_limits.json')


class Limits:
    """Those of the library that calls itself *text* (str), as
    ssl.OPENSSL_VERSION has it."""

    def __init__(self, text, path=FILE):
        self._patterns = [
            (re.compile('.*'.join(map(re.escape, test.split('*')))), reason)
            for library, reasons in json.loads(path.read_text()).items()
            if re.match(re.escape(library) + r'(?!\d)', text)
            for reason, tests in reasons.items() for test in tests]

    def reason(self, test):
        """Why *test* (its id) cannot pass, or None."""
        for pattern, reason in self._patterns:
            if pattern.fullmatch(test):
                return reason
        return None

    def apply(self, row):
        """Count what fails in *row* (testreport.Row) and cannot pass as
        skipped; a module of which nothing can run need not.  Returns the
        row."""
        for test in row.ids('failed', 'error'):
            reason = self.reason(test)
            if reason:
                row.tests[test] = 'skipped'
                row.texts[test] = reason
        if row.problem.startswith(pytestrun.NOTHING_RAN):
            names = [name for name in row.problem[
                len(pytestrun.NOTHING_RAN):].split(', ')
                if not self.reason(name)]
            row.problem = pytestrun.NOTHING_RAN + ', '.join(names) \
                if names else ''
        return row
