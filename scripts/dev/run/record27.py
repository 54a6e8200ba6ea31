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


def record(path, classes=(unittest.TestResult,)):
    """Let every TestResult append to the file *path* (str).

    classes: unittest's and what stands beside it, like unittest2's.
    """
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

    def wrap_one(cls, name, event, describe):
        original = getattr(cls, name)

        def method(self, test, *args):
            write(event, test, describe(*args))
            return original(self, test, *args)
        setattr(cls, name, method)

    def wrap(name, event, describe):
        for cls in classes:
            if name in vars(cls):
                wrap_one(cls, name, event, describe)

    def last_line(err, *more):
        if hasattr(err, 'getErrorMessage'):     # Twisted's Failure
            err = err.type, err.value
        text = str(err[1]).strip()
        return '{}: {}'.format(err[0].__name__, text.split('\n')[-1])

    wrap('startTest', 'start', lambda: '')
    wrap('addSuccess', 'passed', lambda: '')
    wrap('addError', 'error', last_line)
    wrap('addFailure', 'failed', last_line)
    wrap('addSkip', 'skipped', lambda reason: str(reason))
    wrap('addExpectedFailure', 'passed', lambda *err: '')
    wrap('addUnexpectedSuccess', 'failed', lambda *todo: 'unexpected success')


def main():
    path, module = sys.argv[1:]
    # This folder has modules with everyday names.
    del sys.path[0]
    record(path)
    sys.argv = ['regrtest', '-v', module]
    runpy.run_module('test.regrtest', run_name='__main__', alter_sys=True)


if __name__ == '__main__':
    main()
