"""Run a program with the tests of each class, or of pytest, in an order that
ORDER_SEED decides.

    python2.7 order27.py FILE ARGUMENT ...   or: -m MODULE ARGUMENT ...
"""

import os
import random
import sys
import unittest

import start27

rng = random.Random(int(os.environ['ORDER_SEED']))
names_of = unittest.TestLoader.getTestCaseNames


def shuffled(self, case):
    names = list(names_of(self, case))
    rng.shuffle(names)
    return names


class Plugin(object):
    """Of pytest: modules in any order, and so the tests in them."""

    @staticmethod
    def pytest_collection_modifyitems(items):
        modules = {}
        for item in items:
            modules.setdefault(item.nodeid.split('::')[0], []).append(item)
        order = sorted(modules)
        rng.shuffle(order)
        del items[:]
        for name in order:
            rng.shuffle(modules[name])
            items.extend(modules[name])


unittest.TestLoader.getTestCaseNames = shuffled
if sys.argv[1:3] == ['-m', 'pytest']:
    import pytest

    sys.path[0] = ''
    sys.exit(pytest.main(sys.argv[3:], plugins=[Plugin()]))
start27.program()
