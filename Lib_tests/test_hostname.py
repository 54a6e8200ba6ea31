# -*- coding: utf-8 -*-
"""The host name check: which names a certificate is for, and that no data
passes to or from a wrong host, however the handshake is done."""

import ssl

import pytest

import renegotiation
import tls
from differences import differs
from expect import ssl_error, want_read

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
                'server', u'b\xfccher.test', 'server.test.', '127.0.0.1',
                '::1']),
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
        with pytest.raises(ssl.CertificateError):
            connection.handshake()
        again(connection)

    def test_not_checked(self, version, name, host):
        """Without check_hostname the name is only sent."""
        connection = tls.Connection(
            version, server=tls.server_context(version, name),
            server_hostname=host).established()
        assert connection.send(connection.client, b'spam') == b'spam'


def again(connection):
    """Every later call fails again and no application data can pass."""
    client, server = connection.client, connection.server
    for _ in range(2):
        for call, args in (('do_handshake', ()), ('read', ()),
                           ('read', (4, bytearray(4))),
                           ('read', (0, bytearray(4))),
                           ('write', (b'secret',)), ('write', (b'',))):
            if differs('name-check-time', py2=True, py3=False):
                with pytest.raises(ssl.CertificateError):
                    getattr(client.obj, call)(*args)
            else:
                with ssl_error((ssl.SSLEOFError, ssl.SSLSyscallError)):
                    getattr(client.obj, call)(*args)
            connection.flush()
            with pytest.raises(ssl.SSLError):
                server.obj.do_handshake()
                server.obj.read()
                raise AssertionError('the server got data')
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
        with pytest.raises(ssl.CertificateError):
            for _ in range(tls.ROUNDS):
                connection.step(client, getattr(client.obj, call), *args)
                connection.step(server, server.obj.do_handshake)
        again(connection)

    def test_server_that_speaks_first(self, version):
        """Its data waits in the client's incoming and is not handed out."""
        connection = checked(version, 'other', 'server.test')
        client, server = connection.client, connection.server
        with pytest.raises(ssl.CertificateError):
            for _ in range(tls.ROUNDS):
                connection.step(client, client.obj.read)
                connection.step(server, server.obj.write, b'from attacker')
        target = bytearray(13)
        for _ in range(3):
            try:
                connection.step(server, server.obj.write, b'from attacker')
            except ssl.SSLError:
                pass
            with pytest.raises((ssl.CertificateError, ssl.SSLEOFError,
                                ssl.SSLSyscallError)):
                client.obj.read()
            with pytest.raises((ssl.CertificateError, ssl.SSLEOFError,
                                ssl.SSLSyscallError)):
                client.obj.read(13, target)
        assert target == bytearray(13)

    def test_crossed_bios(self, version):
        connection = checked(version, 'other', 'server.test', crossed=True)
        with pytest.raises(ssl.CertificateError):
            connection.handshake()
        again(connection)


class TestAlert(object):
    def test_what_the_server_hears(self, version):
        connection = checked(version, 'other', 'server.test')
        with pytest.raises(ssl.CertificateError):
            connection.handshake()
        connection.flush()
        if differs('name-check-time', py2=True, py3=False):
            # The handshake itself is complete; the client hangs up.
            assert connection.step(
                connection.server, connection.server.obj.do_handshake) is None
            assert connection.server.obj.version() == version
        else:
            with ssl_error(ssl.SSLError, ('SSLV3_ALERT_BAD_CERTIFICATE',
                                          'TLS_ALERT_BAD_CERTIFICATE')):
                connection.server.obj.do_handshake()


class TestError(object):
    def test_kind(self, version):
        connection = checked(version, 'other', 'server.test')
        with pytest.raises(ssl.CertificateError) as info:
            connection.handshake()
        assert isinstance(info.value, ValueError)
        assert isinstance(info.value, ssl.SSLError) is differs(
            'certificate-error', py2=False, py3=True)
        assert 'server.test' in str(info.value)

    def test_unknown_authority_comes_first(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, check_hostname=True),
            server=tls.server_context(version, 'untrusted'),
            server_hostname='server.test')
        with pytest.raises(ssl.SSLError) as info:
            connection.handshake()
        assert info.value.reason == 'CERTIFICATE_VERIFY_FAILED'


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

    def connection(self, version, check_hostname, host='server.test'):
        """(connection, the client's context): the name is the wrong one."""
        context = tls.client_context(version, check_hostname=check_hostname)
        return tls.Connection(
            version, client=context,
            server=tls.server_context(version, 'other'),
            server_hostname=host), context

    def fails(self, connection, error=ssl.CertificateError):
        with pytest.raises(error):
            connection.handshake()
        for _ in range(2):
            for call, args in ((connection.client.obj.read, ()),
                               (connection.client.obj.write, (b'x',))):
                with pytest.raises((error, ssl.SSLEOFError,
                                    ssl.SSLSyscallError)):
                    call(*args)

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
        if differs('check-hostname-later', py2=True, py3=False):
            self.fails(connection)
        else:
            connection.established()

    def test_other_context_with(self, version):
        connection, _ = self.connection(version, False)
        connection.client.obj.context = tls.client_context(
            version, check_hostname=True)
        if differs('check-hostname-later', py2=True, py3=False):
            self.fails(connection)
        else:
            connection.established()

    def test_other_context_with_but_no_name(self, version):
        connection, _ = self.connection(version, False, None)
        connection.client.obj.context = tls.client_context(
            version, check_hostname=True)
        if differs('check-hostname-later', py2=True, py3=False):
            self.fails(connection, ValueError)
        else:
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


class TestRenegotiation(object):
    """A second handshake could bring another certificate, after the check
    of the name.  (TLS 1.3 has none.)"""

    @pytest.mark.parametrize('check_hostname', [True, False])
    def test_client_declines(self, check_hostname):
        connection = tls.Connection(
            client=tls.client_context('TLSv1.2',
                                      check_hostname=check_hostname),
            server=tls.server_context('TLSv1.2'),
            server_hostname='server.test').established()
        client, server = connection.client, connection.server
        renegotiation.request(server.obj)
        assert server.outgoing.pending > 0
        connection.flush()
        with want_read():
            client.obj.read()
        answer, = tls.records(client.outgoing.read())
        # An alert, or a handshake record with a new ClientHello.
        assert bytearray(answer)[0] == differs('renegotiation', py2=21,
                                               py3=22)
