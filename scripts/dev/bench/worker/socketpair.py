"""Connections of ssl.SSLSocket over a pair of connected sockets."""

import socket
import ssl

import stdlib
from common import READ_SIZE, handshake, no_data, numbers

VERSION = ssl.OPENSSL_VERSION
#: One thread holds both ends: no more is sent before it is read than the
#: sockets' buffers take.
PIECE = 65536


def _step(end):
    try:
        end.do_handshake()
        return True
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return False


class Pair(object):
    """A client and a server, connected by sockets."""

    def __init__(self, contexts):
        one, other = socket.socketpair()
        if not isinstance(one, socket.socket):
            # 2.7's pair is of the inner type.
            one = socket.socket(_sock=one)
            other = socket.socket(_sock=other)
        for end in (one, other):
            end.setblocking(False)
        self.client = contexts.client.wrap_socket(
            one, server_hostname=contexts.work.host,
            do_handshake_on_connect=False)
        self.server = contexts.server.wrap_socket(
            other, server_side=True, do_handshake_on_connect=False)
        handshake(lambda: _step(self.client), lambda: _step(self.server))

    def settle(self, work):
        """Read the session tickets; check what was negotiated."""
        no_data(self.client.recv, ssl.SSLWantReadError)
        stdlib.check(self.client, work)
        for end in (self.client, self.server):
            end.setblocking(True)

    def transfer(self, message, count):
        """Send *message* (bytes) *count* times, client to server."""
        return _transfer(self.client, self.server, message, count)

    def transfer_back(self, message, count):
        """The same, server to client."""
        return _transfer(self.server, self.client, message, count)


def _transfer(one, other, message, count):
    write, read = one.sendall, other.recv
    pieces = [message[start:start + PIECE]
              for start in range(0, len(message), PIECE)]
    data = b''
    for _ in numbers(count):
        for piece in pieces:
            write(piece)
            left = len(piece)
            while left:
                data = read(READ_SIZE)
                left -= len(data)
    return data


def Contexts(work):
    return stdlib.contexts(work, Pair)
