"""TLS on a bare event loop, all of it in under 100 lines: an echo server and
its client, in the clear up to STARTTLS.

A Stream does no I/O.  run() moves its bytes when select says so; completion.py
can do it, too.  small_echo.py is its command line.  The words "Gotcha N" refer
to the list in docs/examples.md.
"""
import select
import socket
import ssl

PART, CHUNK, FULL, MOST = 16384, 65536, 262144, 500     # bytes; connections


class Stream(object):
    """The server's end of a connection, which echoes what comes over TLS."""
    first, awaited, answer = b'', b'STARTTLS\r\n', b'220 go ahead\r\n'
    line, data, sent, secure, over, failed = b'', b'', 0, False, False, None
    # Gotcha 7: who answers does not read while its answers are not taken.
    wants_input = property(lambda s: s.over or s.outgoing.pending < FULL)

    def __init__(self, context, **options):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **options)
        self.outgoing.write(self.first)

    def feed(self, data):
        """The transport brought *data* (bytes), or its end: b''."""
        if not self.over:
            # Gotcha 4: if close_notify is missing, read() gives SSLEOFError.
            self.incoming.write(data) if data else self.incoming.write_eof()
            self.take(0)

    def take(self, size=-1):
        """Up to *size* bytes.  Gotcha 1: send them, also after a failure."""
        data = self.outgoing.read(size)
        try:
            while not self.over:    # Gotcha 8: to the end of what has come
                self.step()
        except (ssl.SSLError, ValueError) as error:     # CertificateError too
            if not isinstance(error, ssl.SSLWantReadError):
                self.lost(error)
        return data

    def lost(self, error):
        """TLS, the other end or the transport failed: *error*."""
        if not self.over:
            self.over, self.failed = True, error

    def step(self):
        if self.line != self.awaited:
            # Gotcha 6: what is behind the line stays in incoming, for TLS.
            self.line += self.incoming.read(len(self.awaited) - len(self.line))
            if self.incoming.eof or not self.awaited.startswith(self.line):
                raise ValueError('no STARTTLS: %r' % self.line)
            if self.line != self.awaited:
                raise ssl.SSLWantReadError()
            self.outgoing.write(self.answer)
        if not self.secure:
            self.tls.do_handshake()     # Gotcha 2: and the name, before data
            self.secure = True
        while self.sent < len(self.data) and self.outgoing.pending < FULL:
            self.sent += self.tls.write(self.data[self.sent:self.sent + PART])
        try:
            data = self.tls.read(PART)
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            if not self.data or self.sent < len(self.data):
                raise
            data = b''      # Gotcha 3: all that came is read, unwrap() may be
        if not data:
            self.tls.unwrap()   # SSLWantReadError until the peer does it, too
        self.received(data)
        self.over = not data    # Gotcha 5: what follows is not looked at

    def received(self, data):
        """*data* (bytes) came; b'': both ends have sent close_notify."""
        self.tls.write(data) if data else None


class Client(Stream):
    """Sends its data (bytes, not empty) and checks that all comes back."""
    first, awaited, answer = Stream.awaited, Stream.answer, b''
    wants_input, echoed = True, 0

    def received(self, data):
        if data != self.data[self.echoed:self.echoed + (len(data) or 1)]:
            raise ValueError('the echo is not what was sent')
        self.echoed += len(data)


def move(sock, stream):
    """Yields whether it waits to (receive, send), is sent what it can do."""
    sock.setblocking(False)
    unsent, data = stream.take(CHUNK), None
    try:
        while unsent or not stream.over:
            receive, send = yield data != b'' and stream.wants_input, unsent
            if send:                # Gotcha 1: it may take less than all
                unsent = unsent[sock.send(unsent):]
            if receive:
                data = sock.recv(CHUNK)
                stream.feed(data)
            unsent = unsent or stream.take(CHUNK)
        sock.shutdown(socket.SHUT_WR)
        while data != b'':          # or TCP resets, and an alert may be lost
            yield True, False
            data = sock.recv(CHUNK)
    except socket.error as error:
        stream.lost(error)
    sock.close()


def accept(listener, make_stream, tasks):
    """Adds to *tasks* who connects to *listener* (non-blocking)."""
    while True:
        yield len(tasks) < MOST, False
        try:
            sock = listener.accept()[0]
            tasks[sock] = move(sock, make_stream())
        except socket.error:        # gone already
            pass


def run(tasks):
    """Run *tasks* ({socket: move() or accept()}) until all have ended."""
    wants = {}
    while tasks:
        for sock in set(tasks) - set(wants):
            wants[sock] = next(tasks[sock])
        r, w, _ = select.select([sock for sock in wants if wants[sock][0]],
                                [sock for sock in wants if wants[sock][1]], [])
        for sock in set(r + w):
            try:
                wants[sock] = tasks[sock].send((sock in r, sock in w))
            except StopIteration:
                del tasks[sock], wants[sock]
