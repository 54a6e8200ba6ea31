"""One end of a connection, in the clear or over TLS, that does no I/O.

TLSStream is what the other examples share: a state machine over two
ssl.MemoryBIO objects.  Whoever does the I/O, a select loop, a pool of threads
or another TLSStream, moves bytes into it with feed() and out of it with
take().  The words "Gotcha N" refer to the list in docs/examples.md.
"""

import ssl

RECORD = 16384          # bytes: the most that one TLS record carries
FULL = 256 * 1024       # bytes waiting to be sent, above which to hold back


class App(object):
    """What a TLSStream calls.  Override what is of interest."""

    def received(self, stream, data):
        """*data* (bytes, not empty) has come through TLS."""

    def received_clear(self, stream, data):
        """*data* has come in the clear, before TLS or behind its end.  By
        default it is dropped.  Gotcha 5: never take it for the rest of what
        came through TLS, anyone on the way could have added it."""

    def secured(self, stream):
        """The handshake is complete, certificate and host name verified."""

    def ended(self, stream):
        """The peer will send no more, but can still be written to."""
        stream.end()

    def unsecured(self, stream):
        """TLS was closed by both ends; what follows is in the clear."""
        stream.end()

    def failed(self, stream, error):
        """*error* (ssl.SSLError, ssl.CertificateError, socket.error) has
        ended the connection."""

    def drained(self, stream):
        """There is room for more to be sent."""

    def wants_input(self, stream):
        """Whether to go on receiving.  Gotcha 7: no BIO has an upper limit.
        One who answers all that comes reads no more while the peer does not
        take the answers.  (One who only asks must always read: two ends
        that both wait for the other to read would wait forever.)"""
        return not stream.full


class TLSStream(object):
    """A connection without a transport; it begins in the clear."""

    def __init__(self, app):
        self.app = app
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls, self._running, self.failed = None, False, False
        self.secure = self.ending = self.peer_ended = False

    # For the I/O.  Gotcha 1: after each call of anything here, be it that it
    # returned, that it failed or that the app raised, send what take() gives
    # until it gives nothing.  In a failed stream that is the alert that
    # tells the peer why.

    def feed(self, data):
        """The transport brought *data*; b'' stands for its end."""
        if self.failed:
            return
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()
        self._run()

    def take(self, size=-1):
        """Up to *size* bytes that are to be sent, b'' if there are none."""
        data = self.outgoing.read(size)
        if data and not self.failed and not self.full:
            self.app.drained(self)
        return data

    def lost(self, error):
        """The transport failed, or TLS did: *error*."""
        if not self.failed:
            self.failed = True
            self.app.failed(self, error)

    @property
    def wants_input(self):
        """Whether to receive.  After a failure all that still comes is to
        be received, and dropped, until the peer closes: who closes first,
        with bytes unread, makes TCP reset the connection, and the alert may
        be lost on its way."""
        return self.failed or self.app.wants_input(self)

    @property
    def over(self):
        """Nothing will be added to what take() gives: once that is sent,
        end the sending half of the transport."""
        return self.failed or (self.ending and self.tls is None)

    # For the app.

    @property
    def full(self):
        """Write no more until the transport has taken something."""
        return self.outgoing.pending > FULL

    def write(self, data):
        """Send all of *data* (bytes)."""
        if self.tls is None:
            self.outgoing.write(data)
        elif self.secure:
            self.tls.write(data)
        else:
            # Gotcha 2: TLS would begin the handshake by itself here.
            raise ValueError('write() before secured()')

    def start_tls(self, context, leftover=b'', **options):
        """TLS from here on.  *leftover*: bytes received behind the command
        that asked for TLS.  Gotcha 6: they are part of TLS.  To run them as
        commands later would let anyone on the way slip some in."""
        self.incoming.write(leftover)
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **options)
        self._run()

    def end(self):
        """We send no more: close_notify, in the clear the transport's end.
        The peer may go on sending, and app.received() go on being called."""
        self.ending = True
        self._run()

    def _run(self):
        if self._running:       # called by the app, which _run() called
            return
        self._running = True
        try:
            # Gotcha 8: to the end of what has come.  The transport will not
            # become readable again for what is already in here.
            while not self.failed and self._step():
                pass
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, ssl.CertificateError) as error:
            # Gotcha 4: SSLEOFError is among them, the end of the transport
            # without close_notify: somebody may have cut the stream short.
            self.lost(error)
        finally:
            self._running = False

    def _step(self):
        """One event; False if there is none left.  What the app changes by
        start_tls() or end() has its effect in the next step."""
        if self.tls and not self.secure:
            # Gotcha 2: a handshake of its own, before any data, so that no
            # certificate goes unchecked.
            self.tls.do_handshake()
            self.secure = True
            self.app.secured(self)
            return True
        if self.tls and self.peer_ended and self.ending:
            # Gotcha 3: the peer has said close_notify, we do so now.
            self.tls.unwrap()
            self.tls = None
            self.secure = self.ending = self.peer_ended = False
            # Gotcha 5: bytes behind the peer's close_notify, be they from
            # the same packet, are still in self.incoming.
            self.app.unsecured(self)
            return True
        data = self._read() if self.tls else self.incoming.read()
        if data:
            (self.app.received if self.tls else
             self.app.received_clear)(self, data)
        elif not self.peer_ended and (self.tls or self.incoming.eof):
            self.peer_ended = True
            self.app.ended(self)
        else:
            return False
        return True

    def _read(self):
        """Decrypted bytes; b'' after the peer's close_notify."""
        try:
            return self.tls.read(RECORD)
        except ssl.SSLZeroReturnError:      # we have said it before
            return b''
        except ssl.SSLWantReadError:
            if self.ending:
                # Gotcha 3: close_notify, but not before all that came has
                # been read, since unwrap() fails on data.  It raises
                # SSLWantReadError until the peer answers; we go on reading.
                self.tls.unwrap()
            raise
