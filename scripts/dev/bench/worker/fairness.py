"""How long a second thread waits while the first one writes.

The second thread only looks at the clock, again and again: the longest time
between two looks is the longest time that it had no turn.
"""

import collections
import itertools
import threading
import time

import clock
from common import BenchError, Work, numbers

BLOCK = 8 * 1024 * 1024     # bytes of messages, then the records are dropped
#: Seconds that the second thread looks.  With Python 3 each call of the first
#: one may wait for it, 5 ms: a slice of many calls would take minutes.
PATIENCE = 1.0

_map = getattr(itertools, 'imap', map)
# Not of clock.py, which lets go of the GIL on 2.7, by ctypes.
_now = getattr(time, 'monotonic', time.time)


class Watcher(threading.Thread):
    """Looks at the clock until stop()."""

    def __init__(self):
        threading.Thread.__init__(self)
        self.daemon = True
        self.longest = 0.0      # in seconds
        self.last = 0.0
        self.turns = 0
        self._ready = threading.Event()
        self._ended = False

    def run(self):
        this = self.last = begin = _now()
        self._ready.set()
        while not self._ended and this - begin < PATIENCE:
            this = _now()
            self.longest = max(self.longest, this - self.last)
            self.last = this
            self.turns += 1
        self._ended = True

    def begin(self):
        self.start()
        self._ready.wait()

    def stop(self):
        """Also what it waited last, until now, is a wait."""
        if not self._ended:
            self.longest = max(self.longest, _now() - self.last)
        self._ended = True
        self.join()


def _loop(write, message, count):
    for _ in numbers(count):
        write(message)


def _imap(write, message, count):
    collections.deque(_map(write, itertools.repeat(message, count)), 0)


WAYS = {'loop': _loop, 'imap': _imap}


class Fairness(object):
    """A second thread's turns while messages of *size* bytes are written,
    in a loop of Python code or by itertools.imap: *way* is a key of WAYS."""

    def __init__(self, kind, certs, way, size):
        if way not in WAYS:
            raise BenchError('unknown way: %s' % (way,))
        work = Work(certs, 'TLSv1.3')
        self.write_all = WAYS[way]
        self.message = b'x' * int(size)
        self.block = max(1, BLOCK // len(self.message))
        self.contexts = kind.Contexts(work)
        self.pair = self.contexts.connect()
        self.pair.settle(work)

    def run(self, count):
        """Write *count* messages; returns the longest time in ns that the
        second thread had no turn, and how many it had."""
        watcher = Watcher()
        watcher.begin()
        start = clock.wall()
        left = count
        while left:
            block = min(left, self.block)
            self.write_all(self.pair.client.write, self.message, block)
            self.pair.client_out.read()
            left -= block
        wall = clock.wall() - start
        watcher.stop()
        return {'longest': watcher.longest * 1e9, 'turns': watcher.turns,
                'wall': wall}
