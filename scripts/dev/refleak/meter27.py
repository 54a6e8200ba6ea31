"""References, blocks and file descriptors, before and after a test.

Runs on the patched Python 2.7: a debug build without pymalloc, with
blocks.c preloaded.
"""

import ctypes
import gc
import json
import os
import sys
import threading
import time
import warnings

import copy_reg


def _import_regrtest():
    """regrtest looks at an attribute of each module, and those of six that
    are lazy import others then: each attempt gets further."""
    for _ in range(20):
        try:
            from test import regrtest
            return regrtest
        except RuntimeError:
            pass
    from test import regrtest
    return regrtest


regrtest = _import_regrtest()

WARM_UP, MEASURED = 3, 3
#: (measured repetitions, those before them) of what left something, until
#: nothing grows.
ROUNDS = ((MEASURED, 0), (6, 3), (6, 20))

#: More than any of the free lists of 2.7 takes that are never emptied.
FREE_LIST = 300

KINDS = ('references', 'blocks', 'descriptors')


class Meter(object):
    """Measures what one call leaves behind."""

    def __init__(self):
        self.blocks = ctypes.CDLL(None).blocks_in_use
        self.blocks.restype = ctypes.c_long
        self.filters = warnings.filters[:]
        self.table = copy_reg.dispatch_table.copy()
        self.importers = sys.path_importer_cache.copy()

    def settle(self, collections=2):
        """Empty the caches and let threads end that are about to end.

        collections: how often the garbage is collected, which takes most of
        the time; destructors make some more of it."""
        for _ in range(100):
            if threading.active_count() == 1:
                break
            time.sleep(0.01)
        sys.exc_clear()
        warnings.filters[:] = self.filters
        copy_reg.dispatch_table.clear()
        copy_reg.dispatch_table.update(self.table)
        sys.path_importer_cache.clear()
        sys.path_importer_cache.update(self.importers)
        sys._clear_type_cache()
        regrtest.clear_caches()
        for _ in range(collections):
            gc.collect()
        # Full free lists do not grow.
        for kind in (set, list, dict):
            [kind() for _ in range(FREE_LIST)]

    def read(self):
        """(references, blocks, descriptors) now."""
        descriptors = len(os.listdir('/proc/self/fd'))
        return sys.gettotalrefcount(), self.blocks(), descriptors

    def changes(self, call, repetitions, warm_up):
        """What *call*() adds at each of *repetitions*, behind some to
        *warm_up*: {kind: list of int}."""
        found = dict((kind, [0] * repetitions) for kind in KINDS)
        before = self.read()
        for number in range(-warm_up, repetitions):
            call()
            self.settle()
            after = self.read()
            if number >= 0:
                for kind, old, new in zip(KINDS, before, after):
                    found[kind][number] = new - old
            before = after
        return found

    def leaks(self, call):
        """What *call*() leaks, {kind: list of int}, empty if nothing.

        Nothing leaks if nothing is left of all measured repetitions.
        Otherwise each is looked at alone: a leak adds something each time,
        and caches stop growing at some time."""
        for _ in range(WARM_UP):
            call()
        self.settle(1)
        before = self.read()
        for _ in range(MEASURED):
            call()
        self.settle(1)
        if all(new <= old for old, new in zip(before, self.read())):
            return {}
        for repetitions, warm_up in ROUNDS:
            found = dict((kind, values) for kind, values
                         in self.changes(call, repetitions, warm_up).items()
                         if min(values) > 0)
            if not found:
                break
        return found


def write(path, test, outcome, text=''):
    """Append a result to the file *path*, as record27.py does."""
    line = json.dumps([outcome, test, text]).encode('ascii') + b'\n'
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def text(leaks):
    """The *leaks* of one test for people."""
    return '; '.join('leaked %s %s' % (values, kind)
                     for kind, values in sorted(leaks.items()))
