"""OpenSSL.SSL: Context and Connection, in memory.

    Context: set_options, set_mode, set_cipher_list, set_info_callback (of
        SSL_CB_HANDSHAKE_START and _DONE), set_verify, set_verify_depth,
        set_session_id, set_default_verify_paths, load_verify_locations,
        get_cert_store, load_tmp_dh, set_tmp_ecdh, use_certificate,
        use_certificate_file, use_certificate_chain_file,
        add_extra_chain_cert, use_privatekey, use_privatekey_file,
        check_privatekey, set_alpn_protos, set_alpn_select_callback,
        set_tlsext_servername_callback
    Connection: set_accept_state, set_connect_state, set_tlsext_host_name,
        do_handshake, send, recv, shutdown, get_shutdown, pending, bio_read,
        bio_write, bio_shutdown, get_context, set_context, get_app_data,
        set_app_data, get_servername, get_peer_certificate,
        get_alpn_proto_negotiated, get_cipher_list, get_cipher_name,
        get_cipher_bits, get_protocol_version_name

Arguments, results and errors are those of pyOpenSSL 19.0.0.  The words
"Gotcha N" refer to the list in docs/examples.md.
"""

import ssl
import tempfile
import weakref

from . import crypto
from .crypto import FILETYPE_ASN1, FILETYPE_PEM
from .missing import Partial, function, getter, refuse, setter

SSLv2_METHOD, SSLv3_METHOD, SSLv23_METHOD, TLSv1_METHOD, TLSv1_1_METHOD, \
    TLSv1_2_METHOD = range(1, 7)
_PROTOCOLS = {SSLv23_METHOD: ssl.PROTOCOL_TLS,
              TLSv1_METHOD: ssl.PROTOCOL_TLSv1,
              TLSv1_1_METHOD: ssl.PROTOCOL_TLSv1_1,
              TLSv1_2_METHOD: ssl.PROTOCOL_TLSv1_2}
VERIFY_NONE, VERIFY_PEER, VERIFY_FAIL_IF_NO_PEER_CERT, VERIFY_CLIENT_ONCE = \
    0, 1, 2, 4
globals().update((name, getattr(ssl, name)) for name in dir(ssl)
                 if name.startswith('OP_'))
OP_NO_TICKET, MODE_RELEASE_BUFFERS = 0x4000, 0x10
SSL_CB_HANDSHAKE_START, SSL_CB_HANDSHAKE_DONE = 0x10, 0x20
SENT_SHUTDOWN, RECEIVED_SHUTDOWN = 1, 2
OPENSSL_VERSION_NUMBER, SSLEAY_VERSION = ssl.OPENSSL_VERSION_NUMBER, 0
#: What Twisted asks for by default.
DEPTH = 9


class Error(Exception):
    """args[0] is a list of (library, function or '', reason), all str."""


# WantReadError: repeat the call after bio_write().  ZeroReturnError: the peer
# has said close_notify.  SysCallError's args: errno, message.  The last two
# are never raised: bio_read() has no limit, no callback gives certificates.
WantReadError, ZeroReturnError, SysCallError, WantWriteError, \
    WantX509LookupError = (type(name, (Error,), {}) for name in (
        'WantReadError', 'ZeroReturnError', 'SysCallError', 'WantWriteError',
        'WantX509LookupError'))
# What ssl calls libraries, functions and reasons, and what OpenSSL does.
_WORDS = {'X509': 'x509 certificate routines', 'SYS': 'system library',
          'read': 'SSL_read', 'write': 'SSL_write', 'unwrap': 'SSL_shutdown',
          'do_handshake': 'SSL_do_handshake',
          'No cipher can be selected.': 'no cipher match'}


def _failure(reason, function='', library='SSL'):
    """An Error with pyOpenSSL's words for ssl's *reason* and *library*, and
    OpenSSL's function for that of ssl."""
    return Error([(_WORDS.get(library, library + ' routines'),
                   _WORDS.get(function, ''),
                   _WORDS.get(reason, reason.lower().replace('_', ' ')))])


def _call(function, *args, **kwargs):
    """function(...), with pyOpenSSL's errors in place of ssl's."""
    try:
        return function(*args, **kwargs)
    except ssl.SSLWantReadError:
        raise WantReadError()
    except ssl.SSLZeroReturnError:
        raise ZeroReturnError()
    except ssl.SSLEOFError:     # Gotcha 4: an end without close_notify
        raise SysCallError(-1, 'Unexpected EOF')
    except ssl.SSLError as error:
        raise _failure(error.reason or error.args[-1], function.__name__,
                       error.library or 'SSL')
    except EnvironmentError as error:
        raise _failure(error.strerror or str(error), '', 'SYS')
    except crypto.Error as error:
        raise Error(error.args[0])


def _load_file(load, path, kind=FILETYPE_PEM):
    """load(kind, the content of the file *path*)."""
    with _call(open, path, 'rb') as source:
        return _call(load, kind, source.read())


def _returns_last(callback):
    """Does *callback*, of five arguments, only return the last?"""
    code, last = getattr(callback, '__code__', None), lambda a, b, c, d, e: e
    return code is not None and code.co_argcount == 5 and \
        code.co_code == last.__code__.co_code


class Context(Partial):
    """Settings of connections, kept by an ssl.SSLContext."""

    HINT = 'set it in openssl.cnf, if at all'

    def __init__(self, method):
        if method not in _PROTOCOLS:
            raise ValueError('No such protocol')
        self._context = _call(ssl.SSLContext, _PROTOCOLS[method])
        # identity.py does it, when Twisted asks for it.
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._info = lambda connection, where, result: None
        self._key = self._certificate = self._select = None
        self._mode, self._chain, self._protocols = VERIFY_NONE, [], []

    def set_options(self, options):
        self._context.options |= options
        return self._context.options

    def set_mode(self, mode):
        if mode & ~MODE_RELEASE_BUFFERS:        # which is always set
            refuse('set_mode()', 'MODE_RELEASE_BUFFERS is set')
        return mode

    def set_cipher_list(self, cipher_list):
        _call(self._context.set_ciphers, cipher_list)

    def set_default_verify_paths(self):
        self._context.set_default_verify_paths()

    def load_verify_locations(self, cafile, capath=None):
        _call(self._context.load_verify_locations, cafile, capath)

    def load_tmp_dh(self, dhfile):
        _call(self._context.load_dh_params, dhfile)

    def set_info_callback(self, callback):
        """*callback*(connection, where, 1) is called before and after the
        handshake.  What it raises then is raised to whoever wanted the
        handshake done, every time."""
        self._info = callback

    def set_verify(self, mode, callback):
        """*callback* has to be None or to return its last argument, as
        Twisted's does: nobody is asked about single certificates."""
        if callback is not None and not _returns_last(callback):
            refuse('a verify callback',
                   'ask get_peer_certificate() at SSL_CB_HANDSHAKE_DONE')
        self._mode = mode
        # Without VERIFY_CLIENT_ONCE nothing is verified less often.
        self._context.verify_mode = \
            (ssl.CERT_NONE, ssl.CERT_OPTIONAL, ssl.CERT_NONE,
             ssl.CERT_REQUIRED)[mode & 3]

    def set_verify_depth(self, depth):
        """DEPTH and more are taken; the limit is OpenSSL's own, 100."""
        if depth < DEPTH:
            refuse('set_verify_depth()',
                   'give the certificate of the authority a pathlen')

    def set_session_id(self, buf):
        """Sessions are resumed in their own Context only, which is what the
        id is for; see set_context()."""

    def get_cert_store(self):
        return crypto.X509Store(self)

    def _trust(self, data):
        _call(self._context.load_verify_locations, cadata=data)

    def set_tmp_ecdh(self, curve):
        self._context.set_ecdh_curve(curve.name)

    def use_certificate(self, cert):
        self._use(_certificate=cert)

    def use_certificate_file(self, certfile, filetype=FILETYPE_PEM):
        self._use(_certificate=_load_file(
            crypto.load_certificate, certfile, filetype))

    def use_certificate_chain_file(self, certfile):
        chain = _load_file(crypto.load_chain, certfile)
        self._use(_certificate=chain[0], _chain=chain[1:])

    def add_extra_chain_cert(self, certobj):
        self._use(_chain=self._chain + [certobj])

    def use_privatekey(self, pkey):
        self._use(_key=pkey)

    def use_privatekey_file(self, keyfile, filetype=FILETYPE_PEM):
        self._use(_key=_load_file(
            crypto.load_privatekey, keyfile, filetype))

    def check_privatekey(self):
        if not (self._key and self._certificate):
            raise _failure('no certificate or key assigned')
        self._use()

    def _use(self, **changes):
        vars(self).update(changes)
        if self._key and self._certificate:
            pem = crypto.dump_privatekey(FILETYPE_PEM, self._key)
            for cert in [self._certificate] + self._chain:
                pem += crypto.dump_certificate(FILETYPE_PEM, cert)
            self._load(pem, self._context.load_cert_chain)

    def _load(self, pem, function):
        """*function* gets a file with *pem* that nobody else can read."""
        with tempfile.NamedTemporaryFile() as target:
            target.write(pem)
            target.flush()
            _call(function, target.name)

    def set_alpn_protos(self, protos):
        self._context.set_alpn_protocols(protos)
        self._protocols = protos

    def set_alpn_select_callback(self, callback):
        """*callback* has to choose as the ssl module does: the first of
        set_alpn_protos() that the client has, too.  A server tries it."""
        self._select = callback

    def _check_alpn(self, connection):
        ours, select = self._protocols, self._select
        if select and not (
                ours and not select(connection, ['?']) and
                all(select(connection, ours[at:][::-1]) == ours[at]
                    for at in range(len(ours)))):
            refuse('an ALPN callback that does not choose the first common '
                   'protocol', 'give set_alpn_protos() the list')

    def set_tlsext_servername_callback(self, callback):
        def received(tls, name, context):
            connection = tls.connection()
            connection._name = name and name.encode('idna')
            callback(connection)
        self._context.set_servername_callback(received)


class Connection(Partial):
    """A connection with the settings of *context*: bio_write() takes what
    the peer has sent, bio_read() gives what it is to be sent."""

    HINT = 'use the ssl module itself'
    get_context, get_app_data, get_servername, get_shutdown = map(
        getter, ('_context', '_app_data', '_name', '_shutdown'))
    set_accept_state, set_connect_state = (
        setter('_server', value) for value in (True, False))

    def __init__(self, context, socket=None):
        if not isinstance(context, Context):
            raise TypeError('context must be a Context instance')
        if socket is not None:
            refuse('a socket', 'move the bytes by bio_read(), bio_write()')
        self._context, self._done, self._unread = context, False, b''
        self._tls = self._name = self._server = self._app_data = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._shutdown = 0

    def set_context(self, context):
        """Also in a servername callback, unless a context verifies: the
        first one's settings would be in force."""
        if self._tls is not None:
            if (self._context._mode | context._mode) & VERIFY_PEER:
                refuse('set_context(), with set_verify()', 'use two ports')
            context._check_alpn(self)
            self._tls.context = context._context
        self._context = context

    def set_app_data(self, data):
        self._app_data = data

    def set_tlsext_host_name(self, name):
        if self._tls is not None:
            refuse('set_tlsext_host_name(), now', 'set it earlier')
        self._name = name

    def bio_read(self, bufsiz):
        data = self._outgoing.read(bufsiz)
        if not data:
            raise WantReadError()
        return data

    def bio_write(self, buf):
        return self._incoming.write(buf)

    def bio_shutdown(self):
        self._incoming.write_eof()

    def _begin(self):
        if self._server is None:
            raise _failure('connection type not set')
        # In this, Twisted sets the name.
        self._context._info(self, SSL_CB_HANDSHAKE_START, 1)
        if self._server:
            self._context._check_alpn(self)
        self._tls = _call(
            self._context._context.wrap_bio, self._incoming, self._outgoing,
            self._server, None if self._server else self._name)
        self._tls.connection = weakref.ref(self)

    def do_handshake(self):
        if self._done:
            return
        if self._tls is None:
            self._begin()
        _call(self._tls.do_handshake)
        self._done = True
        try:
            # In this, it checks the name.
            self._context._info(self, SSL_CB_HANDSHAKE_DONE, 1)
        except BaseException:
            self._done = False
            raise

    def send(self, buf, flags=0):
        if isinstance(buf, type(u'')):
            raise TypeError('data must be a byte string')
        if not self._done:      # Gotcha 2: write() would, and tell nobody
            self.do_handshake()
        return _call(self._tls.write, buf) if buf else 0

    def recv(self, bufsiz, flags=None):
        if not self._done:
            self.do_handshake()
        if self._unread:
            data, self._unread = self._unread[:bufsiz], self._unread[bufsiz:]
            return data
        return self._read(bufsiz)

    def _read(self, size):
        try:
            data = _call(self._tls.read, size)
            if data or not size:
                return data
        except ZeroReturnError:
            pass
        self._shutdown |= RECEIVED_SHUTDOWN
        raise ZeroReturnError()

    def pending(self):
        return len(self._unread) + (self._tls.pending() if self._tls else 0)

    def shutdown(self):
        """Send close_notify.  True if the peer's has come, too."""
        if self._tls is None:
            raise _failure('uninitialized')
        try:
            # Gotcha 3: unwrap() fails if data has come that was not read.
            while self._done and not self._shutdown & RECEIVED_SHUTDOWN:
                self._unread += self._read(1 << 14)
        except Error:
            pass
        try:
            _call(self._tls.unwrap)
        except WantReadError:
            self._shutdown |= SENT_SHUTDOWN
            return False
        self._shutdown = SENT_SHUTDOWN | RECEIVED_SHUTDOWN
        return True

    def get_peer_certificate(self):
        data = self._tls.getpeercert(True) if self._done else None
        return data and crypto.load_certificate(FILETYPE_ASN1, data)

    def _verified_certificate(self):
        """For identity.py: {} if it was not verified."""
        return self._done and self._tls.getpeercert() or {}

    def get_alpn_proto_negotiated(self):
        return self._done and self._tls.selected_alpn_protocol() or b''

    def get_cipher_list(self):
        return [cipher['name'].decode('ascii')
                for cipher in self._context._context.get_ciphers()]

    def get_cipher_name(self):
        return self._tls.cipher()[0] if self._done else None

    def get_cipher_bits(self):
        return self._tls.cipher()[2] if self._done else None

    def get_protocol_version_name(self):
        return (self._done and self._tls.version() or 'Unknown').decode()


def SSLeay_version(type):
    return ssl.OPENSSL_VERSION


ContextType, ConnectionType = Context, Connection
Session = function('Session', Connection.HINT)
