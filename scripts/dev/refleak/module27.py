"""Repeat each test of a module of Lib/test and look for leaks.

    python2.7 module27.py RECORD MODULE

MODULE's own test_main() decides which tests there are; each of them is run
again and again instead of once.  RECORD is written as by record27.py.
"""

import importlib
import os
import sys
import unittest

import meter27
from test import support


class Failed(Exception):
    """A test that fails says nothing on leaks."""


class _Result(unittest.TestResult):
    @property
    def reason(self):
        return self.skipped[0][1] if self.skipped else ''


def _tests(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            for test in _tests(item):
                yield test
        else:
            yield item


def judge(meter, test):
    """(outcome, text) of one *test*."""
    skipped = []

    def once():
        result = _Result()
        unittest.TestSuite([test]).run(result)
        for _, trace in result.failures + result.errors:
            raise Failed(trace.strip().split('\n')[-1])
        if result.skipped:
            skipped[:] = [result.skipped[0][1]]

    try:
        once()
        if skipped:
            return 'skipped', skipped[0]
        leaks = meter.leaks(once)
    except Failed as error:
        return 'error', str(error)
    return ('failed' if leaks else 'passed'), meter27.text(leaks)


def main():
    record, name = sys.argv[1:]
    meter = meter27.Meter()

    def run_suite(suite):
        for test in _tests(suite):
            if not support.match_test(test) if hasattr(
                    support, 'match_test') else False:
                continue
            meter27.write(record, test.id(), 'start')
            meter27.write(record, test.id(), *judge(meter, test))

    support._run_suite = run_suite
    support.use_resources = []
    support.verbose = 0
    with support.temp_cwd():
        module = importlib.import_module(name if os.environ.get(
            'REFLEAK_CANARY') else 'test.' + name)
        if hasattr(module, 'test_main'):
            module.test_main()
        else:
            run_suite(unittest.defaultTestLoader.loadTestsFromModule(module))


if __name__ == '__main__':
    main()
