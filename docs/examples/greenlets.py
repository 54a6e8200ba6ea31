"""TLS on the sockets of gevent and eventlet, or on anything like a socket.

    import gevent.lock, gevent.socket
    sock = gevent.socket.create_connection(address)
    tls = TLSSocket(sock, context, gevent.lock.RLock(),
                    server_hostname='localhost')
    tls.sendall(b'hello')

Nothing here waits but sock.recv() and sock.sendall(), in which green sockets
let others run.  *sock* may be a TLSSocket itself: TLS in TLS.  For a server,
give server_side=True.  The words "Gotcha N" refer to the list in
docs/examples.md.
"""

import ssl

CHUNK = 65536           # bytes received at once
RECORD = 16384          # bytes: the most that one TLS record carries


class NoLock(object):
    """For a connection that only one greenlet at a time uses."""

    def __enter__(self):
        pass

    def __exit__(self, *details):
        pass


class TLSSocket(object):
    """A connection over *sock*, after its handshake.

    sock: has recv(size), sendall(data), close().  context: ssl.SSLContext.
    lock: one of the library's, by which one greenlet may read while another
    writes; without it, one at a time may do either.  options: those of
    SSLContext.wrap_bio().  Errors: those of ssl, and of *sock*.

    Gotcha 9: it is for greenlets, which change places while they wait.
    Threads would have to lock each call.
    """

    def __init__(self, sock, context, lock=None, **options):
        self.sock, self._lock = sock, lock or NoLock()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, **options)
        self._run(self.tls.do_handshake)        # Gotcha 2

    def _send(self):
        # Who sends next must not overtake: records have an order.
        with self._lock:
            data = self._outgoing.read()
            if data:
                self.sock.sendall(data)

    def _alert(self):
        """Gotcha 1: the peer hears why.  A function of its own, or Python
        2.7's "raise" would raise what is caught here."""
        try:
            self._send()
        except EnvironmentError:
            pass                        # it is gone

    def _run(self, call, *args):
        """The result of *call*, with the I/O that it takes."""
        while True:
            try:
                result = call(*args)
            except ssl.SSLWantReadError:
                self._send()
            except ssl.SSLError:
                self._alert()
                raise
            else:
                self._send()
                return result
            data = self.sock.recv(CHUNK)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()      # Gotcha 4

    def recv(self, size):
        """Up to *size* bytes; b'' after the peer's close_notify.
        ssl.SSLEOFError if the connection ended without one."""
        try:
            return self._run(self.tls.read, size)
        except ssl.SSLZeroReturnError:          # both have closed
            return b''

    def sendall(self, data):
        """Send *data* (bytes), record by record.  Gotcha 7: so that no more
        than one is kept in memory; and others get their turn."""
        view = memoryview(data)
        while len(view):
            view = view[self._run(self.tls.write, view[:RECORD]):]

    def unwrap(self):
        """Say close_notify and wait for the peer's; what it sends until then
        is dropped.  Returns what was wrapped."""
        try:
            self.tls.unwrap()
        except ssl.SSLError as error:
            if not isinstance(error, ssl.SSLWantReadError) and \
                    error.reason != 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY':
                raise
            # Gotcha 3: unwrap() fails on data that has not been read.
            while self.recv(RECORD):
                pass
            self._run(self.tls.unwrap)
        else:
            self._send()
        return self.sock

    def close(self):
        """Without close_notify: unwrap() first."""
        self.sock.close()
