"""All that connections over memory BIOs can do, at once, in one process.

    python2.7 soak27.py LIB_TESTS SECONDS SEED

Threads play scenes, each a connection of its own, chosen at random; the main
thread takes signals, has certificates loaded anew and forks.  A scene checks
every byte.  Each line of the output is JSON: a sample, {"seconds", "rss",
"descriptors"}, or, in the end, {"scenes", "bytes", "errors", ...}.

The last argument may be "lose": then a byte is lost on purpose.
"""

from __future__ import print_function

import collections
import gc
import json
import os
import random
import signal
import sys
import threading
import time
import traceback

sys.path.insert(0, sys.argv[1])

import ssl  # noqa: E402

import renegotiation  # noqa: E402
import tls  # noqa: E402

WORKERS = 4
LARGEST = 300000        # bytes of one write
EVERY = 1.0             # seconds between two samples
PATIENCE = 60           # seconds for the threads to end
LOSE = sys.argv[4:] == ['lose']


class Wrong(Exception):
    """A byte is missing, changed or too many."""


class Tally(object):
    """What all threads did."""

    def __init__(self):
        self.lock = threading.Lock()
        self.scenes = collections.Counter()
        self.bytes = collections.Counter()
        self.errors = []
        self.refused = collections.Counter()

    def scene(self, name):
        with self.lock:
            self.scenes[name] += 1

    def add(self, what, count):
        with self.lock:
            self.bytes[what] += count

    def refusal(self, error):
        with self.lock:
            self.refused[type(error).__name__] += 1

    def error(self):
        with self.lock:
            if len(self.errors) < 10:
                self.errors.append(traceback.format_exc())


class Contexts(object):
    """Contexts that scenes share while they are changed."""

    def __init__(self, tally):
        self.tally = tally
        self.servers = dict((version, tls.server_context(version, 'ecdsa'))
                            for version in tls.VERSIONS)
        self.others = dict((version, tls.server_context(version, 'ecdsa'))
                           for version in tls.VERSIONS)
        self.clients = dict((version, tls.client_context(version))
                            for version in tls.VERSIONS)
        for version, context in self.servers.items():
            context.set_servername_callback(self.swap(version))

    def swap(self, version):
        def callback(obj, name, context):
            # It calls its own connection, and others, as programs do.
            try:
                obj.do_handshake()
            except ssl.SSLError as error:
                self.tally.refusal(error)
            else:
                raise Wrong('a call in its own callback was let in')
            gc.collect(0)
            obj.context = self.others[version]
        return callback

    def reload(self, number):
        """Change what new and running handshakes use."""
        version = tls.VERSIONS[number % 2]
        for context in (self.servers[version], self.others[version]):
            context.load_cert_chain(tls.cert('ecdsa'))
            context.set_ciphers('DEFAULT' if number % 3 else 'HIGH:!aNULL')
        self.clients[version].load_verify_locations(tls.cert('ca'))


class Scene(object):
    """One connection, and what happens on it."""

    def __init__(self, contexts, tally, rng):
        self.contexts = contexts
        self.tally = tally
        self.rng = rng
        self.version = rng.choice(tls.VERSIONS)
        self.connection = tls.Connection(
            client=contexts.clients[self.version],
            server=contexts.servers[self.version],
            server_hostname='localhost', crossed=rng.random() < 0.3,
            chunk=rng.choice((None, None, 1000, 17000)))
        self.client = self.connection.client
        self.server = self.connection.server

    def payload(self):
        size = self.rng.choice((1, 100, 1023, 1024, 5000, 16384, 16385,
                                self.rng.randrange(1, LARGEST)))
        start = self.rng.randrange(256)
        return bytes(bytearray((start + i) & 255
                               for i in range(min(size, 251)))) * (
            size // 251 + 1)

    def read(self, end, count):
        """*count* bytes that *end* reads; what waits is carried to it."""
        parts, left = [], count
        while left:
            try:
                data = end.obj.read(self.rng.choice((1, 1000, 16384, left)))
            except ssl.SSLWantReadError:
                if not self.connection.flush():
                    raise Wrong('{0} of {1} bytes are missing'.format(
                        left, count))
                continue
            if not data:
                raise Wrong('an early end')
            left -= len(data)
            parts.append(data)
        return b''.join(parts)

    def exchange(self, one, other):
        data = self.payload()
        if one.obj.write(data) != len(data):
            raise Wrong('a partial write')
        self.connection.flush()
        if LOSE:
            other.obj.read(1)
            data = data[:-1]
        if self.read(other, len(data)) != data:
            raise Wrong('other bytes than were written')
        if one.obj.pending() or other.obj.pending():
            raise Wrong('bytes too many')
        self.tally.add('passed', len(data))

    # The scenes

    def talk(self):
        self.connection.handshake()
        for _ in range(self.rng.randrange(1, 8)):
            ends = [self.client, self.server]
            self.rng.shuffle(ends)
            self.exchange(*ends)

    def close(self):
        """close_notify, with data of the peer still on its way."""
        self.talk()
        data = self.payload()
        self.server.obj.write(data)
        try:
            self.client.obj.unwrap()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            # It is here already, and unwrap() leaves it alone.
            if error.reason != 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY':
                raise
            self.tally.refusal(error)
        self.connection.flush()
        if self.read(self.client, len(data)) != data:
            raise Wrong('other bytes than were written')
        self.tally.add('passed', len(data))
        try:
            self.server.obj.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.connection.flush()
        self.client.obj.unwrap()

    def renegotiate(self):
        if self.version != 'TLSv1.2':
            return self.talk()
        self.connection.handshake()
        self.exchange(self.server, self.client)
        renegotiation.request(self.server.obj)
        self.connection.flush()
        self.exchange(self.client, self.server)
        self.exchange(self.server, self.client)

    def tamper(self):
        """What is read from a damaged stream is the start of what was
        written."""
        self.connection = tls.Connection(
            client=self.contexts.clients[self.version],
            server=self.contexts.servers[self.version],
            server_hostname='localhost')
        self.client, self.server = (self.connection.client,
                                    self.connection.server)
        self.connection.handshake()
        data = self.payload()
        self.server.obj.write(data)
        stream = bytearray(self.server.outgoing.read())
        place = self.rng.randrange(len(stream))
        how = self.rng.choice(('flip', 'cut', 'repeat', 'drop'))
        if how == 'flip':
            stream[place] ^= 1 << self.rng.randrange(8)
        elif how == 'cut':
            del stream[place:]
        elif how == 'repeat':
            stream[place:place] = stream[max(0, place - 50):place + 50]
        else:
            del stream[place:place + self.rng.randrange(1, 100)]
        self.client.incoming.write(bytes(stream))
        self.client.incoming.write_eof()
        parts = []
        try:
            while True:
                part = self.client.obj.read(self.rng.choice((1, 999, 16384)))
                if not part:
                    raise Wrong('a clean end after ' + how)
                parts.append(part)
        except ssl.SSLError as error:
            self.tally.refusal(error)
        if not data.startswith(b''.join(parts)):
            raise Wrong('invented bytes after ' + how)
        self.tally.add('before damage', sum(map(len, parts)))

    def share(self):
        """Two threads write to one connection, this one reads."""
        self.connection.handshake()
        size, count = 700, 30
        failed = []

        def write(letter):
            try:
                for _ in range(count):
                    self.client.obj.write(letter * size)
            except Exception:
                failed.append(traceback.format_exc())
        threads = [threading.Thread(target=write, args=(letter,))
                   for letter in (b'a', b'b')]
        for thread in threads:
            thread.start()
        got, running = [], True
        while running:
            running = any(thread.is_alive() for thread in threads)
            self.connection.flush()
            try:
                while True:
                    got.append(self.server.obj.read(size))
            except ssl.SSLWantReadError:
                pass
        for thread in threads:
            thread.join()
        self.connection.flush()
        if failed:
            raise Wrong(failed[0])
        rest = 2 * size * count - sum(map(len, got))
        got = b''.join(got) + (self.read(self.server, rest) if rest else b'')
        for start in range(0, len(got), size):
            if len(set(got[start:start + size])) != 1:
                raise Wrong('two writes are mixed')
        if got.count(b'a') != size * count:
            raise Wrong('a write is missing')
        self.tally.add('passed', len(got))

    def drop(self):
        """Left in the handshake, or with data that nobody reads."""
        try:
            self.client.obj.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.connection.flush()
        if self.rng.random() < 0.5:
            try:
                self.server.obj.do_handshake()
            except ssl.SSLWantReadError:
                pass

    SCENES = ('talk', 'talk', 'close', 'renegotiate', 'tamper', 'share',
              'drop')


class Worker(threading.Thread):

    def __init__(self, contexts, tally, seed, stop):
        threading.Thread.__init__(self)
        self.daemon = True
        self.contexts = contexts
        self.tally = tally
        self.rng = random.Random(seed)
        self.stop = stop

    def run(self):
        while not self.stop.is_set():
            name = self.rng.choice(Scene.SCENES)
            try:
                getattr(Scene(self.contexts, self.tally, self.rng), name)()
            except Exception:
                self.tally.error()
            self.tally.scene(name)


def in_child(contexts, seed):
    """A forked child has new connections like any other process.  Returns
    the exit status."""
    # The lock of the other one may belong to a thread that is not here.
    contexts.tally = tally = Tally()
    # Rather than to wait for ever.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)
    try:
        Scene(contexts, tally, random.Random(seed)).talk()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def fork(contexts, tally, seed):
    pid = os.fork()
    if pid == 0:
        os._exit(in_child(contexts, seed))
    while True:
        try:
            status = os.waitpid(pid, 0)[1]
            break
        except OSError:         # a signal
            continue
    if status:
        tally.errors.append('a forked child ended with {0}'.format(status))
    tally.scene('fork')


def sample(begin):
    with open('/proc/self/statm') as stream:
        pages = int(stream.read().split()[1])
    return {'seconds': round(time.time() - begin, 1),
            'rss': pages * os.sysconf('SC_PAGESIZE'),
            'descriptors': len(os.listdir('/proc/self/fd'))}


def main(seconds, seed):
    tally = Tally()
    contexts = Contexts(tally)
    signals = []
    signal.signal(signal.SIGALRM, lambda *args: signals.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    stop = threading.Event()
    workers = [Worker(contexts, tally, seed + number, stop)
               for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    rng = random.Random(seed - 1)
    begin = last = time.time()
    number = 0
    while time.time() - begin < seconds:
        number += 1
        try:
            Scene(contexts, tally, rng).talk()
            tally.scene('talk under signals')
            contexts.reload(number)
            tally.scene('reload')
            if number % 10 == 0:
                fork(contexts, tally, rng.random())
        except Exception:
            tally.error()
        if time.time() - last >= EVERY:
            last = time.time()
            gc.collect()
            print(json.dumps(sample(begin)))
            sys.stdout.flush()
    stop.set()
    for worker in workers:
        worker.join(PATIENCE)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps({
        'scenes': tally.scenes, 'bytes': tally.bytes,
        'refused': tally.refused, 'signals': len(signals),
        'stuck': sum(worker.is_alive() for worker in workers),
        'errors': tally.errors}))


if __name__ == '__main__':
    main(float(sys.argv[2]), int(sys.argv[3]))
