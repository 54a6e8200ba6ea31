"""What the threads of soak27.py share."""

import collections
import contextlib
import gc
import ssl
import threading
import time
import traceback

import tls

PATIENCE = 60           # seconds for the threads to come to an end


class Wrong(Exception):
    """A byte is missing, changed or too many; a thread does not end."""


class Tally(object):
    """What all threads did."""

    def __init__(self):
        self.lock = threading.Lock()
        self.scenes = collections.Counter()
        self.bytes = collections.Counter()
        self.errors = []
        self.refused = collections.Counter()
        self.connections = 0
        self.signals = 0

    def scene(self, name):
        with self.lock:
            self.scenes[name] += 1

    def connection(self):
        with self.lock:
            self.connections += 1

    def add(self, what, count):
        with self.lock:
            self.bytes[what] += count

    def refusal(self, error):
        with self.lock:
            self.refused[type(error).__name__] += 1

    def refuses(self, call, what):
        """The exception of *call* counts as a refusal; *what* it is if there
        is none."""
        try:
            call()
        except ssl.SSLError as error:
            self.refusal(error)
        else:
            raise Wrong(what)

    def error(self):
        with self.lock:
            if len(self.errors) < 10:
                self.errors.append(traceback.format_exc())


class Gate(object):
    """Threads play scenes inside; one thread can have them all outside."""

    def __init__(self):
        self.change = threading.Condition()
        self.inside = 0
        self.closed = False

    @contextlib.contextmanager
    def scene(self):
        with self.change:
            while self.closed:
                self.change.wait()
            self.inside += 1
        try:
            yield
        finally:
            with self.change:
                self.inside -= 1

    @contextlib.contextmanager
    def alone(self):
        """No other thread is in a scene, so none is inside of OpenSSL."""
        with self.change:
            self.closed = True
        try:
            end = time.time() + PATIENCE
            while self.inside:
                if time.time() > end:
                    raise Wrong('a scene does not end')
                time.sleep(0.001)
            yield
        finally:
            with self.change:
                self.closed = False
                self.change.notify_all()


class Contexts(object):
    """Contexts that scenes share while they are changed."""

    def __init__(self, tally):
        self.tally = tally
        self.servers = self.each(tls.server_context, 'ecdsa')
        self.others = self.each(tls.server_context, 'ecdsa')
        self.clients = self.each(tls.client_context)
        self.strangers = self.each(tls.client_context, 'wrongca')
        for version, context in self.servers.items():
            context.set_servername_callback(self.swap(version))

    @staticmethod
    def each(make, *args):
        return dict((version, make(version, *args))
                    for version in tls.VERSIONS)

    def swap(self, version):
        def callback(obj, name, context):
            # It calls its own connection, and others, as programs do.
            self.tally.refuses(obj.do_handshake,
                               'a call in its own callback was let in')
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
