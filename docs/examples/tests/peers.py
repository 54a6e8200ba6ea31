"""What the examples talk to in their tests: the standard library's SSLSocket,
which does its I/O itself, and the examples' own programs as processes."""

import contextlib
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.dirname(HERE)
CERTS = os.path.join(os.path.dirname(os.path.dirname(EXAMPLES)),
                     'Lib_tests', 'certs')
#: An end without close_notify is an error; 3.9 sets this without naming it.
IGNORE_EOF = getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0x80)
HAS_TLSv1_3 = getattr(ssl, 'HAS_TLSv1_3', False)
PATIENCE = 50       # seconds for each step; none takes long


def cert(name):
    """Path of a certificate in Lib_tests/certs."""
    return os.path.join(CERTS, name + '.pem')


def listener(patience=PATIENCE):
    """A listening socket on a free port."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(('127.0.0.1', 0))
    sock.listen(50)
    sock.settimeout(patience)
    return sock


def socketpair():
    """Two connected sockets, as socket.socket(), with a time limit."""
    pair = socket.socketpair()
    if not isinstance(pair[0], socket.socket):      # 2.7
        pair = [socket.socket(_sock=sock) for sock in pair]
    for sock in pair:
        sock.settimeout(PATIENCE)
    return pair


def refusing_port():
    """A port of 127.0.0.1 at which nobody listens."""
    with contextlib.closing(listener()) as sock:
        return sock.getsockname()[1]


@contextlib.contextmanager
def silent_port():
    """A port of 127.0.0.1 that does not answer: its queue is full."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    waiting = []
    try:
        sock.bind(('127.0.0.1', 0))
        sock.listen(0)
        port = sock.getsockname()[1]
        while True:
            waiting.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            waiting[-1].settimeout(0.5)
            try:
                waiting[-1].connect(('127.0.0.1', port))
            except socket.timeout:
                break
            assert len(waiting) < 20, 'the queue has no end'
        yield port
    finally:
        for each in waiting + [sock]:
            each.close()


def resolved(*ports):
    """A getaddrinfo() for which a host has these addresses, in this order:
    None is of a family that nobody has, a port is one of 127.0.0.1."""
    def getaddrinfo(host, port, *args, **keywords):
        return [(socket.AF_INET if port else 4711, socket.SOCK_STREAM, 0, '',
                 ('127.0.0.1', port or 1)) for port in ports]
    return getaddrinfo


@contextlib.contextmanager
def hanging_up(sock):
    """The connection of *sock* ends with the block, whoever refers to it: a
    traceback may, and an SSLSocket may have taken it over."""
    guard = socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM)
    try:
        yield
    finally:
        try:
            guard.shutdown(socket.SHUT_RDWR)
        except socket.error:            # the other end was faster
            pass
        guard.close()


class Peer(threading.Thread):
    """Accepts *count* connections on a free port, one after the other, and
    hands each raw socket to *function*.  What that raises is raised where
    the block is left."""

    def __init__(self, function, count=1, patience=PATIENCE):
        threading.Thread.__init__(self)
        self.daemon = True
        self.function, self.count, self.error = function, count, None
        self.results = []
        self.listener = listener(patience)
        self.port = self.listener.getsockname()[1]

    def run(self):
        try:
            for _ in range(self.count):
                sock = self.listener.accept()[0]
                sock.settimeout(PATIENCE)
                with contextlib.closing(sock), hanging_up(sock):
                    self.results.append(self.function(sock))
        except Exception as error:
            self.error = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *details):
        self.join(PATIENCE)
        self.listener.close()
        assert details[0] or not self.is_alive(), 'the peer does not end'
        if self.error is not None and details[0] is None:
            raise self.error


def server_context(name='server', protocols=()):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert(name))
    context.options &= ~IGNORE_EOF
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def client_context(ca='ca', protocols=()):
    context = ssl.create_default_context(cafile=cert(ca))
    context.options &= ~IGNORE_EOF
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def wrapped(sock, **options):
    """*sock* as an SSLSocket of a server, for one that has not been used."""
    return server_context(**options).wrap_socket(
        sock, server_side=True, suppress_ragged_eofs=False)


def read_until(sock, end):
    """Bytes up to *end*, one by one so that none too many is read."""
    data = b''
    while not data.endswith(end):
        byte = sock.recv(1)
        if not byte:
            raise AssertionError('ended after %r' % (data,))
        data += byte
    return data


def run(program, *args, **options):
    """Run an example to its end.  Returns (status, output, errors)."""
    process = subprocess.Popen(
        [sys.executable, '-B', os.path.join(EXAMPLES, program)] +
        [str(arg) for arg in args], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        output, errors = process.communicate()
    finally:
        watchdog.cancel()
    return process.returncode, output.decode(), errors.decode()


class Server(object):
    """An example that serves, as a process of its own, until the block is
    left.  Attributes: port; afterwards output, all that it printed."""

    def __init__(self, program, *args, **options):
        start = [os.path.join(EXAMPLES, program)]
        if 'code' in options:       # instead of just running the program
            start = ['-c', options['code']]
        self.argv = [sys.executable, '-B'] + start
        self.argv += [str(arg) for arg in args]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()
        line = self.process.stdout.readline().decode()
        match = re.match(r'listening on port (\d+)$', line.strip())
        if not match:
            self.__exit__()
            raise AssertionError('not listening: %s' % self.output)
        self.port = int(match.group(1))
        return self

    def __exit__(self, *details):
        if self.process.poll() is None:
            self.process.terminate()
        self.output = self.process.stdout.read().decode()
        self.process.stdout.close()
        self.process.stdin.close()
        self.process.wait()
        self.watchdog.cancel()


def wait_for(condition, seconds=PATIENCE):
    """Wait until *condition* () is true."""
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, 'it does not happen'
        time.sleep(0.02)


def reset(sock):
    """Close *sock* with a RST, as after a crash."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
    raw = getattr(sock, '_sock', None)      # Python 2 counts references
    sock.close()
    if raw is not None:
        raw.close()


def try_call(call, *args):
    """The result of a send() or recv() of an SSLSocket that is non-blocking
    or has a short timeout; 0 or None if it has to wait."""
    try:
        return call(*args)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError, socket.timeout):
        return None
    except ssl.SSLError as error:
        if 'timed out' not in str(error):       # Python 2's timeout
            raise
        return None
