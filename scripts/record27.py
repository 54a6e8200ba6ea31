"""Run one module of Lib/test with regrtest and record each test's outcome.

    python2.7 record27.py RECORD MODULE

This runs on the interpreter under test (Python 2.7).  The file RECORD gets
one JSON list a line, [event, test id, text], as soon as it happens, so that
a crash leaves what ran before it.  All else is what
``python -m test.regrtest -v MODULE`` does.
"""

import json
import os
import runpy
import sys
import unittest


def _record(path):
    """Let every TestResult of unittest append to the file *path*."""
    # A name, not a file object: a test that forks must not flush it twice.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(path, flags, 0o666)
    owner = os.getpid()

    def write(event, test, text=''):
        if os.getpid() == owner:
            if isinstance(text, bytes):
                text = text.decode('utf-8', 'replace')
            os.write(descriptor, json.dumps(
                [event, test.id(), text]).encode('ascii') + b'\n')

    def wrap(name, event, describe):
        original = getattr(unittest.TestResult, name)

        def method(self, test, *args):
            write(event, test, describe(*args))
            return original(self, test, *args)
        setattr(unittest.TestResult, name, method)

    def last_line(err):
        text = str(err[1]).strip()
        return '{}: {}'.format(err[0].__name__, text.split('\n')[-1])

    wrap('startTest', 'start', lambda: '')
    wrap('addSuccess', 'passed', lambda: '')
    wrap('addError', 'error', last_line)
    wrap('addFailure', 'failed', last_line)
    wrap('addSkip', 'skipped', lambda reason: str(reason))
    wrap('addExpectedFailure', 'passed', lambda err: '')
    wrap('addUnexpectedSuccess', 'failed', lambda: 'unexpected success')


def main():
    path, module = sys.argv[1:]
    # This folder has modules with everyday names.
    del sys.path[0]
    _record(path)
    sys.argv = ['regrtest', '-v', module]
    runpy.run_module('test.regrtest', run_name='__main__', alter_sys=True)


if __name__ == '__main__':
    main()
