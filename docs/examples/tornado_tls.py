"""tornado 5.1.1's IOStream over SSLObject instead of SSLSocket.

    import tornado_tls
    tornado_tls.install()       # from then on, all of tornado's TLS is this

or, for a stream alone, give SSLIOStream what wrap() returns.  A stream, its
start_tls() and the servers need not know: a MemorySocket has what tornado
uses of an SSLSocket that does not block.  *sock* of it may be anything that
has recv(), send() and fileno(), such as another MemorySocket; and half of
the connection can be closed.  The words "Gotcha N" refer to the list in
docs/examples.md.
"""

import errno
import ssl

from tornado import netutil

from pep543.records import Records

_BLOCKING = (errno.EAGAIN, errno.EWOULDBLOCK)
RECORD = 16384          # bytes: the most that one TLS record carries


class MemorySocket(object):
    """An end of TLS over *sock*, which does not block.

    context: ssl.SSLContext.  options: those of SSLContext.wrap_bio().
    suppress_ragged_eofs: as for an SSLSocket, an end of *sock* without
    close_notify looks like any other (Gotcha 4): the length has to come
    from HTTP.  ssl.SSLWantReadError and SSLWantWriteError say what to wait
    for.  What is not about TLS is the attribute of *sock*.
    """

    def __init__(self, sock, context, suppress_ragged_eofs=True, **options):
        self._sock, self.context = sock, context
        self.suppress_ragged_eofs = suppress_ragged_eofs
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing,
                                     **options)
        self._records, self._unsent, self._accepted = Records(), b'', None

    def __getattr__(self, name):
        if name in ('cipher', 'compression', 'getpeercert', 'pending',
                    'selected_alpn_protocol', 'selected_npn_protocol',
                    'version'):
            return getattr(self._tls, name)
        return getattr(self._sock, name)

    def _flush(self):
        """Send what is to be sent; False if something is left."""
        self._unsent += self._outgoing.read()
        while self._unsent:
            try:
                sent = self._sock.send(self._unsent)
            except ssl.SSLWantWriteError:
                return False
            except EnvironmentError as error:
                if error.errno not in _BLOCKING:
                    raise
                return False
            self._unsent = self._unsent[sent:]
        return True

    def _alert(self):
        """Gotcha 1: the peer hears why.  A function of its own, or Python
        2.7's "raise" would raise what is caught here."""
        try:
            self._flush()
        except EnvironmentError:
            pass                        # it is gone

    def _receive(self):
        """Receive some of the record that has begun, and no more: what is
        left in memory would not make the socket readable (Gotcha 8)."""
        try:
            data = self._sock.recv(self._records.size)
        except EnvironmentError as error:
            if error.errno not in _BLOCKING:
                raise
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ,
                                       'nothing has come yet')
        if data:
            self._records.take(data)
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _run(self, call, *args):
        """The result of *call*, with the I/O that it takes."""
        while True:
            try:
                return call(*args)
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
            except ssl.SSLError:
                self._alert()
                raise

    def _sent(self):
        if not self._flush():
            raise ssl.SSLWantWriteError(ssl.SSL_ERROR_WANT_WRITE,
                                        'the socket takes no more now')

    def do_handshake(self):
        self._sent()
        self._run(self._tls.do_handshake)
        self._sent()

    def recv_into(self, buffer, nbytes=None):
        try:
            size = self._run(self._tls.read, nbytes or len(buffer), buffer)
            self._flush()
            return size
        except ssl.SSLZeroReturnError:      # both have closed
            return 0
        except ssl.SSLEOFError:
            if not self.suppress_ragged_eofs:
                raise
            return 0

    def recv(self, size):
        target = bytearray(size)
        return bytes(target[:self.recv_into(target)])

    read = recv

    def send(self, data):
        """How many bytes of *data* were sent.  After SSLWantWriteError it
        has to be called with the same data, as OpenSSL wants it, too."""
        if self._accepted is None:
            self._sent()
            self._accepted = self._run(self._tls.write,
                                       memoryview(data)[:RECORD])
        self._sent()
        count, self._accepted = self._accepted, None
        return count

    def half_close(self):
        """Say close_notify.  The peer's may come later: until then, reading
        goes on."""
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self._sent()

    def close(self):
        """Without close_notify, as tornado does it: half_close() first."""
        self._sock.close()


def wrap(sock, ssl_options, server_hostname=None, server_side=False,
         do_handshake_on_connect=False, suppress_ragged_eofs=True):
    """tornado.netutil.ssl_wrap_socket(), with a MemorySocket."""
    context = netutil.ssl_options_to_context(ssl_options)
    options = {} if server_side else {'server_hostname': server_hostname}
    return MemorySocket(sock, context, suppress_ragged_eofs,
                        server_side=server_side, **options)


def install():
    """All of tornado that wraps sockets uses wrap() from now on."""
    from tornado import iostream, tcpserver
    for module in (netutil, iostream, tcpserver):
        module.ssl_wrap_socket = wrap
