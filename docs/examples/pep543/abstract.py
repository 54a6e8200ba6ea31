"""What a backend has to provide: abstract classes, without any TLS."""

import abc
import collections

from pep543.sockets import TLSWrappedSocket

_Abstract = abc.ABCMeta('_Abstract', (object,), {'__slots__': ()})


class _Context(_Abstract):
    """Makes one end of connections from a TLSConfiguration."""

    @abc.abstractmethod
    def __init__(self, configuration):
        """TLSError if the backend cannot do what *configuration* asks
        for."""

    @property
    @abc.abstractmethod
    def configuration(self):
        """The TLSConfiguration."""


class ClientContext(_Context):
    """Makes the client's end of connections."""

    @abc.abstractmethod
    def wrap_buffers(self, server_hostname):
        """A TLSWrappedBuffer.  *server_hostname*: str, sent to the server
        and checked, or None to do without; there is no default on
        purpose."""

    def wrap_socket(self, socket, server_hostname):
        """A TLSWrappedSocket, which has taken over *socket*."""
        return TLSWrappedSocket(socket, self.wrap_buffers(server_hostname))


class ServerContext(_Context):
    """Makes the server's end of connections."""

    @abc.abstractmethod
    def wrap_buffers(self):
        """A TLSWrappedBuffer."""

    def wrap_socket(self, socket):
        """A TLSWrappedSocket, which has taken over *socket*: that of a
        connection, or one that listens, whose accept() then gives
        TLSWrappedSockets."""
        return TLSWrappedSocket(socket, self.wrap_buffers())


class TLSWrappedBuffer(_Abstract):
    """One end of a TLS connection, which does no I/O.

    Gotcha 1: after each call, also one that raised, send what
    peek_outgoing() gives; after a failure that is the alert which tells the
    peer why."""

    # The network.

    @abc.abstractmethod
    def receive_from_network(self, data):
        """Take *data* (bytes).  b'' is the end of the network's stream,
        which the PEP has no way to tell.  WantReadError if so much is there
        already that read() has to come first; then nothing is taken."""

    @abc.abstractmethod
    def peek_outgoing(self, amt):
        """Up to *amt* bytes that are to be sent."""

    @abc.abstractmethod
    def consume_outgoing(self, amt):
        """*amt* bytes have been sent.  A send() may take less than all."""

    @abc.abstractmethod
    def bytes_buffered(self):
        """How many bytes are to be sent."""

    # The application.

    @abc.abstractmethod
    def do_handshake(self):
        """Handshake, validation of the certificate and of the name."""

    @abc.abstractmethod
    def read(self, amt):
        """Up to *amt* bytes; b'' after the peer's close_notify, each time.
        RaggedEOF if the network ended without one."""

    @abc.abstractmethod
    def readinto(self, buffer, amt):
        """As read(), into *buffer*; returns how many bytes."""

    @abc.abstractmethod
    def write(self, buf):
        """Encrypt *buf*, or its beginning; returns how many bytes.
        WantWriteError if so much waits to be sent that nothing can be
        added."""

    @abc.abstractmethod
    def shutdown(self):
        """Say close_notify and wait for the peer's: WantReadError until it
        has come.  What the peer sends until then can be read()."""

    # Facts.

    @property
    @abc.abstractmethod
    def context(self):
        """The ClientContext or ServerContext."""

    @abc.abstractmethod
    def cipher(self):
        """The CipherSuite in use, or its number; None before the
        handshake."""

    @abc.abstractmethod
    def negotiated_protocol(self):
        """NextProtocol or bytes, None if there is none."""

    @property
    @abc.abstractmethod
    def negotiated_tls_version(self):
        """The TLSVersion in use, None before the handshake."""


class Certificate(_Abstract):
    """A certificate, hashable."""

    @classmethod
    def from_buffer(cls, buffer):
        """*buffer*: bytes, PEM or DER."""
        raise NotImplementedError('certificates from memory')

    @classmethod
    def from_file(cls, path):
        """The first one in the file *path*."""
        raise NotImplementedError('certificates from files')


class PrivateKey(_Abstract):
    """A private key, hashable.  *password*: bytes, or a callable that
    returns bytes."""

    @classmethod
    def from_buffer(cls, buffer, password=None):
        """*buffer*: bytes, PEM or DER (PKCS #8)."""
        raise NotImplementedError('keys from memory')

    @classmethod
    def from_file(cls, path, password=None):
        """The first one in the file *path*."""
        raise NotImplementedError('keys from files')


class TrustStore(_Abstract):
    """Whom to trust, hashable."""

    @classmethod
    def system(cls):
        """Whom the system trusts."""
        raise NotImplementedError('the trust store of the system')

    @classmethod
    def from_pem_file(cls, path):
        """The authorities in the file *path*."""
        raise NotImplementedError('trust stores from files')


Backend = collections.namedtuple(
    'Backend', ('client_context', 'server_context', 'certificate',
                'private_key', 'trust_store'))
