"""TLS connections in memory: contexts, both ends, and the pump between them.

Runs unchanged on Python 2.7 and 3.  Every loop is bounded: a connection that
does not progress fails the test instead of hanging it.
"""

import gc
import os
import ssl
import sys

PY2 = sys.version_info[0] == 2
text_type = type(u'')

VERSIONS = ('TLSv1.2', 'TLSv1.3')
CERTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'certs')


def _has_queue():
    bio, data = ssl.MemoryBIO(), b'x' * 4096
    bio.write(data)
    return bio.read() is data


# Group hardening is there: a MemoryBIO is a queue of its own, no BIO of
# OpenSSL, and gives back a long str as it got it.
HARDENING = _has_queue()
# Group performance is there: what SSLObject inherits is in C, and calls of a
# MemoryBIO need no tuple.
PERFORMANCE = PY2 and hasattr(ssl._ssl, '_direct_method')

# The most calls a conversation below may need before it counts as stuck.
ROUNDS = 30


def is_openssl():
    """Is the library OpenSSL itself, and none that is like it?"""
    return ssl.OPENSSL_VERSION.startswith('OpenSSL ')


def cert(name):
    """Path of a certificate made by certs/make_certs.py."""
    return os.path.join(CERTS, name + '.pem')


def new_context(version=None):
    """A context for *version* only ('TLSv1.2', 'TLSv1.3') or, by default,
    for both.  Python 2.7 has no minimum_version: the options do it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS)
    context.options |= (ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1 |
                        ssl.OP_NO_TLSv1_1)
    if version == 'TLSv1.2':
        context.options |= ssl.OP_NO_TLSv1_3
    elif version == 'TLSv1.3':
        context.options |= ssl.OP_NO_TLSv1_2
    elif version is not None:
        raise ValueError('unknown TLS version %r' % (version,))
    return context


def server_context(version=None, name='server', client_ca=None):
    """A server's context; with *client_ca* it demands a certificate."""
    context = new_context(version)
    context.load_cert_chain(cert(name))
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cert(client_ca))
    return context


def client_context(version=None, ca='ca', check_hostname=False, name=None):
    """A client's context; *ca* None accepts every certificate, *name* is the
    client's own certificate."""
    context = new_context(version)
    if ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cert(ca))
    context.check_hostname = check_hostname
    if name is not None:
        context.load_cert_chain(cert(name))
    return context


class End(object):
    """One end: its SSLObject, its two BIOs and the bytes it has sent."""

    def __init__(self, context, incoming=None, outgoing=None, **options):
        self.incoming = ssl.MemoryBIO() if incoming is None else incoming
        self.outgoing = ssl.MemoryBIO() if outgoing is None else outgoing
        self.obj = context.wrap_bio(self.incoming, self.outgoing, **options)
        self.sent = 0

    def flush_to(self, other, chunk=None):
        """Carry what waits in outgoing to *other*'s incoming, at most
        *chunk* bytes at a time; returns the number of bytes carried."""
        if self.outgoing is other.incoming:
            return 0
        total = 0
        while self.outgoing.pending:
            data = self.outgoing.read(-1 if chunk is None else chunk)
            count = other.incoming.write(data)
            assert count == len(data)
            total += count
        self.sent += total
        return total


class Connection(object):
    """A client and a server whose bytes pass through memory only.

    With *crossed*, each one's outgoing BIO is the other's incoming one;
    otherwise there are four BIOs and flush() carries the bytes.
    """

    def __init__(self, version=None, client=None, server=None,
                 server_hostname=None, crossed=False, chunk=None):
        client = client_context(version) if client is None else client
        server = server_context(version) if server is None else server
        self.chunk = chunk
        a, b = (ssl.MemoryBIO(), ssl.MemoryBIO()) if crossed else (None, None)
        self.client = End(client, a, b, server_hostname=server_hostname)
        self.server = End(server, b, a, server_side=True)

    def peer_of(self, end):
        return self.server if end is self.client else self.client

    def flush(self):
        """Carry all bytes both ways; returns how many there were."""
        return (self.client.flush_to(self.server, self.chunk) +
                self.server.flush_to(self.client, self.chunk))

    def step(self, end, function, *args):
        """Call *function*; its result, or None for SSLWantReadError.  What
        it produced is carried over even when it raises."""
        try:
            return function(*args)
        except ssl.SSLWantReadError:
            return None
        finally:
            end.flush_to(self.peer_of(end), self.chunk)

    def handshake(self):
        """Complete the handshake on both ends with do_handshake()."""
        waiting = [self.client, self.server]
        for _ in range(ROUNDS):
            for end in list(waiting):
                try:
                    end.obj.do_handshake()
                    waiting.remove(end)
                except ssl.SSLWantReadError:
                    pass
                finally:
                    end.flush_to(self.peer_of(end), self.chunk)
            if not waiting:
                return self
        raise AssertionError('the handshake does not end')

    def settle(self):
        """Let the client read the session tickets that TLS 1.3 sends after
        the handshake, so that incoming is empty on both ends."""
        self.flush()
        try:
            data = self.client.obj.read()
        except ssl.SSLWantReadError:
            pass
        else:
            raise AssertionError('unexpected data: %r' % (data,))
        assert self.client.incoming.pending == 0
        assert self.server.incoming.pending == 0
        return self

    def established(self):
        """Complete the handshake and read the tickets."""
        return self.handshake().settle()

    def send(self, sender, data):
        """Write *data* on one end and read it all on the other."""
        assert sender.obj.write(data) == len(data)
        self.flush()
        return self.receive(self.peer_of(sender), len(data))

    def receive(self, end, size):
        """Read exactly *size* bytes."""
        received = b''
        for _ in range(size + ROUNDS):
            if len(received) == size:
                return received
            received += end.obj.read(size - len(received))
        raise AssertionError('data missing')

    def close(self):
        """Exchange close_notify: the client begins, both finish."""
        self.step(self.client, self.client.obj.unwrap)
        self.server.obj.unwrap()
        self.flush()
        self.client.obj.unwrap()
        return self

    def close_one(self, end):
        """*end* says close_notify; the other has received but not read it."""
        try:
            end.obj.unwrap()
        except ssl.SSLWantReadError:
            pass
        else:
            raise AssertionError('unwrap() returned before the peer closed')
        end.flush_to(self.peer_of(end), self.chunk)
        return self


def records(data):
    """Split a flight into its TLS records, the 5 byte headers included."""
    found = []
    start = 0
    while start < len(data):
        high, low = bytearray(data[start + 3:start + 5])
        end = start + 5 + (high << 8) + low
        assert end <= len(data), 'truncated record'
        found.append(data[start:end])
        start = end
    return found


def forget_errors():
    """Let go of handled errors, whose tracebacks hold arguments: Python 2.7
    keeps the last one, and pytest.raises() makes cycles."""
    if PY2:
        sys.exc_clear()
    gc.collect()


def hello_extensions(flight):
    """The extensions of the ClientHello that *flight* is: {number: bytes}."""
    body = bytearray(records(flight)[0][5 + 4 + 2 + 32:])

    def take(data, width):
        # An item with its length in front: the item, and what follows it.
        size = 0
        for byte in data[:width]:
            size = size << 8 | byte
        assert len(data) >= width + size
        return data[width:width + size], data[width + size:]

    for width in (1, 2, 1):         # session, ciphers, compression
        _, body = take(body, width)
    rest, _ = take(body, 2)
    found = {}
    while rest:
        number = rest[0] << 8 | rest[1]
        content, rest = take(rest[2:], 2)
        found[number] = bytes(content)
    return found
