"""Connections over ssl.MemoryBIO, on the patched 2.7 and on 3."""

import ssl

import stdlib
from common import READ_SIZE, ROUNDS, BenchError, numbers

VERSION = ssl.OPENSSL_VERSION


class Contexts(object):
    """The contexts for common.Work *work*."""

    def __init__(self, work):
        self.work = work
        self.client = stdlib.client_context(work)
        self.server = stdlib.server_context(work)

    def connect(self):
        """A Pair with a complete handshake."""
        return Pair(self)


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
        self._handshake()

    def _handshake(self):
        client_done = server_done = False
        for _ in numbers(ROUNDS):
            if not client_done:
                try:
                    self.client.do_handshake()
                    client_done = True
                except ssl.SSLWantReadError:
                    pass
            if self.client_out.pending:
                self.server_in.write(self.client_out.read())
            if not server_done:
                try:
                    self.server.do_handshake()
                    server_done = True
                except ssl.SSLWantReadError:
                    pass
            if self.server_out.pending:
                self.client_in.write(self.server_out.read())
            if client_done and server_done:
                return
        raise BenchError('the handshake does not end')

    def settle(self, work):
        """Read the session tickets; check what was negotiated."""
        try:
            self.client.read(1)
        except ssl.SSLWantReadError:
            pass
        else:
            raise BenchError('unexpected data')
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
