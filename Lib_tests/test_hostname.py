# -*- coding: utf-8 -*-
"""The host name check: which names a certificate is for, and that no data
passes to or from a wrong host, however the handshake is done.  (Many more
names are in test_hostname_pairs.py.)"""

import copy
import ctypes
import pickle
import ssl

import pytest

import errorqueue
import renegotiation
import tls
from differences import differs
from expect import ssl_error, want_read
from test_errors import alert, failed_for_good

# (certificate, names that it is for)
MATCHES = [
    ('server', ['server.test', 'SERVER.Test', u'server.test', 'localhost']),
    ('wildcard', ['a.wild.test', 'A.WILD.TEST', u'www.wild.test']),
    ('ip', ['127.0.0.1', u'127.0.0.1', '::1', '0:0:0:0:0:0:0:1',
            '2001:db8::a', '2001:DB8::A', '2001:0db8:0:0::000a']),
    ('idn', [u'b\xfccher.test', u'B\xdcCHER.test', 'xn--bcher-kva.test',
             u'xn--bcher-kva.test', 'XN--BCHER-KVA.test']),
    ('ecdsa', ['ecdsa.test']),
]

# (certificate, names that it is not for)
MISMATCHES = [
    ('server', ['other.test', 'a.server.test', 'server.test.example', 'test',
                'server', u'b\xfccher.test', '127.0.0.1', '::1']),
    ('wildcard', ['wild.test', 'a.b.wild.test', '.wild.test'[1:] + 'x',
                  'awild.test']),
    ('ip', ['127.0.0.2', '::2', '::', '2001:db8::b', '::127.0.0.1',
            'server.test', '127.0.0.1.test']),
    ('idn', [u'bucher.test', u'b\xf6cher.test', 'bcher-kva.test']),
]


def cases(table):
    return [pytest.param(name, host, id='%s-%s' % (
        name, host.encode('ascii', 'backslashreplace').decode('ascii')))
        for name, hosts in table for host in hosts]


def mismatch():
    """The block finds another name in the certificate."""
    return pytest.raises(ssl.SSLCertVerificationError)


def checked(version, name, host, **options):
    """A client that checks for *host*, a server with certificate *name*."""
    return tls.Connection(
        version, client=tls.client_context(version, check_hostname=True),
        server=tls.server_context(version, name), server_hostname=host,
        **options)


@pytest.mark.parametrize('name, host', cases(MATCHES))
class TestMatch(object):
    def test_explicit(self, version, name, host):
        connection = checked(version, name, host).established()
        assert connection.send(connection.client, b'spam') == b'spam'
        assert connection.send(connection.server, b'eggs') == b'eggs'

    def test_implicit(self, version, name, host):
        connection = checked(version, name, host)
        client, server = connection.client, connection.server
        for _ in range(tls.ROUNDS):
            written = connection.step(client, client.obj.write, b'spam')
            data = connection.step(server, server.obj.read)
            if written:
                break
        assert written == 4
        assert (data or server.obj.read()) == b'spam'


@pytest.mark.parametrize('name, host', cases(MISMATCHES))
class TestMismatch(object):
    def test_explicit(self, version, name, host):
        connection = checked(version, name, host)
        with mismatch():
            connection.handshake()
        refused(connection)

    def test_not_checked(self, version, name, host):
        """Without check_hostname the name is only sent."""
        connection = tls.Connection(
            version, server=tls.server_context(version, name),
            server_hostname=host).established()
        assert connection.send(connection.client, b'spam') == b'spam'


def refused(connection):
    """The server hears of it, no application data passes any more, and each
    later call fails again."""
    client, server = connection.client, connection.server
    connection.flush()
    with ssl_error(ssl.SSLError, alert('BAD_CERTIFICATE')):
        server.obj.do_handshake()
        server.obj.read()
    failed_for_good(client)
    assert client.outgoing.pending == 0
    assert client.obj.read(0) == b''


class TestImplicitMismatch(object):
    """A handshake on the way of read() or write() checks just the same."""

    @pytest.mark.parametrize('call, args', [
        ('read', ()), ('read', (4, bytearray(4))),
        ('read', (0, bytearray(4))), ('write', (b'secret',)),
        ('write', (b'',))])
    def test_first_call(self, version, call, args):
        connection = checked(version, 'other', 'server.test')
        client, server = connection.client, connection.server
        with mismatch():
            for _ in range(tls.ROUNDS):
                connection.step(client, getattr(client.obj, call), *args)
                connection.step(server, server.obj.do_handshake)
        refused(connection)

    def test_server_that_speaks_first(self, version):
        """Its data waits in the client's incoming and is not handed out."""
        connection = checked(version, 'other', 'server.test')
        client, server = connection.client, connection.server
        with mismatch():
            for _ in range(tls.ROUNDS):
                connection.step(client, client.obj.read)
                connection.step(server, server.obj.write, b'from attacker')
        target = bytearray(13)
        for _ in range(3):
            with pytest.raises(ssl.SSLError):
                connection.step(server, server.obj.write, b'from attacker')
            with pytest.raises(ssl.SSLError):
                client.obj.read()
            with pytest.raises(ssl.SSLError):
                client.obj.read(13, target)
        assert target == bytearray(13)

    def test_crossed_bios(self, version):
        connection = checked(version, 'other', 'server.test', crossed=True)
        with mismatch():
            connection.handshake()
        refused(connection)


class TestError(object):
    def error(self, version, host='server.test', **options):
        connection = checked(version, 'other', host, **options)
        with mismatch() as info:
            connection.handshake()
        return info.value

    def test_kind(self, version):
        error = self.error(version)
        assert type(error) is ssl.SSLCertVerificationError
        assert isinstance(error, ssl.SSLError)
        assert isinstance(error, ssl.CertificateError)
        assert isinstance(error, ValueError)
        assert error.errno == error.args[0] == ssl.SSL_ERROR_SSL
        assert error.library == 'SSL'
        assert error.reason == 'CERTIFICATE_VERIFY_FAILED'

    def test_text(self, version):
        error = self.error(version)
        assert error.verify_code == 62
        assert error.verify_message == (
            "Hostname mismatch, certificate is not valid for 'server.test'.")
        assert str(error).startswith(
            '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ' +
            error.verify_message + ' (_ssl.c:')
        assert error.args == (1, str(error))
        assert type(error.verify_message) is str

    def test_text_for_an_address(self, version):
        error = self.error(version, '127.0.0.1')
        assert error.verify_code == 64
        assert error.verify_message == (
            "IP address mismatch, certificate is not valid for '127.0.0.1'.")

    def test_text_for_an_idn(self, version):
        error = self.error(version, u'b\xfccher.test')
        assert error.verify_message == (
            "Hostname mismatch, certificate is not valid for "
            "'xn--bcher-kva.test'.")

    @pytest.mark.parametrize('protocol',
                             range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, version, protocol):
        error = self.error(version)
        for other in (pickle.loads(pickle.dumps(error, protocol)),
                      copy.copy(error)):
            assert type(other) is type(error)
            assert str(other) == str(error)
            assert vars(other) == vars(error)

    @pytest.mark.skipif(not tls.PY2, reason="Python 3 says '<null>'")
    def test_text_for_a_name_that_c_code_has_set(self, version):
        """In the context itself, which Python cannot tell."""
        context = tls.client_context(version)
        crypto = errorqueue.library()
        crypto.SSL_CTX_get0_param.restype = ctypes.c_void_p
        crypto.X509_VERIFY_PARAM_set1_host.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        # The SSL_CTX is the first member of the object.
        assert crypto.X509_VERIFY_PARAM_set1_host(
            crypto.SSL_CTX_get0_param(ctypes.c_void_p.from_address(
                id(context) + object.__basicsize__)), b'server.test', 11)
        with mismatch() as info:
            tls.Connection(version, client=context, server=tls.server_context(
                version, 'other')).handshake()
        assert info.value.verify_code == 62
        assert info.value.verify_message.lower() == 'hostname mismatch'

    def test_unknown_authority_comes_first(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, check_hostname=True),
            server=tls.server_context(version, 'untrusted'),
            server_hostname='server.test')
        with mismatch() as info:
            connection.handshake()
        assert info.value.verify_code == 20
        assert info.value.verify_message in str(info.value)


class TestOnce(object):
    def test_established_connection_is_not_checked_again(self, version):
        """A check that has passed stays passed."""
        connection = checked(version, 'server', 'server.test').established()
        for _ in range(3):
            assert connection.client.obj.do_handshake() is None
            assert connection.send(connection.client, b'spam') == b'spam'
        connection.close()
        with ssl_error(ssl.SSLZeroReturnError):
            connection.client.obj.read()


class TestContextChanges(object):
    """check_hostname of the context when wrap_bio() is called counts; once
    asked for, the check is not lifted."""

    def connection(self, version, check_hostname, host='server.test',
                   ca='ca'):
        """(connection, the client's context): the name is the wrong one."""
        context = tls.client_context(version, check_hostname=check_hostname,
                                     ca=ca)
        return tls.Connection(
            version, client=context,
            server=tls.server_context(version, 'other'),
            server_hostname=host), context

    def fails(self, connection):
        with mismatch():
            connection.handshake()
        refused(connection)

    def fails_later(self, connection):
        """If what is asked for later counts."""
        if differs('check-hostname-later', py2=True, py3=False):
            self.fails(connection)
        else:
            connection.established()

    def cannot(self, connection):
        """If what is asked for later counts, it cannot be done."""
        client = connection.client
        if differs('check-hostname-later', py2=True, py3=False):
            for call, args in ((client.obj.do_handshake, ()),
                               (client.obj.read, ()),
                               (client.obj.write, (b'x',))) * 2:
                with pytest.raises(ValueError) as info:
                    call(*args)
                assert not isinstance(info.value, ssl.SSLError)
            assert client.outgoing.pending == 0
        else:
            connection.established()

    def test_switched_off_before(self, version):
        context = tls.client_context(version, check_hostname=True)
        context.check_hostname = False
        connection = tls.Connection(
            version, client=context,
            server=tls.server_context(version, 'other'),
            server_hostname='server.test').established()
        assert connection.send(connection.client, b'spam') == b'spam'

    def test_switched_off_after(self, version):
        connection, context = self.connection(version, True)
        context.check_hostname = False
        self.fails(connection)

    def test_other_context_without(self, version):
        connection, _ = self.connection(version, True)
        connection.client.obj.context = tls.client_context(version)
        self.fails(connection)

    def test_switched_on_after(self, version):
        connection, context = self.connection(version, False)
        context.check_hostname = True
        self.fails_later(connection)

    def test_other_context_with(self, version):
        connection, _ = self.connection(version, False)
        connection.client.obj.context = tls.client_context(
            version, check_hostname=True)
        self.fails_later(connection)

    def test_other_context_with_within_the_handshake(self, version):
        connection, _ = self.connection(version, False)
        client = connection.client
        connection.step(client, client.obj.do_handshake)
        client.obj.context = tls.client_context(version, check_hostname=True)
        self.fails_later(connection)

    def test_other_context_with_but_no_name(self, version):
        connection, _ = self.connection(version, False, None)
        connection.client.obj.context = tls.client_context(
            version, check_hostname=True)
        self.cannot(connection)

    @pytest.mark.parametrize('host', ['server.test', 'other.test'])
    def test_other_context_with_but_nothing_is_verified(self, version, host):
        """What counts is the mode of the connection itself."""
        connection, _ = self.connection(version, False, host, ca=None)
        connection.client.obj.context = tls.client_context(
            version, check_hostname=True)
        self.cannot(connection)

    def test_verified_is_too_late(self):
        """TLS 1.2: the certificate was verified, the handshake goes on."""
        connection, context = self.connection('TLSv1.2', False)
        client, server = connection.client, connection.server
        for end in client, server, client:
            connection.step(end, end.obj.do_handshake)
        assert client.obj.version() is None
        context.check_hostname = True
        connection.established()

    def test_after_the_handshake_is_too_late(self, version):
        connection, context = self.connection(version, False)
        connection.established()
        context.check_hostname = True
        assert connection.send(connection.client, b'spam') == b'spam'
        connection.client.obj.context = tls.client_context(
            version, check_hostname=True)
        assert connection.client.obj.do_handshake() is None
        assert connection.send(connection.client, b'spam') == b'spam'
        assert connection.send(connection.server, b'eggs') == b'eggs'


class TestNoPythonDecides(object):
    """Neither what a subclass overrides nor what an attribute says."""

    @pytest.mark.parametrize('name, connects', [('server', True),
                                                ('other', False)])
    def test_overridden_members(self, version, name, connects, monkeypatch):
        class Object(ssl.SSLObject):
            server_hostname = 'other.test'

            def getpeercert(self, binary_form=False):
                return {'subjectAltName': (('DNS', 'server.test'),)}

        class Context(ssl.SSLContext):
            sslobject_class = Object

        monkeypatch.setattr(ssl, 'match_hostname', lambda *args: None,
                            raising=False)
        context = Context(ssl.PROTOCOL_TLS)
        context.options |= tls.new_context(version).options
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = True
        context.load_verify_locations(tls.cert('ca'))
        connection = tls.Connection(version, context,
                                    tls.server_context(version, name),
                                    server_hostname='server.test')
        assert type(connection.client.obj) is Object
        connection.client.obj.__dict__['_server_hostname'] = 'other.test'
        if connects:
            connection.established()
        else:
            with mismatch():
                connection.handshake()
            refused(connection)


def set_ciphers(context, ciphers):
    """Enable *ciphers* that have no security level, if there are levels."""
    try:
        context.set_ciphers(ciphers + ':@SECLEVEL=0')
    except ssl.SSLError:
        context.set_ciphers(ciphers)


@pytest.mark.parametrize('version', ['TLSv1.2'])
class TestNoCertificate(object):
    """An anonymous cipher, for which a program has to ask."""

    def connection(self, version, check_hostname=True):
        """(connection, the client's context)"""
        context = tls.client_context(version, check_hostname=check_hostname)
        server = tls.new_context(version)
        set_ciphers(context, 'ALL')
        try:
            set_ciphers(server, 'AECDH')
        except ssl.SSLError:
            pytest.skip('OpenSSL has no anonymous ciphers')
        return tls.Connection(version, context, server,
                              server_hostname='server.test'), context

    def fails(self, connection, call, args):
        client, server = connection.client, connection.server
        if not differs('no-certificate', py2=True, py3=False):
            connection.established()
            assert client.obj.getpeercert() is None
            return
        with ssl_error(ssl.SSLError) as info:
            for _ in range(tls.ROUNDS):
                connection.step(client, getattr(client.obj, call), *args)
                connection.step(server, server.obj.write, b'from attacker')
        assert 'no certificate' in str(info.value)
        failed_for_good(client)
        connection.flush()
        with want_read():
            server.obj.read()

    @pytest.mark.parametrize('call, args', [
        ('do_handshake', ()), ('read', ()), ('read', (4, bytearray(4))),
        ('write', (b'secret',)), ('write', (b'',))])
    def test_first_call(self, version, call, args):
        connection, _ = self.connection(version)
        self.fails(connection, call, args)

    @pytest.mark.parametrize('call, args', [
        ('do_handshake', ()), ('read', ()), ('write', (b'secret',))])
    def test_switched_off_after(self, version, call, args):
        """As for a wrong name: the check is not lifted."""
        connection, context = self.connection(version)
        context.check_hostname = False
        self.fails(connection, call, args)

    def test_other_context_without(self, version):
        connection, _ = self.connection(version)
        context = tls.client_context(version)
        set_ciphers(context, 'ALL')
        connection.client.obj.context = context
        self.fails(connection, 'do_handshake', ())

    @pytest.mark.parametrize('call, args', [
        ('do_handshake', ()), ('read', ()), ('write', (b'secret',))])
    def test_switched_on_at_the_end(self, version, call, args):
        """Nothing but the server's Finished is missing, and its data comes
        right behind: without a certificate this is not too late."""
        connection, context = self.connection(version, False)
        client, server = connection.client, connection.server
        for end in (client, server, client):
            assert connection.step(end, end.obj.read) is None
        connection.step(server, server.obj.write, b'from attacker')
        assert server.obj.version()
        context.check_hostname = True
        if not differs('check-hostname-later', py2=True, py3=False):
            assert client.obj.read() == b'from attacker'
            return
        with ssl_error(ssl.SSLError) as info:
            getattr(client.obj, call)(*args)
        assert 'no certificate' in str(info.value)
        failed_for_good(client)
        connection.flush()
        with want_read():
            server.obj.read()


class TestRenegotiation(object):
    """A second handshake, for which a TLS 1.2 server can ask, is verified
    like the first."""

    def connect(self, check_hostname, host, second):
        """A client whose server asks for it and shows certificate *second*
        then."""
        no_resumption = 0x10000
        context = tls.server_context('TLSv1.2')
        context.options |= no_resumption
        connection = tls.Connection(
            client=tls.client_context('TLSv1.2',
                                      check_hostname=check_hostname),
            server=context, server_hostname=host).established()
        server = connection.server
        server.obj.context = tls.server_context('TLSv1.2', second)
        renegotiation.request(server.obj)
        assert server.outgoing.pending > 0
        connection.flush()
        return connection

    def renegotiate(self, connection):
        for end in (connection.client, connection.server) * 3:
            assert connection.step(end, end.obj.read) is None

    @pytest.mark.parametrize('check_hostname', [True, False])
    def test_same_host(self, check_hostname):
        connection = self.connect(check_hostname, 'server.test', 'server')
        self.renegotiate(connection)
        assert connection.send(connection.server, b'spam') == b'spam'
        assert connection.send(connection.client, b'eggs') == b'eggs'

    def test_other_host_is_not_checked(self):
        connection = self.connect(False, 'server.test', 'other')
        self.renegotiate(connection)
        assert connection.send(connection.server, b'spam') == b'spam'
        certificate = connection.client.obj.getpeercert()
        assert ('DNS', 'other.test') in certificate['subjectAltName']

    @pytest.mark.parametrize('host, second, code', [
        ('server.test', 'other', 62), ('localhost', 'other', 62),
        ('server.test', 'untrusted', 20)])
    def test_other_host(self, host, second, code):
        connection = self.connect(True, host, second)
        with mismatch() as info:
            self.renegotiate(connection)
        assert info.value.verify_code == code
        with ssl_error(ssl.SSLError, alert(
                'BAD_CERTIFICATE' if code == 62 else 'UNKNOWN_CA')):
            connection.server.obj.read()
        failed_for_good(connection.client)
