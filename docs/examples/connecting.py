"""A non-blocking socket, connected to the first address that answers.

A host may have several addresses: localhost, say, ::1 and 127.0.0.1, with a
server at one of them only.  For the event loop of reactor.py.
"""

import errno
import os
import socket
import time

WRITE = 4                       # as EPOLLOUT


class Connecting(object):
    """A source of *loop*: a socket on its way to the first of *addresses*,
    which are as getaddrinfo() has them.  Raises socket.error if it is known
    at once that nobody answers there."""

    eof = shut = False

    def __init__(self, loop, addresses, make, lost):
        self.loop, self.others = loop, addresses[1:]
        self.make, self.failed, self.active = make, lost, time.time()
        family, kind, protocol, _, address = addresses[0]
        self.sock = socket.socket(family, kind, protocol)
        self.sock.setblocking(False)
        code = self.sock.connect_ex(address)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            self.sock.close()
            raise socket.error(code, os.strerror(code))

    def interest(self):
        return WRITE

    def ready(self, events):
        code = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self.lost(socket.error(code, os.strerror(code)))
        else:
            self.loop.add(self.make(self.sock))     # in place of this one

    def lost(self, error):
        """Nobody answers there, or not in time: try the next address."""
        self.eof = self.shut = True
        connect(self.loop, self.others, self.make, self.failed, error)


def connect(loop, addresses, make, lost, error=None):
    """Have *loop* serve what *make* (socket) makes of a socket connected to
    the first of *addresses* that answers.  If none does, *lost* is called
    with the last error."""
    while addresses:
        try:
            return loop.add(Connecting(loop, addresses, make, lost))
        except socket.error as failure:     # also: no such family here
            error, addresses = failure, addresses[1:]
    lost(error)
