"""Connections over ssl.MemoryBIO, on the patched 2.7 and on 3."""

import ssl

import stdlib
from common import READ_SIZE, handshake, no_data, numbers

VERSION = ssl.OPENSSL_VERSION


class Pair(object):
    """A client and a server; the bytes are carried by hand."""

    def __init__(self, contexts):
        bio = ssl.MemoryBIO
        self.client_in, self.client_out = bio(), bio()
        self.server_in, self.server_out = bio(), bio()
        self.client = contexts.client.wrap_bio(
            self.client_in, self.client_out,
            server_hostname=contexts.work.host)
        self.server = contexts.server.wrap_bio(
            self.server_in, self.server_out, server_side=True)
        handshake(self._client, self._server)

    def _step(self, one, take, give):
        done = True
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            done = False
        if take.pending:
            give.write(take.read())
        return done

    def _client(self):
        return self._step(self.client, self.client_out, self.server_in)

    def _server(self):
        return self._step(self.server, self.server_out, self.client_in)

    def settle(self, work):
        """Read the session tickets; check what was negotiated."""
        no_data(self.client.read, ssl.SSLWantReadError)
        stdlib.check(self.client, work)

    def transfer(self, message, count):
        """Send *message* (bytes) *count* times, client to server."""
        return _transfer(self.client.write, self.client_out.read,
                         self.server_in.write, self.server.read, message,
                         count)

    def transfer_back(self, message, count):
        """The same, server to client."""
        return _transfer(self.server.write, self.server_out.read,
                         self.client_in.write, self.client.read, message,
                         count)


def _transfer(write, take, give, read, message, count):
    size = len(message)
    data = b''
    for _ in numbers(count):
        write(message)
        give(take())
        left = size
        while left:
            data = read(READ_SIZE)
            left -= len(data)
    return data


def Contexts(work):
    return stdlib.contexts(work, Pair)
