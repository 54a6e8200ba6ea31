"""The outcome of one suite, on both interpreters."""

from dataclasses import dataclass

from scripts.dev.clients.definition import Client, Suite
from scripts.dev.clients.suites import Ran
from scripts.dev.clients.verdict import Verdict
from scripts.dev.run import testreport


@dataclass
class Result:
    """stock: None where it was not run.  dropped, drop_in: the run with the
    drop-in and its verdict, None if there is none."""

    client: Client
    suite: Suite
    patched: Ran
    stock: Ran
    verdict: Verdict
    dropped: Ran = None
    drop_in: Verdict = None

    @property
    def ok(self):
        return all(verdict.ok for _, verdict in self.judged)

    @property
    def judged(self):
        """[(Ran, Verdict)] of what ran on the patched interpreter."""
        return [(self.patched, self.verdict)] + \
            [(self.dropped, self.drop_in)] * bool(self.dropped)


def closing_line(results):
    """'N passed, N failed, N skipped' on the patched interpreter.  Failures
    that are named as expected do not count; each other thing that is wrong
    is one."""
    rows = []
    for ran, verdict in [pair for result in results
                         for pair in result.judged]:
        row = ran.row
        tests = {test: outcome for test, outcome in row.tests.items()
                 if test not in verdict.expected}
        # A skip that should not be is a failure.
        tests.update((test, 'failed') for test in verdict.tests)
        rows.append(testreport.Row(row.name, tests,
                                   problem='; '.join(verdict.others)))
    return testreport.closing_line(rows)
