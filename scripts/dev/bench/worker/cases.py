"""The cases of one thread: what is opened, and what one operation is."""

import ctypes
import gc

import clock
from common import BenchError, Work, numbers

FILL_SIZE = 16384       # of the writes that make a backlog
BLOCK = 256             # writes that are timed together


def timed(operate, count):
    """Do operate(*count*) after a little of it to warm the caches; returns
    its CPU and wall-clock time in ns."""
    operate(count // 20 + 1)
    wall = clock.wall()
    cpu = clock.cpu()
    operate(count)
    cpu = clock.cpu() - cpu
    return {'cpu': cpu, 'wall': clock.wall() - wall}


class Bulk(object):
    """Messages of *size* bytes on one verified connection."""

    def __init__(self, kind, certs, version, size):
        work = Work(certs, version)
        self.message = b'x' * int(size)
        self.contexts = kind.Contexts(work)
        self.pair = self.contexts.connect()
        self.pair.settle(work)
        last = self.pair.transfer(self.message, 1)
        if self.message[-len(last):] != last:
            raise BenchError('the bytes are not those sent')

    def operate(self, count):
        self.pair.transfer(self.message, count)

    def run(self, count):
        return timed(self.operate, count)


class Handshake(object):
    """Full handshakes; *key* is rsa or ecdsa, *host* yes or no."""

    def __init__(self, kind, certs, version, key, host):
        work = Work(certs, version, key, host == 'yes')
        self.contexts = kind.Contexts(work)
        self.contexts.connect().settle(work)

    def operate(self, count):
        connect = self.contexts.connect
        for _ in numbers(count):
            connect()

    def run(self, count):
        return timed(self.operate, count)


class Bio(object):
    """write() and read() of *size* bytes on a MemoryBIO that holds
    *backlog* bytes."""

    def __init__(self, backlog, size):
        import ssl
        self.bio = ssl.MemoryBIO()
        self.message = b'x' * int(size)
        fill = b'x' * FILL_SIZE
        backlog = int(backlog)
        while backlog:
            backlog -= self.bio.write(fill[:backlog])
        if self._once() != self.message:
            raise BenchError('the bytes are not those written')

    def _once(self):
        self.bio.write(self.message)
        return self.bio.read(len(self.message))

    def operate(self, count):
        write, read = self.bio.write, self.bio.read
        message, size = self.message, len(self.message)
        for _ in numbers(count):
            write(message)
            read(size)

    def run(self, count):
        return timed(self.operate, count)


class Writes(Bio):
    """write() alone: a read behind every block of writes, which is not
    timed, keeps the backlog as it is."""

    def run(self, count):
        write, message, clock_now = self.bio.write, self.message, clock.cpu
        total, done = 0.0, 0
        while done < count:
            start = clock_now()
            for _ in numbers(BLOCK):
                write(message)
            total += clock_now() - start
            self.bio.read(BLOCK * len(message))
            done += BLOCK
        return {'cpu': total, 'count': done}


class Memcpy(object):
    """Two copies of *size* bytes, by ctypes: what the C program's figure is
    compared with, to see that it is true."""

    def __init__(self, size):
        self.size = int(size)
        self.buffers = [ctypes.create_string_buffer(b'x' * self.size)
                        for _ in range(3)]
        self.copy = ctypes.CDLL(None).memcpy
        self.copy.restype = None
        self.copy.argtypes = [ctypes.c_void_p, ctypes.c_void_p,
                              ctypes.c_size_t]

    def operate(self, count):
        one, two, three = [ctypes.addressof(item) for item in self.buffers]
        copy, size = self.copy, self.size
        for _ in numbers(count):
            copy(two, one, size)
            copy(three, two, size)

    def run(self, count):
        return timed(self.operate, count)


class Memory(object):
    """Resident memory of *pairs* idle connections, and after *burst* bytes
    went each way through each of them, one pair after the other."""

    def __init__(self, kind, certs, pairs, burst):
        self.work = Work(certs, 'TLSv1.3')
        self.contexts = kind.Contexts(self.work)
        self.count = int(pairs)
        self.message = b'x' * int(burst)
        self.pairs = []

    def _pair(self):
        pair = self.contexts.connect()
        pair.settle(self.work)
        return pair

    def _burst(self, pair):
        pair.transfer(self.message, 1)
        pair.transfer_back(self.message, 1)

    def run(self, count):
        first = self._pair()
        self._burst(first)              # what is there once only
        gc.collect()
        trim = ctypes.CDLL(None).malloc_trim
        trim(0)
        base = clock.resident()

        def each():
            gc.collect()
            return (clock.resident() - base) / float(self.count)

        for _ in range(self.count):
            self.pairs.append(self._pair())
        idle = each()
        for pair in self.pairs:
            self._burst(pair)
        burst = each()
        trim(0)
        return {'pairs': self.count, 'idle': idle, 'after_burst': burst,
                'trimmed': each()}
