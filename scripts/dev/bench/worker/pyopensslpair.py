"""Connections of pyOpenSSL over its own memory BIOs."""

import warnings

warnings.simplefilter('ignore')     # cryptography's, on Python 2.7

from OpenSSL import SSL  # noqa: E402

from common import (  # noqa: E402
    CIPHERS,
    READ_SIZE,
    BenchError,
    check_cipher,
    handshake,
    no_data,
    numbers,
)

ROOM = 32768            # of each bio_read, as in Twisted
VERSION = SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode('ascii')


def _accept(connection, certificate, error, depth, good):
    return good


class Contexts(object):
    """The contexts for common.Work *work*.  pyOpenSSL has no check of the
    host name."""

    def __init__(self, work):
        self.work = work
        self.client, self.server = self._new(), self._new()
        self.client.load_verify_locations(work.ca)
        self.client.set_verify(SSL.VERIFY_PEER, _accept)
        self.server.use_certificate_chain_file(work.certificate)
        self.server.use_privatekey_file(work.certificate)

    def _new(self):
        context = SSL.Context(SSL.SSLv23_METHOD)
        context.set_options(SSL.OP_NO_SSLv3 | SSL.OP_NO_TLSv1 |
                            SSL.OP_NO_TLSv1_1)
        context.set_options(SSL.OP_NO_TLSv1_3
                            if self.work.version == 'TLSv1.2'
                            else SSL.OP_NO_TLSv1_2)
        context.set_cipher_list(CIPHERS.encode('ascii'))
        return context

    def connect(self):
        """A Pair with a complete handshake."""
        return Pair(self)


def _carry(take, give):
    # No call tells how much waits: what is correct for every message is to
    # read until there is no more.
    try:
        while True:
            give(take(ROOM))
    except SSL.WantReadError:
        pass


class Pair(object):
    """A client and a server; the bytes are carried by hand."""

    def __init__(self, contexts):
        self.client = SSL.Connection(contexts.client, None)
        self.server = SSL.Connection(contexts.server, None)
        self.client.set_tlsext_host_name(contexts.work.host.encode('ascii'))
        self.client.set_connect_state()
        self.server.set_accept_state()
        handshake(lambda: self._step(self.client, self.server),
                  lambda: self._step(self.server, self.client))

    def _step(self, one, other):
        try:
            one.do_handshake()
            done = True
        except SSL.WantReadError:
            done = False
        _carry(one.bio_read, other.bio_write)
        return done

    def settle(self, work):
        """Read the session tickets; check what was negotiated."""
        no_data(self.client.recv, SSL.WantReadError)
        check_cipher(self.client.get_cipher_name(), work.version)
        if self.client.get_peer_certificate() is None:
            raise BenchError('there is no certificate')

    def transfer(self, message, count):
        """Send *message* (bytes) *count* times, client to server."""
        return _transfer(self.client, self.server, message, count)

    def transfer_back(self, message, count):
        """The same, server to client."""
        return _transfer(self.server, self.client, message, count)


def _transfer(one, other, message, count):
    size = len(message)
    # pyOpenSSL writes one record a call; sendall() is for longer messages.
    write = one.send if size <= READ_SIZE else one.sendall
    take, give, read = one.bio_read, other.bio_write, other.recv
    data = b''
    for _ in numbers(count):
        write(message)
        _carry(take, give)
        left = size
        while left:
            data = read(READ_SIZE)
            left -= len(data)
    return data
