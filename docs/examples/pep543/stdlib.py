"""The backend over the ssl module: SSLContext, SSLObject and MemoryBIO."""

import contextlib
import os
import ssl
import tempfile
import weakref

from pep543 import abstract, openssl, pem
from pep543.configuration import TLSConfiguration
from pep543.errors import RaggedEOF, TLSError, WantReadError

# 2.7 has one protocol for both sides.
_CLIENT = getattr(ssl, 'PROTOCOL_TLS_CLIENT', ssl.PROTOCOL_SSLv23)
_SERVER = getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23)


@contextlib.contextmanager
def _tls_errors():
    """Turn the errors of ssl into those of this package.  MemoryBIOs have
    no SSLWantWriteError."""
    try:
        yield
    except ssl.SSLWantReadError as error:
        raise WantReadError(*error.args)
    except ssl.SSLEOFError as error:
        raise RaggedEOF(*error.args)
    except (ssl.SSLError, ssl.CertificateError) as error:
        # On Python 3.6 CertificateError is no SSLError.
        if getattr(error, 'reason', '') == 'UNEXPECTED_EOF_WHILE_READING':
            raise RaggedEOF(*error.args)    # up to 3.11
        raise TLSError(*error.args)


def _set_versions(context, configuration):
    allowed = openssl.allowed_versions(configuration)
    if hasattr(ssl, 'TLSVersion'):      # Python 3.7 and later
        context.minimum_version = getattr(ssl.TLSVersion, allowed[0].name)
        context.maximum_version = getattr(ssl.TLSVersion, allowed[-1].name)
        return
    context.options |= ssl.OP_NO_SSLv2 | ssl.OP_NO_SSLv3
    for version in openssl.VERSIONS.values():
        if version not in allowed:
            context.options |= getattr(ssl, 'OP_NO_' + version.name, 0)


def _load_chain(context, certificates, key):
    """ssl reads these from files only: one that nobody else may read, and
    that is gone right after."""
    content, password = key.parts
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, 'wb') as target:
            target.write(b'\n'.join([content] + [
                certificate.parts[0] for certificate in certificates]))
        context.load_cert_chain(path, password=password)
    finally:
        os.unlink(path)


def _trust(context, store):
    context.verify_mode = ssl.CERT_REQUIRED
    if store.parts[0] is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(store.parts[0])


def _new_context(protocol, configuration):
    # Not create_default_context(), which trusts the system's authorities in
    # addition to those that are wanted.
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= (ssl.OP_NO_COMPRESSION | ssl.OP_SINGLE_ECDH_USE |
                        ssl.OP_CIPHER_SERVER_PREFERENCE)
    # Gotcha 4: some Python 3s, 3.9 without naming it, set this, and a
    # truncated stream looks complete.
    context.options &= ~getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0x80)
    _set_versions(context, configuration)
    context.set_ciphers(openssl.older_suites(configuration))
    if configuration.inner_protocols:
        context.set_alpn_protocols([
            protocol.decode('ascii')
            for protocol in configuration.inner_protocols])
    if configuration.certificate_chain:
        _load_chain(context, *configuration.certificate_chain)
    return context


class ClientContext(openssl.Context, abstract.ClientContext):

    _checking = None    # as _context, but it checks host names

    def _make(self):
        configuration = self._configuration
        with _tls_errors():
            context = _new_context(_CLIENT, configuration)
            if configuration.validate_certificates:
                _trust(context, configuration.trust_store or
                       pem.TrustStore.system())
            return context

    def wrap_buffers(self, server_hostname):
        context = self._context
        if (server_hostname is not None and
                self._configuration.validate_certificates):
            if self._checking is None:
                self._checking = self._make()
                self._checking.check_hostname = True
            context = self._checking
        return Buffer(self, context, server_hostname=server_hostname)


class ServerContext(openssl.Context, abstract.ServerContext):

    def __init__(self, configuration):
        super(ServerContext, self).__init__(configuration)
        self._others = {}       # contexts of other configurations

    def _make(self):
        configuration = self._configuration
        with _tls_errors():
            context = _new_context(_SERVER, configuration)
            if (configuration.validate_certificates and
                    configuration.trust_store):
                _trust(context, configuration.trust_store)
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
            tls.context = self._others[plain]._context
        return None

    def wrap_buffers(self):
        return Buffer(self, self._context, server_side=True)


class Buffer(openssl.Buffer):

    def __init__(self, context, ssl_context, **options):
        super(Buffer, self).__init__(context)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with _tls_errors():
            self._tls = ssl_context.wrap_bio(self._incoming, self._outgoing,
                                             **options)
        self._tls.buffer = weakref.ref(self)        # for the SNI callback

    def _tls_handshake(self):
        with _tls_errors():
            self._tls.do_handshake()

    def _tls_read(self, amt):
        with _tls_errors():
            try:
                return self._tls.read(amt)
            except ssl.SSLZeroReturnError:      # both have closed
                return b''

    def _tls_write(self, view):
        with _tls_errors():
            return self._tls.write(view)

    def _tls_shutdown(self):
        with _tls_errors():
            self._tls.unwrap()

    def _feed(self, data):
        self._incoming.write(data)

    def _feed_end(self):
        self._incoming.write_eof()

    def _taken(self):
        return self._outgoing.read()

    def _facts(self):
        version = self._tls.version()
        protocol = self._tls.selected_alpn_protocol()
        return (version and self._tls.cipher()[0], version,
                protocol and protocol.encode('ascii'))


BACKEND = abstract.Backend(ClientContext, ServerContext, pem.Certificate,
                           pem.PrivateKey, pem.TrustStore)
