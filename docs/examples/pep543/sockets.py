"""Sockets on top of any TLSWrappedBuffer."""

import errno
import io
import select
import socket
import time

from pep543.errors import TLSError, WantReadError, WantWriteError
from pep543.records import Records

_clock = getattr(time, 'monotonic', time.time)      # 2.7 has no other
_BLOCKING = (errno.EAGAIN, errno.EWOULDBLOCK)
_CHUNK = 65536                  # bytes sent by one call


class TLSWrappedSocket(object):
    """A SOCK_STREAM socket that speaks TLS.  It has what sockets have; what
    is not about the stream (addresses, options) is the wrapped socket's.

    Blocking, with a timeout, which is for each call as a whole, or
    non-blocking: then WantReadError and WantWriteError say what to wait for.
    One thread at a time may use it (gotcha 9).

    No more is read from the network than the record needs that has begun,
    so that after unwrap() the socket has all that follows TLS.
    """

    def __init__(self, sock, buffer):
        self._socket, self._buffer = sock, buffer
        self._timeout = sock.gettimeout()
        self._records, self._files, self._closed = Records(), 0, False
        # Waiting is done here, by the deadline of the whole call.
        sock.settimeout(0.0)

    def __getattr__(self, name):
        if name in ('getpeername', 'getsockname', 'getsockopt', 'setsockopt',
                    'family', 'type', 'proto', 'fileno', 'bind', 'listen'):
            return getattr(self._socket, name)
        raise AttributeError('TLSWrappedSocket has no ' + name)

    # Waiting.

    def _deadline(self):
        return None if self._timeout is None else _clock() + self._timeout

    def _wait(self, deadline, write):
        """Until the socket is ready; socket.timeout after *deadline*."""
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT if write
                      else select.POLLIN)
        while True:
            left = None
            if deadline is not None:
                left = max(0, int(1000 * (deadline - _clock()) + 0.999))
            try:
                if poll.poll(left):
                    return
            except select.error as error:       # 2.7: a signal has come
                if error.args[0] != errno.EINTR:
                    raise
            if deadline is not None and _clock() >= deadline:
                raise socket.timeout('timed out')

    def _try(self, deadline, write, call, *args):
        """The result of *call*; None if it would block, and this socket is
        not to."""
        while True:
            try:
                return call(*args)
            except socket.error as error:
                if error.errno == errno.EINTR:
                    continue
                if error.errno not in _BLOCKING:
                    raise
            if self._timeout == 0:
                return None
            self._wait(deadline, write)

    # The network.

    def _send(self, deadline):
        """Send what is to be sent; False if something is left."""
        while self._buffer.bytes_buffered():
            sent = self._try(deadline, True, self._socket.send,
                             self._buffer.peek_outgoing(_CHUNK))
            if sent is None:
                return False
            self._buffer.consume_outgoing(sent)
        return True

    def _receive(self, deadline):
        """Receive some; False if nothing is there."""
        data = self._try(deadline, False, self._socket.recv,
                         self._records.size)
        if data is None:
            return False
        self._records.take(data)
        self._buffer.receive_from_network(data)
        return True

    def _alert(self):
        """Gotcha 1: the peer hears why, if that is possible at once.  A
        function of its own, or Python 2.7's "raise" would raise what is
        caught here."""
        try:
            self._send(_clock())
        except socket.error:
            pass

    def _run(self, call, *args):
        """The result of the buffer's *call*, with the I/O that it takes."""
        if self._closed:
            raise socket.error(errno.EBADF, 'the socket is closed')
        deadline = self._deadline()
        while True:
            wants_read = False
            try:
                result = call(*args)
            except WantReadError:
                wants_read = True
            except WantWriteError:
                pass
            except TLSError:
                self._alert()
                raise
            else:
                self._send(deadline)
                return result
            if not self._send(deadline):
                raise WantWriteError('the socket takes no more now')
            if wants_read and not self._receive(deadline):
                raise WantReadError('nothing has come yet')

    # TLS.

    def do_handshake(self):
        """Handshake, validation of the certificate and of the name.  After
        connect() or accept(), and before anything else."""
        self._run(self._buffer.do_handshake)

    def cipher(self):
        """The CipherSuite in use, or its number; None before the
        handshake."""
        return self._buffer.cipher()

    def negotiated_protocol(self):
        """NextProtocol or bytes, None if there is none."""
        return self._buffer.negotiated_protocol()

    @property
    def context(self):
        """The ClientContext or ServerContext."""
        return self._buffer.context

    @property
    def negotiated_tls_version(self):
        """The TLSVersion in use, None before the handshake."""
        return self._buffer.negotiated_tls_version

    def unwrap(self):
        """Say close_notify, wait for the peer's, and return the socket that
        was wrapped, for what follows in the clear.  What the peer sent
        before its close_notify can still be read."""
        self._run(self._buffer.shutdown)
        self._socket.settimeout(self._timeout)
        return self._socket

    # The stream.

    def recv(self, bufsize, flags=0):
        """Up to *bufsize* bytes; b'' after the peer's close_notify.
        RaggedEOF if the connection ended without one."""
        self._no(flags)
        return self._run(self._buffer.read, bufsize)

    def recv_into(self, buffer, nbytes=0, flags=0):
        self._no(flags)
        return self._run(self._buffer.readinto, buffer,
                         nbytes or len(memoryview(buffer)))

    def send(self, data, flags=0):
        """Send *data*, or its beginning; returns how many bytes.  What a
        non-blocking socket did not take is kept, up to the buffer's limit,
        and sent by the next call."""
        self._no(flags)
        return self._run(self._buffer.write, data)

    def sendall(self, data, flags=0):
        view = memoryview(data)
        if hasattr(view, 'cast'):
            view = view.cast('B')
        while len(view):
            view = view[self.send(view, flags):]

    def makefile(self, mode='r', buffering=-1, **options):
        """A file, as of io; *options* are those of io.TextIOWrapper, which
        Python 3 takes if *mode* has no "b"."""
        raw = _File(self, mode)
        if buffering == 0:
            return raw
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        kind = {(True, True): lambda raw, size: io.BufferedRWPair(
                    raw, raw, size),
                (True, False): io.BufferedReader,
                (False, True): io.BufferedWriter}
        file = kind[raw.readable(), raw.writable()](raw, size)
        if 'b' in mode or str is bytes:
            return file
        return io.TextIOWrapper(file, **options)

    # The connection.

    def connect(self, address):
        """As for any socket; do_handshake() is to be called next."""
        self._socket.settimeout(self._timeout)
        try:
            self._socket.connect(address)
        finally:
            self._socket.settimeout(0.0)

    def connect_ex(self, address):
        self._socket.settimeout(self._timeout)
        try:
            return self._socket.connect_ex(address)
        finally:
            self._socket.settimeout(0.0)

    def accept(self):
        """(TLSWrappedSocket, address); do_handshake() is to be called
        next."""
        accepted = self._try(self._deadline(), False, self._socket.accept)
        if accepted is None:
            raise WantReadError('nobody has connected yet')
        sock, address = accepted
        sock.settimeout(self._timeout)
        return self.context.wrap_socket(sock), address

    def settimeout(self, value):
        if value is not None and value < 0:
            raise ValueError('Timeout value out of range')
        self._timeout = value

    def gettimeout(self):
        return self._timeout

    def setblocking(self, flag):
        self._timeout = None if flag else 0.0

    def shutdown(self, how):
        """Close_notify is said if the sending half ends; the peer's is not
        waited for."""
        if how != socket.SHUT_RD:
            try:
                self._buffer.shutdown()
            except WantReadError:
                pass
            self._send(self._deadline())
        self._socket.shutdown(how)

    def close(self):
        """Without close_notify: unwrap() or shutdown() first.  The files of
        makefile() stay open."""
        self._closed = True
        if not self._files:
            self._socket.close()

    def detach(self):
        """The descriptor of the wrapped socket, which is the caller's."""
        self._closed = True
        return self._socket.detach()

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.close()

    # What there is not.

    def _no(self, flags):
        if flags:
            raise ValueError('no flags are possible with TLS')

    def _refused(self, *args, **options):
        raise TypeError('not with TLS')

    dup = sendto = recvfrom = recvfrom_into = sendmsg = recvmsg = _refused
    recvmsg_into = sendfile = _refused


class _File(io.RawIOBase):
    """The raw file of makefile(); the socket's end waits for its own."""

    def __init__(self, sock, mode):
        io.RawIOBase.__init__(self)
        if not set(mode) <= set('rwb') or not set(mode) & set('rw'):
            raise ValueError('invalid mode {!r}'.format(mode))
        self._sock, self._mode = sock, mode
        sock._files += 1

    def readable(self):
        return 'r' in self._mode

    def writable(self):
        return 'w' in self._mode

    def fileno(self):
        return self._sock.fileno()

    def _call(self, call, *args):
        closed, self._sock._closed = self._sock._closed, False
        try:
            return call(*args)
        except (WantReadError, WantWriteError):
            return None         # io's word for it
        finally:
            self._sock._closed = closed

    def readinto(self, buffer):
        return self._call(self._sock.recv_into, buffer)

    def write(self, data):
        return self._call(self._sock.send, data)

    def close(self):
        if not self.closed:
            io.RawIOBase.close(self)
            self._sock._files -= 1
            if self._sock._closed:
                self._sock.close()
