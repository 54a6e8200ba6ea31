"""Run somebody's unittest tests as they are, and record what happens.

    python2.7 recorded.py RECORD COUNTS SCRIPT [ARGUMENT ...]
    python2.7 recorded.py RECORD COUNTS -m MODULE [ARGUMENT ...]

This runs on the interpreter under test (Python 2.7).  RECORD is written as
record27.py does.  COUNTS is a JSON list of "module:class"; how many objects
of each were made goes to RECORD.counts, a JSON object.  Both are done from
outside: the tests and the tested code are not changed.
"""

import imp
import json
import os
import runpy
import sys
import unittest

_RUN = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'run')


def count(names):
    """Count the calls of __init__ of the classes *names* from now on.

    Returns the dict in which they are counted, {name: number}.
    """
    numbers = dict.fromkeys(names, 0)

    def wrap(name):
        module, class_name = name.split(':')
        __import__(module)
        cls = getattr(sys.modules[module], class_name)
        original = cls.__init__

        def __init__(self, *args, **kwargs):
            numbers[name] += 1
            return original(self, *args, **kwargs)
        cls.__init__ = __init__

    for name in names:
        wrap(name)
    return numbers


def record_outermost(record, path, classes):
    """Let *record* change *classes*, but so that it does not see what a
    test tells a TestResult of its own: unittest's tests make tests that
    fail."""
    running = []        # the TestResult of the test that runs, if one does

    def choose(name, plain, recording):
        def method(self, *args, **kwargs):
            if running and running[0] is not self:
                return plain(self, *args, **kwargs)
            if name == 'startTest' and not running:
                running.append(self)
            return recording(self, *args, **kwargs)
        return method

    def end(plain):
        def stopTest(self, test):
            if running and running[0] is self:
                del running[:]
            return plain(self, test)
        return stopTest

    before = [dict(vars(cls)) for cls in classes]
    record(path, classes)
    for cls, plain in zip(classes, before):
        for name, method in list(vars(cls).items()):
            if name in plain and plain[name] is not method:
                setattr(cls, name, choose(name, plain[name], method))
        if 'stopTest' in plain:
            cls.stopTest = end(plain['stopTest'])


def main():
    record, names = sys.argv[1], json.loads(sys.argv[2])
    rest = sys.argv[3:]
    module = rest[0] == '-m'
    # As the interpreter itself would have it.
    sys.argv = rest[module:]
    sys.path[0] = '' if module else os.path.dirname(rest[0])
    classes = [unittest.TestResult]
    try:
        import unittest2
    except ImportError:
        pass
    else:
        classes.append(unittest2.TestResult)
    if 'twisted.trial' in rest:
        from twisted.trial.reporter import TestResult
        classes.append(TestResult)
    record_outermost(imp.load_source('record27', os.path.join(
        _RUN, 'record27.py')).record, record, classes)
    numbers = count(names)
    owner = os.getpid()
    try:
        if module:
            runpy.run_module(rest[1], run_name='__main__', alter_sys=True)
        else:
            runpy.run_path(rest[0], run_name='__main__')
    finally:
        if os.getpid() == owner:
            with open(record + '.counts', 'w') as file:
                json.dump(numbers, file)


if __name__ == '__main__':
    main()
