"""The buffer half of PEP 543, "A Unified TLS API for Python", over MemoryBIO.

TLSConfiguration, ClientContext, ServerContext, TLSWrappedBuffer, TrustStore,
Certificate, PrivateKey and the errors have the names and meanings of the PEP,
whose abstract classes are merged here with their one implementation.  Nothing
in this file does I/O.  Where the PEP is silent, a comment says what was
chosen.  The words "Gotcha N" refer to the list in docs/examples.md.

    configuration = TLSConfiguration(
        trust_store=TrustStore.from_pem_file('ca.pem'),
        inner_protocols=(NextProtocol.HTTP1,))
    buffer = ClientContext(configuration).wrap_buffers('localhost')
"""

import base64
import collections
import contextlib
import os
import re
import ssl
import tempfile
import weakref

__all__ = ['BACKEND', 'Backend', 'Certificate', 'CipherSuite',
           'ClientContext', 'DEFAULT_CIPHER_LIST', 'NextProtocol',
           'PrivateKey', 'RaggedEOF', 'ServerContext', 'TLSConfiguration',
           'TLSError', 'TLSVersion', 'TLSWrappedBuffer', 'TrustStore',
           'WantReadError', 'WantWriteError']

RECORD = 16384                  # bytes: the most that one TLS record carries
LIMIT = 65536                   # bytes in the output buffer before it is full


class TLSError(Exception):
    """Base class of all errors here."""


class WantReadError(TLSError):
    """Repeat the call after more has come from the network."""


class WantWriteError(TLSError):
    """Repeat the call after something has been sent to the network."""


class RaggedEOF(TLSError):
    """The network has ended and the peer had not closed TLS: what was read
    may be incomplete.  Harmless only if the protocol tells the length."""


@contextlib.contextmanager
def _tls_errors():
    """Turn the errors of ssl into those above."""
    try:
        yield
    except ssl.SSLWantReadError as error:
        raise WantReadError(*error.args)
    except ssl.SSLEOFError as error:
        # Gotcha 4: with each repetition, and never an empty read.
        raise RaggedEOF(*error.args)
    except (ssl.SSLError, ssl.CertificateError) as error:
        # On Python 3.6 CertificateError is no SSLError.
        if getattr(error, 'reason', '') == 'UNEXPECTED_EOF_WHILE_READING':
            raise RaggedEOF(*error.args)    # up to 3.11
        raise TLSError(*error.args)


# Python 2.7 has no enum.  Members are subclasses of int or bytes.

class _IntMember(int):
    name = None

    def __repr__(self):
        return '<{}.{}>'.format(type(self).__name__, self.name)


class _BytesMember(bytes):
    name = None

    def __repr__(self):
        return '<{}.{}>'.format(type(self).__name__, self.name)


def _fill(cls, members):
    """Make *members* (name, value) attributes of *cls*."""
    cls.members = {}
    for name, value in members:
        member = cls(value)
        member.name = name
        cls.members[value] = member
        setattr(cls, name, member)


class NextProtocol(_BytesMember):
    """Protocols for ALPN.  Any other bytes may be used as well."""


_fill(NextProtocol, (
    ('H2', b'h2'), ('H2C', b'h2c'), ('HTTP1', b'http/1.1'),
    ('WEBRTC', b'webrtc'), ('C_WEBRTC', b'c-webrtc'), ('FTP', b'ftp'),
    ('STUN', b'stun.nat-discovery'), ('TURN', b'stun.turn')))


class TLSVersion(_IntMember):
    """Versions of the protocol, in order."""


_fill(TLSVersion, [(name, number) for number, name in enumerate((
    'MINIMUM_SUPPORTED', 'SSLv2', 'SSLv3', 'TLSv1', 'TLSv1_1', 'TLSv1_2',
    'TLSv1_3', 'MAXIMUM_SUPPORTED'))])

_VERSION_NAMES = {'TLSv1': TLSVersion.TLSv1, 'TLSv1.1': TLSVersion.TLSv1_1,
                  'TLSv1.2': TLSVersion.TLSv1_2,
                  'TLSv1.3': TLSVersion.TLSv1_3}


class CipherSuite(_IntMember):
    """Cipher suites by their IANA names: those that are sound today."""


# By OpenSSL's names, best first.
_SUITES = collections.OrderedDict((
    ('TLS_AES_256_GCM_SHA384', ('TLS_AES_256_GCM_SHA384', 0x1302)),
    ('TLS_CHACHA20_POLY1305_SHA256',
     ('TLS_CHACHA20_POLY1305_SHA256', 0x1303)),
    ('TLS_AES_128_GCM_SHA256', ('TLS_AES_128_GCM_SHA256', 0x1301)),
    ('TLS_AES_128_CCM_SHA256', ('TLS_AES_128_CCM_SHA256', 0x1304)),
    ('TLS_AES_128_CCM_8_SHA256', ('TLS_AES_128_CCM_8_SHA256', 0x1305)),
    ('ECDHE-ECDSA-AES256-GCM-SHA384',
     ('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 0xc02c)),
    ('ECDHE-RSA-AES256-GCM-SHA384',
     ('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 0xc030)),
    ('ECDHE-ECDSA-CHACHA20-POLY1305',
     ('TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 0xcca9)),
    ('ECDHE-RSA-CHACHA20-POLY1305',
     ('TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 0xcca8)),
    ('ECDHE-ECDSA-AES128-GCM-SHA256',
     ('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 0xc02b)),
    ('ECDHE-RSA-AES128-GCM-SHA256',
     ('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 0xc02f)),
    ('DHE-RSA-AES256-GCM-SHA384',
     ('TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', 0x009f)),
    ('DHE-RSA-CHACHA20-POLY1305',
     ('TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 0xccaa)),
    ('DHE-RSA-AES128-GCM-SHA256',
     ('TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 0x009e))))
_fill(CipherSuite, _SUITES.values())
_OPENSSL_NAMES = dict((number, name)
                      for name, (_, number) in _SUITES.items())

DEFAULT_CIPHER_LIST = tuple(CipherSuite.members[number]
                            for _, number in _SUITES.values())


class _Value(object):
    """Compared and hashed by what it was made of."""

    def __init__(self, *parts):
        self._parts = parts

    def __eq__(self, other):
        return type(self) is type(other) and self._parts == other._parts

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((type(self), self._parts))

    def __repr__(self):         # without the parts, one may be a password
        return '<{}>'.format(type(self).__name__)


class TrustStore(_Value):
    """Whom to trust."""

    @classmethod
    def system(cls):
        return cls(None)

    @classmethod
    def from_pem_file(cls, path):
        return cls(path)

    def _load(self, context):
        if self._parts[0] is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(self._parts[0])


def _read(path):
    with open(path, 'rb') as source:
        return source.read()


def _block(content, kind):
    """The first PEM block in *content* whose name ends in *kind*; DER as it
    is."""
    found = re.search(b'-----BEGIN ([A-Z0-9 ]*' + kind + b')-----.*?'
                      b'-----END \\1-----', content, re.DOTALL)
    return found.group() + b'\n' if found else content


class Certificate(_Value):
    """One certificate, PEM or DER."""

    @classmethod
    def from_buffer(cls, buffer):
        if not buffer.startswith(b'-----BEGIN CERTIFICATE'):
            buffer = ssl.DER_cert_to_PEM_cert(buffer).encode('ascii')
        return cls(bytes(buffer))

    @classmethod
    def from_file(cls, path):
        return cls.from_buffer(_block(_read(path), b'CERTIFICATE'))


class PrivateKey(_Value):
    """A private key, PEM or DER (PKCS #8).  *password*: bytes or a callable
    that returns bytes."""

    @classmethod
    def from_buffer(cls, buffer, password=None):
        if not buffer.startswith(b'-----BEGIN '):
            text = base64.b64encode(buffer)
            buffer = b'\n'.join(
                [b'-----BEGIN PRIVATE KEY-----'] +
                [text[i:i + 64] for i in range(0, len(text), 64)] +
                [b'-----END PRIVATE KEY-----', b''])
        return cls(bytes(buffer), password)

    @classmethod
    def from_file(cls, path, password=None):
        return cls.from_buffer(_block(_read(path), b'PRIVATE KEY'),
                               password)


_FIELDS = ('validate_certificates', 'certificate_chain', 'ciphers',
           'inner_protocols', 'lowest_supported_version',
           'highest_supported_version', 'trust_store', 'sni_callback')


class TLSConfiguration(collections.namedtuple('TLSConfiguration', _FIELDS)):
    """Everything that can be set, for either side.  Immutable; to be used as
    a key of a dict, give tuples and not lists.

    validate_certificates: bool.  A server asks clients for certificates if
    there is a trust_store, too, on which the PEP is silent.
    certificate_chain: ((Certificate, ...), PrivateKey), the server's or the
    client's own one first.
    ciphers: CipherSuite or int each, best first.  Those of TLS 1.3 cannot be
    chosen through ssl; if all are left out, TLS 1.3 is, too, and if one that
    is left out is negotiated, do_handshake() fails.
    inner_protocols: for ALPN, NextProtocol or bytes each.
    lowest_supported_version: TLS 1.2 by default (the PEP, of 2017: 1.0).
    trust_store: None means the system's, for a client.
    sni_callback: called with (buffer, name or None, configuration); returns
    a TLSConfiguration, whose certificate_chain and inner_protocols are used,
    all else fails the handshake.
    """

    __slots__ = ()

    def __new__(cls, validate_certificates=None, certificate_chain=None,
                ciphers=None, inner_protocols=None,
                lowest_supported_version=None,
                highest_supported_version=None, trust_store=None,
                sni_callback=None):
        def default(value, instead):
            return instead if value is None else value

        return super(TLSConfiguration, cls).__new__(
            cls, default(validate_certificates, True), certificate_chain,
            default(ciphers, DEFAULT_CIPHER_LIST),
            default(inner_protocols, ()),
            default(lowest_supported_version, TLSVersion.TLSv1_2),
            default(highest_supported_version, TLSVersion.MAXIMUM_SUPPORTED),
            trust_store, sni_callback)

    def update(self, **changes):
        """A new TLSConfiguration with *changes*."""
        unknown = set(changes) - set(_FIELDS)
        if unknown:
            raise TypeError('no such field: ' + ', '.join(sorted(unknown)))
        return type(self)(**dict(zip(_FIELDS, self), **changes))


def _set_versions(context, configuration):
    """Allow TLS versions, as far as OpenSSL has them; it has no SSL 2."""
    lowest = configuration.lowest_supported_version
    highest = configuration.highest_supported_version
    # TLS 1.3 and the older versions have no cipher suite in common.
    new = [0x1301 <= suite <= 0x1305 for suite in configuration.ciphers]
    if not any(new):
        highest = min(highest, TLSVersion.TLSv1_2)
    if all(new):
        lowest = max(lowest, TLSVersion.TLSv1_3)
    allowed = [version for version in sorted(_VERSION_NAMES.values())
               if lowest <= version <= highest]
    if not allowed:
        raise TLSError('no version of TLS is left')
    if hasattr(ssl, 'TLSVersion'):      # Python 3.7 and later
        context.minimum_version = getattr(ssl.TLSVersion, allowed[0].name)
        context.maximum_version = getattr(ssl.TLSVersion, allowed[-1].name)
        return
    context.options |= ssl.OP_NO_SSLv2 | ssl.OP_NO_SSLv3
    for version in _VERSION_NAMES.values():
        if version not in allowed:
            context.options |= getattr(ssl, 'OP_NO_' + version.name, 0)


def _load_chain(context, certificates, key):
    """ssl reads these from files only: one that nobody else may read, and
    that is gone right after."""
    content, password = key._parts
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, 'wb') as target:
            target.write(b'\n'.join([content] + [
                certificate._parts[0] for certificate in certificates]))
        context.load_cert_chain(path, password=password)
    finally:
        os.unlink(path)


class _Context(object):
    """What both kinds of context share."""

    def __init__(self, configuration):
        self._configuration = configuration
        with _tls_errors():
            self._ssl = self._new_context()

    @property
    def configuration(self):
        return self._configuration

    def _new_context(self):
        configuration = self._configuration
        # Not create_default_context(), which trusts the system's authorities
        # in addition to those that are wanted.
        context = ssl.SSLContext(self._protocol)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.options |= (ssl.OP_NO_COMPRESSION | ssl.OP_SINGLE_ECDH_USE |
                            ssl.OP_CIPHER_SERVER_PREFERENCE)
        # Gotcha 4: some Python 3s, 3.9 without naming it, set this, and a
        # truncated stream looks complete.
        context.options &= ~getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0x80)
        _set_versions(context, configuration)
        try:
            names = [_OPENSSL_NAMES[suite] for suite in configuration.ciphers]
        except KeyError as error:
            raise TLSError('unknown cipher suite {:#06x}'.format(
                error.args[0]))
        # OpenSSL wants at least one, even if TLS 1.3 alone is allowed.
        context.set_ciphers(':'.join(
            name for name in names if not name.startswith('TLS_')) or
            'ECDHE+AESGCM')
        if configuration.inner_protocols:
            context.set_alpn_protocols([
                protocol.decode('ascii')
                for protocol in configuration.inner_protocols])
        if configuration.certificate_chain:
            _load_chain(context, *configuration.certificate_chain)
        return context


class ClientContext(_Context):
    """Makes the client's end of connections."""

    # 2.7 has one protocol for both sides.
    _protocol = getattr(ssl, 'PROTOCOL_TLS_CLIENT', ssl.PROTOCOL_SSLv23)

    def __init__(self, configuration):
        super(ClientContext, self).__init__(configuration)
        self._checking = None   # as _ssl, but it checks host names

    def _new_context(self):
        context = super(ClientContext, self)._new_context()
        if self._configuration.validate_certificates:
            context.verify_mode = ssl.CERT_REQUIRED
            (self._configuration.trust_store or
             TrustStore.system())._load(context)
        return context

    def wrap_buffers(self, server_hostname):
        """A TLSWrappedBuffer.  *server_hostname*: sent to the server and
        checked, or None to do without; there is no default on purpose."""
        if (server_hostname is None or
                not self._configuration.validate_certificates):
            return TLSWrappedBuffer(self, self._ssl,
                                    server_hostname=server_hostname)
        if self._checking is None:
            with _tls_errors():
                self._checking = self._new_context()
            self._checking.check_hostname = True
        return TLSWrappedBuffer(self, self._checking,
                                server_hostname=server_hostname)


class ServerContext(_Context):
    """Makes the server's end of connections."""

    _protocol = getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23)

    def __init__(self, configuration):
        super(ServerContext, self).__init__(configuration)
        self._others = {}       # contexts of other configurations

    def _new_context(self):
        configuration = self._configuration
        context = super(ServerContext, self)._new_context()
        if configuration.validate_certificates and configuration.trust_store:
            context.verify_mode = ssl.CERT_REQUIRED
            configuration.trust_store._load(context)
        if configuration.sni_callback:
            # Not a method: context and callback would keep each other.
            reference = weakref.ref(self)
            context.set_servername_callback(
                lambda tls, name, _: reference()._choose(tls, name))
        return context

    def _choose(self, tls, name):
        """Called by OpenSSL in the handshake: use another certificate."""
        chosen = self._configuration.sni_callback(
            tls.buffer(), name, self._configuration)
        if not isinstance(chosen, TLSConfiguration):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if chosen != self._configuration:
            plain = chosen.update(sni_callback=None)
            if plain not in self._others:
                self._others[plain] = ServerContext(plain)
            tls.context = self._others[plain]._ssl
        return None

    def wrap_buffers(self):
        """A TLSWrappedBuffer."""
        return TLSWrappedBuffer(self, self._ssl, server_side=True)


class TLSWrappedBuffer(object):
    """One end of a TLS connection.  Made by wrap_buffers() of a context.

    Gotcha 1: after each call, also one that raised, send what
    peek_outgoing() gives; after a failure that is the alert which tells the
    peer why."""

    def __init__(self, context, ssl_context, **options):
        self._context = context
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._unsent = bytearray()      # a MemoryBIO cannot be looked into
        self._unread = collections.deque()
        self._ready = self._closed = False
        with _tls_errors():
            self._tls = ssl_context.wrap_bio(self._incoming, self._outgoing,
                                             **options)
        self._tls.buffer = weakref.ref(self)        # for the SNI callback

    # The network.

    def receive_from_network(self, data):
        """Take *data* (bytes).  b'' is the end of the network's stream,
        which the PEP has no way to tell."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def peek_outgoing(self, amt):
        """Up to *amt* bytes that are to be sent."""
        if self._outgoing.pending:
            self._unsent += self._outgoing.read()
        return bytes(self._unsent[:amt])

    def consume_outgoing(self, amt):
        """*amt* bytes have been sent.  A send() may take less than all."""
        del self._unsent[:amt]

    # The application.

    def do_handshake(self):
        """Handshake, validation of the certificate and of the name."""
        with _tls_errors():
            self._tls.do_handshake()
        if self.cipher() not in self._context.configuration.ciphers:
            raise TLSError('{!r} is not wanted'.format(self.cipher()))
        self._ready = True

    def _check(self):
        # Gotcha 2: OpenSSL would begin the handshake by itself.
        if not self._ready:
            raise TLSError('do_handshake() has not been completed')

    def read(self, amt):
        """Up to *amt* bytes; b'' after the peer's close_notify, each time.
        RaggedEOF if the network ended without one."""
        self._check()
        if self._unread:
            return self._take_unread(amt)
        if self._closed or not amt:
            return b''
        with _tls_errors():
            try:
                return self._tls.read(min(amt, RECORD))
            except ssl.SSLZeroReturnError:      # both have closed
                return b''

    def _take_unread(self, amt):
        data = self._unread.popleft()
        if len(data) > amt:
            self._unread.appendleft(data[amt:])
        return data[:amt]

    def readinto(self, buffer, amt):
        """As read(), into *buffer*; returns how many bytes."""
        view = memoryview(buffer)
        data = self.read(min(amt, len(view)))
        view[:len(data)] = data
        return len(data)

    def write(self, buf):
        """Encrypt *buf*, or its beginning; returns how many bytes.

        Gotcha 7: WantWriteError if so much waits to be sent that nothing
        can be added.  A MemoryBIO itself has no upper limit."""
        self._check()
        room = LIMIT - len(self._unsent) - self._outgoing.pending
        if room <= 0:
            raise WantWriteError('send what peek_outgoing() gives first')
        view = memoryview(buf)
        if hasattr(view, 'cast'):       # Python 3: count in bytes
            view = view.cast('B')
        with _tls_errors():
            return self._tls.write(view[:room])

    def shutdown(self):
        """Say close_notify and wait for the peer's: WantReadError until it
        has come.  What the peer sends until then can be read()."""
        self._check()
        if self._closed:
            return
        with _tls_errors():
            # Gotcha 3: unwrap() fails on data that has not been read.
            try:
                for data in iter(lambda: self._tls.read(RECORD), b''):
                    self._unread.append(data)
            except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
                pass
            self._tls.unwrap()
        self._closed = True

    @property
    def leftover(self):
        """Bytes that came behind the peer's close_notify (not in the PEP).
        Gotcha 5: they are in the clear, and not part of what read() gave.
        They are removed."""
        return self._incoming.read() if self._closed else b''

    # Facts.

    @property
    def context(self):
        """The ClientContext or ServerContext."""
        return self._context

    def cipher(self):
        """The CipherSuite in use, None before the handshake."""
        found = self._tls.cipher()
        if found is None or self._tls.version() is None:
            return None
        return CipherSuite.members[_SUITES[found[0]][1]]

    def negotiated_protocol(self):
        """NextProtocol or bytes, None if there is none."""
        name = self._tls.selected_alpn_protocol()
        if name is None:
            return None
        name = name.encode('ascii')
        return NextProtocol.members.get(name, name)

    @property
    def negotiated_tls_version(self):
        """The TLSVersion in use, None before the handshake."""
        return _VERSION_NAMES.get(self._tls.version())


Backend = collections.namedtuple(
    'Backend', ('client_context', 'server_context', 'certificate',
                'private_key', 'trust_store'))

BACKEND = Backend(ClientContext, ServerContext, Certificate, PrivateKey,
                  TrustStore)
