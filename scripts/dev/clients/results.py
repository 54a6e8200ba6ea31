"""The outcome of one suite, on both interpreters."""

from dataclasses import dataclass

from scripts.dev.clients.definition import Client, Suite
from scripts.dev.clients.suites import Ran
from scripts.dev.clients.verdict import Verdict
from scripts.dev.run import testreport


@dataclass
class Result:
    """stock: None where it was not run."""

    client: Client
    suite: Suite
    patched: Ran
    stock: Ran
    verdict: Verdict


def closing_line(results):
    """'N passed, N failed, N skipped' on the patched interpreter.  Failures
    that are named as expected do not count; each other thing that is wrong
    is one."""
    rows = []
    for result in results:
        row, verdict = result.patched.row, result.verdict
        tests = {test: outcome for test, outcome in row.tests.items()
                 if test not in verdict.expected}
        # A skip that should not be is a failure.
        tests.update((test, 'failed') for test in verdict.tests)
        rows.append(testreport.Row(row.name, tests,
                                   problem='; '.join(verdict.others)))
    return testreport.closing_line(rows)
