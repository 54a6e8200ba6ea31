"""SSLObject.context: get, set and delete, and what a swap does not change."""

import ctypes
import os
import ssl
import subprocess
import sys
import weakref

import pytest

import errorqueue
import sockets
import tls
from differences import differs
from expect import ssl_error, want_read

try:
    import pty
except ImportError:             # Windows
    pty = None


def start(end):
    """Begin the handshake.  Python 2.7 keeps a handled error, and all that
    its traceback holds, until the function that handled it returns."""
    with want_read():
        end.obj.do_handshake()


def ciphers(context):
    """How many ciphers OpenSSL's own structure of *context* has."""
    library = errorqueue.library()
    try:
        get, count = library.SSL_CTX_get_ciphers, library.OPENSSL_sk_num
    except AttributeError:
        pytest.skip('needs the functions of OpenSSL 1.1')
    get.restype = ctypes.c_void_p
    # It is the first member of the object.
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    return count(ctypes.c_void_p(get(pointer)))


ASK = """
import os, signal, ssl, sys
signal.alarm(20)
os.setsid()
# The first one that it opens is its terminal.
os.open(sys.argv[1], os.O_RDWR)
ssl.SSLContext(%d).load_cert_chain(sys.argv[2]%%s)
""" % ssl.PROTOCOL_TLS


@pytest.mark.skipif(pty is None, reason='needs terminals')
@pytest.mark.parametrize('password', ['', ', password=None'],
                         ids=['left-out', 'none'])
def test_password_is_asked_for(password):
    folder = os.path.join(os.path.dirname(os.__file__), 'test')
    keys = [os.path.join(folder, *names) for names in (
        ('keycert.passwd.pem',), ('certdata', 'keycert.passwd.pem'))]
    keys = [key for key in keys if os.path.exists(key)]
    if not keys:
        pytest.skip("Python's own tests are not here")
    terminal, other = pty.openpty()
    try:
        child = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', ASK % password,
             os.ttyname(other), keys[0]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # It is there when it is asked for.
        os.write(terminal, b'somepass\n')
        output = child.communicate()[0].decode()
    finally:
        os.close(terminal)
        os.close(other)
    assert (child.returncode, output) == (0, '')


class TestGet(object):
    def test_is_the_one_that_wrapped(self, version, side):
        contexts = {'client': tls.client_context(version),
                    'server': tls.server_context(version)}
        connection = tls.Connection(version, **contexts)
        obj = getattr(connection, side).obj
        assert obj.context is contexts[side]
        connection.established()
        assert obj.context is contexts[side]

    def test_is_kept_alive(self, version):
        connection = tls.Connection(version)
        tls.forget_errors()
        assert isinstance(connection.client.obj.context, ssl.SSLContext)
        connection.established()


class TestSet(object):
    def test_other_context(self, fresh, version):
        other = tls.client_context(version)
        fresh.client.obj.context = other
        assert fresh.client.obj.context is other
        fresh.established()
        assert fresh.client.obj.context is other

    def test_same_context(self, pair):
        context = pair.client.obj.context
        for _ in range(5):
            pair.client.obj.context = context
        assert pair.client.obj.context is context
        assert pair.send(pair.client, b'spam') == b'spam'

    def test_subclass(self, fresh):
        class Context(ssl.SSLContext):
            pass

        context = Context(ssl.PROTOCOL_TLS)
        fresh.client.obj.context = context
        assert fresh.client.obj.context is context

    @pytest.mark.parametrize('value', [None, 1, 'x', object(),
                                       ssl.SSLContext, []],
                             ids=lambda value: type(value).__name__)
    def test_wrong_type(self, pair, value):
        context = pair.client.obj.context
        with pytest.raises(TypeError):
            pair.client.obj.context = value
        assert pair.client.obj.context is context
        assert pair.send(pair.client, b'spam') == b'spam'

    def test_established_connection_goes_on(self, pair, version, side):
        obj = getattr(pair, side).obj
        cipher = obj.cipher()
        obj.context = tls.server_context(version, 'other')
        assert obj.cipher() == cipher
        assert pair.send(pair.client, b'spam') == b'spam'
        assert pair.send(pair.server, b'eggs') == b'eggs'
        pair.close()

    def test_closed_connection(self, pair, version):
        pair.close()
        other = tls.client_context(version)
        pair.client.obj.context = other
        assert pair.client.obj.context is other
        with ssl_error(ssl.SSLZeroReturnError):
            pair.client.obj.read()


class TestDelete(object):
    def test_is_an_error(self, fresh, pair, side):
        error = differs('delete-context', py2=TypeError, py3=AttributeError)
        for connection in (fresh, pair):
            obj = getattr(connection, side).obj
            context = obj.context
            for _ in range(3):
                with pytest.raises(error):
                    del obj.context
            assert obj.context is context
        assert pair.send(pair.client, b'spam') == b'spam'

    def test_of_the_c_object(self, pair):
        """The attribute of the type in C, which SSLSocket has too."""
        raw = pair.client.obj._sslobj
        if differs('delete-context', py2=False, py3=True):
            # This is the crash: do not try it there.
            return
        with pytest.raises(TypeError):
            del raw.context
        assert pair.client.obj.context is raw.context


class Unwilling(int):
    """An int that does not say which."""

    def __int__(self):
        raise KeyError('spam')

    __long__ = __index__ = __int__


@pytest.mark.skipif(not tls.PY2, reason='Python 3 does not ask')
def test_flags_of_a_number_that_fails():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS)
    flags, done = context.verify_flags, []
    with pytest.raises(KeyError):
        context.verify_flags = Unwilling(flags ^ ssl.VERIFY_X509_STRICT)
        done.append(True)
    assert not done and context.verify_flags == flags


@pytest.mark.skipif(not tls.PY2, reason='Python 3 has other limits')
def test_all_flags():
    """A number that an error would have, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS)
    flags = context.verify_flags
    context.verify_flags = ctypes.c_ulong(-1).value
    assert context.verify_flags > flags


class TestVerification(object):
    """A context put in later has verified nothing."""

    def test_unverified_stays_unverified(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, ca=None))
        connection.established()
        obj = connection.client.obj
        assert obj.getpeercert() == {}
        obj.context = tls.client_context(version)
        if differs('verify-mode-of-connection', py2=True, py3=False):
            assert obj.getpeercert() == {}
        else:
            assert obj.getpeercert()['subject']
        assert obj.getpeercert(True)

    def test_verified_stays_verified(self, pair, version):
        cert = pair.client.obj.getpeercert()
        assert cert['subject']
        pair.client.obj.context = tls.client_context(version, ca=None)
        if differs('verify-mode-of-connection', py2=True, py3=False):
            assert pair.client.obj.getpeercert() == cert
        else:
            assert pair.client.obj.getpeercert() == {}

    def test_swap_before_the_handshake_keeps_the_verification(self, version):
        """A client that verifies goes on verifying, whatever is put in."""
        connection = tls.Connection(
            version, client=tls.client_context(version, ca='wrongca'))
        connection.client.obj.context = tls.client_context(version, ca=None)
        with pytest.raises(ssl.SSLError) as info:
            connection.handshake()
        assert info.value.reason == 'CERTIFICATE_VERIFY_FAILED'

    def test_client_certificate_of_a_swapped_server(self, version):
        """A server whose first context does not ask for a certificate."""
        strict = tls.server_context(version, 'other', client_ca='ca')
        context = tls.server_context(version)

        def callback(obj, name, argument):
            obj.context = strict

        context.set_servername_callback(callback)
        connection = tls.Connection(
            version, client=tls.client_context(version, name='client'),
            server=context, server_hostname='other.test').established()
        assert connection.server.obj.context is strict
        assert connection.server.obj.getpeercert() is None


@pytest.mark.skipif(not tls.PY2, reason='Python 3 takes any str')
def test_paths_that_have_no_bytes():
    """An error of the codec, and none of OpenSSL, says so."""
    program = """if 1:
        import codecs, ssl, sys
        context = ssl.SSLContext(ssl.PROTOCOL_TLS)
        path = u'\\u20ac.pem'
        if sys.getfilesystemencoding() == 'UTF-8':
            raise SystemExit('UTF-8')
        # Each C library has a name of its own for it.
        assert codecs.lookup(sys.getfilesystemencoding()).name == 'ascii'
        for call, args in ((context.load_verify_locations, (path,)),
                           (context.load_verify_locations, (None, path)),
                           (context.load_cert_chain, (path,)),
                           (context.load_cert_chain, (sys.argv[1], path)),
                           (context.load_dh_params, (path,))):
            try:
                call(*args)
            except UnicodeEncodeError:
                continue
            raise SystemExit(call.__name__)
        """
    child = subprocess.Popen(
        [sys.executable, '-c', program, tls.cert('server')],
        env=dict(os.environ, LC_ALL='C'), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    output = child.communicate()[0]
    if output == b'UTF-8\n':
        pytest.skip('every path has bytes: the locale C has UTF-8 here')
    assert child.returncode == 0, output


def test_options_are_ints():
    """Not longs, where an int is wide enough."""
    options = {name: value for name, value in vars(ssl).items()
               if name.startswith('OP_')}
    assert options['OP_NO_TLSv1'] > 0
    for name, value in options.items():
        wide = tls.PY2 and value > sys.maxint
        assert isinstance(value, type(2 ** 70) if wide else int), name


def test_all_options():
    """All bits are what C also has for an error."""
    context = tls.new_context()
    for value in (2 ** 64 - 1, 2 ** 32 - 1):
        try:
            context.options = value
        except OverflowError:
            continue
        break
    assert context.options & ssl.OP_NO_TLSv1


DIRECTORY = """
import ssl, sys
sys.path.insert(0, sys.argv[1])
import tls

client = tls.client_context(None, ca=None)
client.verify_mode = ssl.CERT_REQUIRED
client.load_verify_locations(capath=sys.argv[2])
try:
    tls.Connection(None, client=client).established()
except ssl.SSLError as error:
    assert error.reason == 'CERTIFICATE_VERIFY_FAILED', error
else:
    raise AssertionError('connected')
"""


DEFAULTS = """
import ssl, sys
sys.path.insert(0, sys.argv[1])
import tls

client = tls.client_context(None, ca=None)
client.verify_mode = ssl.CERT_REQUIRED
client.set_default_verify_paths()
tls.Connection(None, client=client).established()
"""


class TestLoading(object):
    def flight(self, context):
        """What a TLS 1.2 server answers, in cleartext."""
        connection = tls.Connection('TLSv1.2', server=context)
        for end in (connection.client, connection.server):
            connection.step(end, end.obj.do_handshake)
        return connection.client.incoming.read()

    def test_chain(self, tmpdir):
        """It is sent, and goes with the certificate that it came with."""
        with open(tls.cert('ca')) as stream:
            ca = stream.read()
        with open(tls.cert('server')) as stream:
            chain = stream.read() + ca
        path = tmpdir.join('chain.pem')
        path.write(chain)
        extra = ssl.PEM_cert_to_DER_cert(ca[ca.index('-----BEGIN CERT'):])
        context = tls.new_context('TLSv1.2')
        context.load_cert_chain(str(path))
        assert extra in self.flight(context)
        context.load_cert_chain(tls.cert('server'))
        assert extra not in self.flight(context)
        context.load_cert_chain(str(path))
        assert extra in self.flight(context)
        with pytest.raises(EnvironmentError):
            context.load_cert_chain(tls.cert('ca'))
        if tls.PY2:                 # Python 3 has set a part of it
            assert extra in self.flight(context)

    def test_nothing_but_the_directory(self, tmpdir):
        """The system's certificates are trusted only when asked for."""
        child = subprocess.Popen(
            [sys.executable, '-c', DIRECTORY, os.path.dirname(tls.__file__),
             str(tmpdir)],
            env=dict(os.environ, SSL_CERT_DIR=tls.cert('ca'),
                     SSL_CERT_FILE=tls.cert('ca')),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = child.communicate()[0]
        assert child.returncode == 0, output

    @pytest.mark.parametrize('name', ['SSL_CERT_FILE', 'SSL_CERT_DIR'])
    def test_defaults(self, name, tmpdir):
        if name == 'SSL_CERT_DIR' and not (
                tls.is_openssl() and ssl.OPENSSL_VERSION_INFO[:2] == (3, 0)):
            pytest.skip('no URI is taken for the directory')
        found = {'SSL_CERT_FILE': str(tmpdir.join('none.pem')),
                 'SSL_CERT_DIR': str(tmpdir)}
        found[name] = tls.cert('ca')
        child = subprocess.Popen(
            [sys.executable, '-c', DEFAULTS, os.path.dirname(tls.__file__)],
            env=dict(os.environ, **found),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = child.communicate()[0]
        assert child.returncode == 0, output

    def test_directory_that_is_refused(self, version, tmpdir):
        """It is in no other thread's way afterwards."""
        context = tls.client_context(version)

        def use():
            tls.Connection(version, client=context).established()
            context.load_verify_locations(capath=str(tmpdir))
            tls.Connection(version, client=context).established()

        with pytest.raises(EnvironmentError):
            context.load_verify_locations(capath='')
        with sockets.Peer(use):
            pass


class TestReferences(object):
    def test_of_contexts(self, version):
        first, second = (tls.client_context(version) for _ in range(2))
        before = sys.getrefcount(first), sys.getrefcount(second)
        end = tls.End(first)
        for _ in range(100):
            end.obj.context = second
            end.obj.context = first
            with pytest.raises(TypeError):
                end.obj.context = None
        del end
        tls.forget_errors()
        assert (sys.getrefcount(first), sys.getrefcount(second)) == before

    @pytest.mark.skipif(not tls.PY2, reason='another layout')
    def test_no_connection_is_left(self):
        """A list of ciphers, which each connection has its own copy of as
        long as there are any, is that of the context then."""
        first = tls.client_context()
        connection = tls.Connection(client=first)
        connection.client.obj.context = tls.client_context()
        del connection
        tls.forget_errors()
        before = ciphers(first)
        first.set_ciphers('AES256-SHA')
        assert ciphers(first) < before

    @pytest.mark.skipif(not tls.PY2, reason='another layout')
    def test_connection_that_came_from_another(self):
        """It refers to the list of its new context."""
        first, second = (tls.client_context('TLSv1.2') for _ in range(2))
        connection = tls.Connection('TLSv1.2', client=first)
        connection.client.obj.context = second
        before = ciphers(second)
        second.set_ciphers('AES256-SHA')
        assert ciphers(second) == before
        connection.established()
        del connection
        tls.forget_errors()
        tls.Connection('TLSv1.2', client=second)
        assert ciphers(second) < before

    @pytest.mark.skipif(not tls.PY2, reason='another layout')
    def test_one_connection_is_left(self):
        """The list that it refers to stays, whoever is connected next."""
        context = tls.client_context('TLSv1.2')
        connection = tls.Connection('TLSv1.2', client=context).established()
        before = ciphers(context)
        context.set_ciphers('ECDHE-RSA-AES256-GCM-SHA384')
        assert ciphers(context) == before
        new = tls.Connection('TLSv1.2', client=context).established()
        assert new.client.obj.cipher()[0] == 'ECDHE-RSA-AES256-GCM-SHA384'
        assert ciphers(context) == before
        del connection, new
        tls.forget_errors()
        tls.Connection('TLSv1.2', client=context)
        assert ciphers(context) < before

    def test_class_of_sockets(self):
        assert hasattr(ssl.SSLContext, 'sslsocket_class') is differs(
            'no-sslsocket-class', py2=False, py3=True)

    def test_new_context_is_kept_alive(self, fresh, version):
        fresh.client.obj.context = tls.client_context(version)
        tls.forget_errors()
        assert isinstance(fresh.client.obj.context, ssl.SSLContext)
        fresh.established()

    def test_contexts_go_with_the_object(self, version):
        contexts = [tls.client_context(version) for _ in range(2)]
        references = list(map(weakref.ref, contexts))
        end = tls.End(contexts[0])
        end.obj.context = contexts[1]
        start(end)
        del contexts
        tls.forget_errors()
        assert references[1]() is end.obj.context
        del end
        tls.forget_errors()
        assert [reference() for reference in references] == [None, None]
