"""An event loop over epoll, or select where that is missing, for TLSStreams.

It moves bytes between non-blocking sockets and TLSStream objects and knows
nothing of TLS.  The words "Gotcha N" refer to the list in docs/examples.md.
"""

import errno
import select
import socket
import time

import connecting

READ, WRITE = 1, 4              # as EPOLLIN and EPOLLOUT
CHUNK = 65536                   # bytes moved at once


class Connection(object):
    """A non-blocking socket and the TLSStream that it feeds."""

    def __init__(self, sock, stream):
        self.sock, self.stream = sock, stream
        self.unsent, self.active = b'', time.time()
        self.eof = self.shut = False

    def interest(self):
        """What to wait for: READ, WRITE, both or neither (0)."""
        writing = (self.unsent or self.stream.outgoing.pending or
                   self.stream.over and not self.shut)
        reading = not self.eof and self.stream.wants_input
        return READ * bool(reading) | WRITE * bool(writing)

    def ready(self, events):
        """Move what can be moved now."""
        data = None
        try:
            if events & WRITE:
                # Gotcha 1: send() may take less than all.  Keep the rest.
                self.unsent = self.unsent or self.stream.take(CHUNK)
                if self.unsent:
                    self.unsent = self.unsent[self.sock.send(self.unsent):]
                elif self.stream.over:
                    self.sock.shutdown(socket.SHUT_WR)  # reading goes on
                    self.shut = True
            if events & ~WRITE:         # an error shows up in recv(), too
                data = self.sock.recv(CHUNK)
                self.eof = not data
        except socket.error as error:
            if error.errno not in (errno.EAGAIN, errno.EWOULDBLOCK):
                self.lost(error)
        if data is not None:
            self.stream.feed(data)
        if not self.stream.failed:      # its end must come in time
            self.active = time.time()

    def lost(self, error):
        """The transport is of no more use."""
        self.eof = self.shut = True
        self.stream.lost(error)


class Listener(object):
    """A listening socket: ready when somebody connects."""

    eof, shut, active = False, False, float('inf')      # it is never idle

    def __init__(self, reactor, sock, make_stream):
        self.reactor, self.sock, self.make = reactor, sock, make_stream

    def interest(self):
        return READ * (len(self.reactor.sources) < self.reactor.limit)

    def ready(self, events):
        try:
            sock = self.sock.accept()[0]
        except socket.error:            # gone already
            return
        self.reactor.add(Connection(sock, self.make()))


class Reactor(object):
    """The loop.  *idle*: seconds after which a silent peer is dropped, also
    one that does not finish its handshake.  *limit*: how many connections
    there may be at once.  *use_epoll*: False for select."""

    def __init__(self, idle=60, limit=1000, use_epoll=True):
        self.idle, self.limit, self.sources, self.masks = idle, limit, {}, {}
        self.epoll = use_epoll and hasattr(select, 'epoll') and select.epoll()

    def connect(self, host, port, stream):
        """Connect *stream* to *port* (int) of *host* (str)."""
        connecting.connect(
            self, socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM),
            lambda sock: Connection(sock, stream), stream.lost)

    def listen(self, sock, make_stream):
        """Serve those who connect to *sock*, which listens: *make_stream*
        makes a TLSStream for each."""
        self.add(Listener(self, sock, make_stream))

    def add(self, source):
        """Serve *source*, a Connection or a Listener."""
        source.sock.setblocking(False)
        self.sources[source.sock.fileno()] = source

    def run(self):
        """Until there is nothing left to serve."""
        self._update()
        while self.sources:
            for fd, events in self._wait():
                self.sources[fd].ready(events)
            self._update()

    def _update(self):
        for fd, source in list(self.sources.items()):
            mask = source.interest()
            if time.time() - source.active > self.idle:
                source.lost(socket.timeout('no progress for too long'))
            if source.eof and source.shut:
                del self.sources[fd]
                self.masks.pop(fd, None)
                source.sock.close()     # which takes it out of epoll
            elif mask != self.masks.get(fd):
                if self.epoll:
                    known = fd in self.masks
                    (self.epoll.modify if known else
                     self.epoll.register)(fd, mask)
                self.masks[fd] = mask

    def _wait(self, seconds=1.0):
        try:
            if self.epoll:
                return self.epoll.poll(seconds)
            r, w, _ = select.select(self._wanting(READ), self._wanting(WRITE),
                                    [], seconds)
        except (OSError, select.error) as error:
            if error.args[0] != errno.EINTR:    # Python 2 does not retry
                raise
            return []
        return [(fd, READ) for fd in r] + [(fd, WRITE) for fd in w]

    def _wanting(self, kind):
        return [fd for fd, mask in self.masks.items() if mask & kind]
