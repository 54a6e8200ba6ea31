"""Two ends of pep543, in memory, over each of the chosen backends.

PEP543_BACKENDS in the environment has the names of modules in pep543, by
default "stdlib".  With several, each meets each.
"""

import importlib
import itertools
import os

import peers
from pep543 import TLSConfiguration, WantReadError

NAMES = os.environ.get('PEP543_BACKENDS', 'stdlib').split()
PAIRS = list(itertools.product(NAMES, NAMES))


def backend(name):
    return importlib.import_module('pep543.' + name).BACKEND


class Ends(object):
    """A client's and a server's backend."""

    def __init__(self, client, server):
        self.client_backend, self.server_backend = \
            backend(client), backend(server)

    def client(self, ca='ca', **fields):
        """A client's TLSConfiguration.  chain: name of a certificate."""
        fields.setdefault('trust_store', ca and self.client_backend
                          .trust_store.from_pem_file(peers.cert(ca)))
        return self._configuration(self.client_backend, **fields)

    def server(self, chain='server', trusted=None, **fields):
        """A server's.  trusted: name of the authority of its clients."""
        if trusted:
            fields['trust_store'] = self.server_backend.trust_store \
                .from_pem_file(peers.cert(trusted))
        return self._configuration(self.server_backend, chain, **fields)

    @staticmethod
    def _configuration(backend, chain=None, password=None, **fields):
        if chain:
            path = peers.cert(chain)
            fields['certificate_chain'] = (
                (backend.certificate.from_file(path),),
                backend.private_key.from_file(path, password))
        return TLSConfiguration(**fields)

    def client_context(self, configuration=None):
        return self.client_backend.client_context(
            configuration or self.client())

    def server_context(self, configuration=None):
        return self.server_backend.server_context(
            configuration or self.server())

    def pair(self, client=None, server=None, name='localhost'):
        return Pair(self.client_context(client).wrap_buffers(name),
                    self.server_context(server).wrap_buffers())


class Pair(object):
    """A client and a server in memory."""

    def __init__(self, client, server):
        self.client, self.server = client, server

    def carry(self):
        for one, other in ((self.client, self.server),
                           (self.server, self.client)):
            while one.bytes_buffered():
                data = one.peek_outgoing(1000)
                one.consume_outgoing(len(data))
                other.receive_from_network(data)

    def step(self, call, *args):
        """The result of *call*, or None if it has to wait."""
        try:
            return call(*args)
        except WantReadError:
            return None
        finally:
            self.carry()

    def handshake(self):
        waiting = [self.client, self.server]
        for _ in range(10):
            for end in list(waiting):
                try:
                    end.do_handshake()
                    waiting.remove(end)
                except WantReadError:
                    pass
                finally:
                    self.carry()
            if not waiting:
                return self
        raise AssertionError('the handshake does not end')
