"""The backend over pyOpenSSL 20.0 or later, with names checked by
service_identity 18.1 or later."""

import contextlib
import weakref

from OpenSSL import SSL, crypto
from service_identity import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address

from pep543 import abstract, openssl, pem
from pep543.configuration import TLSConfiguration
from pep543.errors import RaggedEOF, TLSError, WantReadError
from pep543.names import TLSVersion

_OP_NO = {TLSVersion.TLSv1: SSL.OP_NO_TLSv1,
          TLSVersion.TLSv1_1: SSL.OP_NO_TLSv1_1,
          TLSVersion.TLSv1_2: SSL.OP_NO_TLSv1_2,
          # Not in all versions of pyOpenSSL.
          TLSVersion.TLSv1_3: getattr(SSL, 'OP_NO_TLSv1_3', 0x20000000)}
_UNRECOGNIZED_NAME = b'\x15\x03\x03\x00\x02\x02\x70'    # an alert


@contextlib.contextmanager
def _tls_errors():
    """Turn the errors of pyOpenSSL into those of this package."""
    try:
        yield
    except SSL.WantReadError:
        raise WantReadError('more has to come from the network')
    except SSL.SysCallError as error:
        raise RaggedEOF(*error.args)
    except (SSL.Error, crypto.Error) as error:
        text = ', '.join(each[2] for each in error.args and error.args[0])
        if 'unexpected eof' in text:            # OpenSSL 3
            raise RaggedEOF(text)
        raise TLSError(text or type(error).__name__)


def _load_chain(context, certificates, key):
    for number, certificate in enumerate(certificates):
        loaded = crypto.load_certificate(crypto.FILETYPE_PEM,
                                         certificate.parts[0])
        if number:
            context.add_extra_chain_cert(loaded)
        else:
            context.use_certificate(loaded)
    content, password = key.parts
    # b'' for none: OpenSSL would ask at the terminal.
    password = password() if callable(password) else password or b''
    context.use_privatekey(crypto.load_privatekey(
        crypto.FILETYPE_PEM, content, bytes(password)))
    context.check_privatekey()


def _trust(context, store, mode):
    context.set_verify(mode, _verified)
    if store.parts[0] is None:
        context.set_default_verify_paths()
    else:
        context.load_verify_locations(store.parts[0])


def _verified(connection, certificate, error, depth, good):
    """Called in the handshake for each certificate that OpenSSL has
    verified.  The name is checked here so that the peer gets an alert."""
    return bool(good and (
        depth or connection.get_app_data()().check_name(certificate)))


def _choose_protocol(ours):
    """A callback that takes the first of *ours* that the client has."""
    def choose(connection, theirs):
        for protocol in ours:
            if protocol in theirs:
                return protocol
        return SSL.NO_OVERLAPPING_PROTOCOLS
    return choose


def _new_context(configuration):
    context = SSL.Context(SSL.SSLv23_METHOD)
    context.set_options(
        SSL.OP_NO_COMPRESSION | SSL.OP_SINGLE_ECDH_USE | SSL.OP_NO_SSLv2 |
        SSL.OP_NO_SSLv3 | SSL.OP_CIPHER_SERVER_PREFERENCE)
    allowed = openssl.allowed_versions(configuration)
    for version, option in _OP_NO.items():
        if version not in allowed:
            context.set_options(option)
    context.set_cipher_list(
        openssl.older_suites(configuration).encode('ascii'))
    if configuration.certificate_chain:
        _load_chain(context, *configuration.certificate_chain)
    return context


class ClientContext(openssl.Context, abstract.ClientContext):

    def _make(self):
        configuration = self._configuration
        with _tls_errors():
            context = _new_context(configuration)
            if configuration.inner_protocols:
                context.set_alpn_protos([
                    bytes(protocol)
                    for protocol in configuration.inner_protocols])
            if configuration.validate_certificates:
                _trust(context, configuration.trust_store or
                       pem.TrustStore.system(), SSL.VERIFY_PEER)
            return context

    def wrap_buffers(self, server_hostname):
        buffer = Buffer(self, self._context)
        buffer.connect(server_hostname,
                       self._configuration.validate_certificates)
        return buffer


class ServerContext(openssl.Context, abstract.ServerContext):

    def __init__(self, configuration):
        super(ServerContext, self).__init__(configuration)
        self._others = {}       # contexts of other configurations

    def _make(self):
        configuration = self._configuration
        with _tls_errors():
            context = _new_context(configuration)
            # Sessions of clients with certificates are refused without.
            context.set_session_id(b'pep543')
            if configuration.inner_protocols:
                context.set_alpn_select_callback(
                    _choose_protocol(configuration.inner_protocols))
            if (configuration.validate_certificates and
                    configuration.trust_store):
                _trust(context, configuration.trust_store,
                       SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
            if configuration.sni_callback:
                # Not a method: context and callback would keep each other.
                reference = weakref.ref(self)
                context.set_tlsext_servername_callback(
                    lambda connection: reference()._choose(connection))
            return context

    def _choose(self, connection):
        """Called by OpenSSL in the handshake: use another certificate.
        pyOpenSSL drops what is raised or returned here."""
        buffer = connection.get_app_data()()
        buffer.refused = True
        name = connection.get_servername()
        chosen = self._configuration.sni_callback(
            buffer, name and name.decode('ascii'), self._configuration)
        if not isinstance(chosen, TLSConfiguration):
            return
        if chosen != self._configuration:
            plain = chosen.update(sni_callback=None)
            if plain not in self._others:
                self._others[plain] = ServerContext(plain)
            connection.set_context(self._others[plain]._context)
        buffer.refused = False

    def wrap_buffers(self):
        buffer = Buffer(self, self._context)
        buffer.accept()
        return buffer


class Buffer(openssl.Buffer):

    def __init__(self, context, ssl_context):
        super(Buffer, self).__init__(context)
        self._tls = SSL.Connection(ssl_context, None)
        self._tls.set_app_data(weakref.ref(self))   # for the SNI callback
        self._name, self._done, self._failure = None, False, None
        self.refused = False

    def connect(self, server_hostname, validate):
        self._tls.set_connect_state()
        if server_hostname is None:
            return
        name = server_hostname.encode('idna').decode('ascii')
        if not _is_address(name):
            self._tls.set_tlsext_host_name(name.encode('ascii'))
        if validate:
            self._name = name

    def accept(self):
        self._tls.set_accept_state()

    def _tls_handshake(self):
        if self._failure is None and not self._done:
            try:
                with _tls_errors():
                    self._tls.do_handshake()
                if self._name is not None:
                    raise TLSError('the name has not been checked')
            except WantReadError:
                self._check_refused()
                raise
            except TLSError as error:
                self._failure = self._failure or error
            self._check_refused()
        if self._failure is not None:
            raise self._failure
        self._done = True

    def _check_refused(self):
        """The SNI callback did not return a configuration: whatever OpenSSL
        has to say to the client, instead of it there is an alert."""
        if self.refused and not self._failure:
            self._taken()
            self._unsent += _UNRECOGNIZED_NAME
            self._failure = TLSError('the server name is not recognized')
            raise self._failure

    def check_name(self, certificate):
        """True if *certificate*, the verified one of the peer, is for the
        name that is wanted."""
        if self._name is None:
            return True
        verify = verify_ip_address if _is_address(self._name) else \
            verify_hostname
        try:
            verify(_Presented(certificate), self._name)
        except (VerificationError, CertificateError) as error:
            self._failure = TLSError('the certificate is not for {}: {!r}'
                                     .format(self._name, error))
            return False
        self._name = None
        return True

    def _tls_read(self, amt):
        with _tls_errors():
            try:
                return self._tls.recv(amt)
            except SSL.ZeroReturnError:
                return b''

    def _tls_write(self, view):
        with _tls_errors():
            data = view.tobytes()
            return self._tls.send(data) if data else 0

    def _tls_shutdown(self):
        with _tls_errors():
            if not self._tls.shutdown():
                raise WantReadError('for the close_notify of the peer')

    def _feed(self, data):
        self._tls.bio_write(data)

    def _feed_end(self):
        self._tls.bio_shutdown()

    def _taken(self):
        data = b''
        try:
            while True:
                data += self._tls.bio_read(openssl.LIMIT)
        except SSL.WantReadError:
            return data

    def _facts(self):
        name = self._tls.get_cipher_name()
        if name is None:
            return None, None, None
        return (name, self._tls.get_protocol_version_name(),
                self._tls.get_alpn_proto_negotiated() or None)


class _Presented(object):
    """For service_identity: a connection with the peer's certificate, in a
    handshake that is not complete."""

    def __init__(self, certificate):
        self._certificate = certificate

    def get_peer_certificate(self):
        return self._certificate


def _is_address(name):
    return ':' in name or name.replace('.', '').isdigit()


BACKEND = abstract.Backend(ClientContext, ServerContext, pem.Certificate,
                           pem.PrivateKey, pem.TrustStore)
