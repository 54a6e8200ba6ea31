"""Errors: class, errno, reason and library, the alerts that go with them,
and what a failed connection answers afterwards."""

import ssl

import pytest

import tls
from differences import differs
from expect import check_ssl_error, eof, ssl_error, want_read

# (what arrives, reason at a client, reason at a server)
NOT_TLS = [
    pytest.param(b'GET / HTTP/1.0\r\n\r\n', 'HTTP_REQUEST', 'HTTP_REQUEST',
                 id='http-get'),
    pytest.param(b'PUT / HTTP/1.0\r\n\r\n', 'HTTP_REQUEST', 'HTTP_REQUEST',
                 id='http-put'),
    pytest.param(b'CONNECT host:443 HTTP/1.0\r\n\r\n', 'HTTPS_PROXY_REQUEST',
                 'HTTPS_PROXY_REQUEST', id='http-connect'),
    pytest.param(b'HTTP/1.1 400 Bad Request\r\n\r\n', 'WRONG_VERSION_NUMBER',
                 'WRONG_VERSION_NUMBER', id='http-answer'),
    pytest.param(b'SSH-2.0-OpenSSH_9.2p1\r\n', 'WRONG_VERSION_NUMBER',
                 'WRONG_VERSION_NUMBER', id='ssh'),
    pytest.param(b'220 mail.test ESMTP\r\n', 'WRONG_VERSION_NUMBER',
                 'WRONG_VERSION_NUMBER', id='smtp'),
    pytest.param(b'\0' * 100, 'WRONG_VERSION_NUMBER', 'WRONG_VERSION_NUMBER',
                 id='zeros'),
    pytest.param(b'\x16\x03\x01' + b'\xff' * 100, 'PACKET_LENGTH_TOO_LONG',
                 'PACKET_LENGTH_TOO_LONG', id='long-record'),
]


# OpenSSL has the names of these alerts from SSL 3.0 and newer versions may
# tell them from TLS.
def alert(name):
    return tuple(prefix + '_ALERT_' + name
                 for prefix in ('SSLV3', 'TLSV1', 'TLSV13', 'TLS'))


def failed_for_good(end):
    """Every further call on a failed connection raises, again and again."""
    calls = [(end.obj.do_handshake, ()), (end.obj.read, ()),
             (end.obj.read, (4, bytearray(4))), (end.obj.write, (b'spam',)),
             (end.obj.write, (b'',))]
    for call, args in calls * 3:
        if differs('error-after-failure', py2=True, py3=False):
            with ssl_error(ssl.SSLError) as info:
                call(*args)
            assert 'failed in an earlier call' in str(info.value)
        else:
            # From OpenSSL 3.2 on also as if nothing had happened.
            with ssl_error((ssl.SSLEOFError, ssl.SSLSyscallError) +
                           ((ssl.SSLError, ssl.SSLWantReadError)
                            if ssl.OPENSSL_VERSION_INFO >= (3, 2) else ())):
                call(*args)


class TestNotTLS(object):
    @pytest.mark.parametrize('call', ['do_handshake', 'read', 'write'])
    @pytest.mark.parametrize('data, client, server', NOT_TLS)
    def test_at_the_handshake(self, fresh, side, data, client, server, call):
        end = getattr(fresh, side)
        if side == 'client':
            with want_read():
                end.obj.do_handshake()
            end.outgoing.read()
        end.incoming.write(data)
        args = (b'spam',) if call == 'write' else ()
        with ssl_error(ssl.SSLError, client if side == 'client' else server):
            getattr(end.obj, call)(*args)
        failed_for_good(end)
        assert end.obj.version() is None
        with pytest.raises(ValueError):
            end.obj.getpeercert()

    def test_ssl2_hello(self, fresh):
        fresh.server.incoming.write(
            b'\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10' + b'x' * 60)
        reasons = ('UNKNOWN_PROTOCOL', 'UNSUPPORTED_PROTOCOL')
        if ssl.OPENSSL_VERSION_INFO >= (4, ):   # it knows nothing of SSL 2
            reasons = ('WRONG_VERSION_NUMBER', )
        with ssl_error(ssl.SSLError, reasons):
            fresh.server.obj.do_handshake()
        failed_for_good(fresh.server)

    def test_short_garbage_waits(self, fresh):
        fresh.server.incoming.write(b'\x16\x03')
        with want_read():
            fresh.server.obj.do_handshake()

    @pytest.mark.parametrize('data, client, server', NOT_TLS)
    def test_when_established(self, pair, side, data, client, server):
        end = getattr(pair, side)
        end.incoming.write(data)
        with ssl_error(ssl.SSLError, (client, server, 'BAD_RECORD_TYPE',
                                      'UNEXPECTED_MESSAGE',
                                      'WRONG_VERSION_NUMBER',
                                      'ENCRYPTED_LENGTH_TOO_LONG')):
            end.obj.read()
        failed_for_good(end)

    def test_data_before_is_not_lost(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        pair.client.incoming.write(b'HTTP/1.1 400 Bad Request\r\n\r\n')
        assert pair.client.obj.read() == b'spam'
        with ssl_error(ssl.SSLError, 'WRONG_VERSION_NUMBER'):
            pair.client.obj.read()


class TestBadRecordMAC(object):
    REASON = 'DECRYPTION_FAILED_OR_BAD_RECORD_MAC'

    @pytest.fixture
    def corrupted(self, pair, side):
        """(the end that has got a record with one bit wrong, the other)"""
        end = getattr(pair, side)
        other = pair.peer_of(end)
        other.obj.write(b'spam')
        record = bytearray(other.outgoing.read())
        record[-1] ^= 1
        end.incoming.write(record)
        return pair, end, other

    def test_read(self, corrupted):
        with ssl_error(ssl.SSLError, self.REASON):
            corrupted[1].obj.read()
        failed_for_good(corrupted[1])

    def test_read_into(self, corrupted):
        target = bytearray(b'....')
        with ssl_error(ssl.SSLError, self.REASON):
            corrupted[1].obj.read(4, target)
        # Nothing unauthenticated came through.
        assert b'spam' not in bytes(target)

    def test_unwrap(self, corrupted):
        with ssl_error(ssl.SSLError, self.REASON):
            corrupted[1].obj.unwrap()

    def test_alert_waits_in_outgoing(self, corrupted):
        connection, end, other = corrupted
        with ssl_error(ssl.SSLError, self.REASON):
            end.obj.read()
        assert end.outgoing.pending > 0
        connection.flush()
        with ssl_error(ssl.SSLError, alert('BAD_RECORD_MAC')):
            other.obj.read()

    def test_received_alert_is_final(self, corrupted):
        connection, end, other = corrupted
        with ssl_error(ssl.SSLError, self.REASON):
            end.obj.read()
        connection.flush()
        with ssl_error(ssl.SSLError, alert('BAD_RECORD_MAC')):
            other.obj.read()
        if differs('error-after-failure', py2=True, py3=False):
            failed_for_good(other)
        else:
            # That looks like a clean end, here and to the next reader.
            assert other.obj.read() == b''


class TestVerification(object):
    def fail(self, connection):
        """Run the handshake until one end fails: its error."""
        with pytest.raises(ssl.SSLError) as info:
            connection.handshake()
        return info.value

    def test_unknown_authority(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, ca='wrongca'))
        error = self.fail(connection)
        check_ssl_error(error, ssl.SSLError, 'CERTIFICATE_VERIFY_FAILED')
        assert type(error) is ssl.SSLCertVerificationError
        assert isinstance(error, ssl.CertificateError)
        assert error.verify_code == 20
        assert error.verify_message in str(error)
        failed_for_good(connection.client)
        with ssl_error(ssl.SSLError, alert('UNKNOWN_CA')):
            connection.server.obj.do_handshake()

    @pytest.mark.parametrize('call', ['read', 'write'])
    def test_unknown_authority_implicitly(self, version, call):
        connection = tls.Connection(
            version, client=tls.client_context(version, ca='wrongca'))
        client, server = connection.client, connection.server
        args = (b'secret',) if call == 'write' else ()
        with pytest.raises(ssl.SSLError) as info:
            for _ in range(tls.ROUNDS):
                connection.step(client, getattr(client.obj, call), *args)
                connection.step(server, server.obj.do_handshake)
        check_ssl_error(info.value, ssl.SSLError, 'CERTIFICATE_VERIFY_FAILED')
        with ssl_error(ssl.SSLError, alert('UNKNOWN_CA')):
            server.obj.read()

    def test_no_client_certificate(self, version):
        connection = tls.Connection(
            version, server=tls.server_context(version, client_ca='ca'))
        error = self.fail(connection)
        check_ssl_error(error, ssl.SSLError,
                        'PEER_DID_NOT_RETURN_A_CERTIFICATE')
        failed_for_good(connection.server)
        connection.flush()
        if version == 'TLSv1.3':
            expected = alert('CERTIFICATE_REQUIRED')
        else:
            expected = alert('HANDSHAKE_FAILURE')
        with ssl_error(ssl.SSLError, expected):
            connection.client.obj.read()

    def test_wrong_client_certificate(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, name='untrusted'),
            server=tls.server_context(version, client_ca='ca'))
        check_ssl_error(self.fail(connection), ssl.SSLError,
                        'CERTIFICATE_VERIFY_FAILED')
        connection.flush()
        with ssl_error(ssl.SSLError, alert('UNKNOWN_CA')):
            connection.client.obj.read()

    def test_no_common_version(self, version):
        other = ('TLSv1.2', 'TLSv1.3')[version == 'TLSv1.2']
        connection = tls.Connection(client=tls.client_context(version),
                                    server=tls.server_context(other))
        check_ssl_error(self.fail(connection), ssl.SSLError,
                        'UNSUPPORTED_PROTOCOL')
        failed_for_good(connection.server)
        connection.flush()
        with ssl_error(ssl.SSLError, alert('PROTOCOL_VERSION')):
            connection.client.obj.do_handshake()

    def test_no_common_cipher(self):
        client = tls.client_context('TLSv1.2')
        client.set_ciphers('ECDHE-RSA-AES128-GCM-SHA256')
        server = tls.server_context('TLSv1.2')
        server.set_ciphers('ECDHE-RSA-AES256-GCM-SHA384')
        connection = tls.Connection(client=client, server=server)
        check_ssl_error(self.fail(connection), ssl.SSLError,
                        'NO_SHARED_CIPHER')
        connection.flush()
        with ssl_error(ssl.SSLError, alert('HANDSHAKE_FAILURE')):
            connection.client.obj.do_handshake()

    def test_server_without_certificate(self, version):
        connection = tls.Connection(version,
                                    server=tls.new_context(version))
        error = self.fail(connection)
        check_ssl_error(error, ssl.SSLError,
                        'NO_SHARED_CIPHER' if version == 'TLSv1.2' else
                        ('UNSUPPORTED_PROTOCOL', 'NO_SHARED_CIPHER',
                         'NO_SUITABLE_SIGNATURE_ALGORITHM'))
        failed_for_good(connection.server)


class TestAlerts(object):
    """Fatal alerts from the peer in the handshake, in cleartext."""

    @pytest.mark.parametrize('number, name', [
        (10, 'UNEXPECTED_MESSAGE'), (20, 'BAD_RECORD_MAC'),
        (40, 'HANDSHAKE_FAILURE'), (42, 'BAD_CERTIFICATE'),
        (43, 'UNSUPPORTED_CERTIFICATE'), (44, 'CERTIFICATE_REVOKED'),
        (45, 'CERTIFICATE_EXPIRED'), (46, 'CERTIFICATE_UNKNOWN'),
        (47, 'ILLEGAL_PARAMETER'), (48, 'UNKNOWN_CA'),
        (49, 'ACCESS_DENIED'), (50, 'DECODE_ERROR'), (51, 'DECRYPT_ERROR'),
        (70, 'PROTOCOL_VERSION'), (71, 'INSUFFICIENT_SECURITY'),
        (80, 'INTERNAL_ERROR')])
    def test_reason(self, fresh, number, name):
        with want_read():
            fresh.client.obj.do_handshake()
        fresh.client.incoming.write(
            bytes(bytearray([21, 3, 3, 0, 2, 2, number])))
        with ssl_error(ssl.SSLError, alert(name)):
            fresh.client.obj.do_handshake()
        if differs('error-after-failure', py2=True, py3=False):
            failed_for_good(fresh.client)
        else:
            with ssl_error(ssl.SSLZeroReturnError):
                fresh.client.obj.do_handshake()

    def test_unknown_alert(self, fresh):
        """OpenSSL has no text for the number: no name, and no wrong one."""
        with want_read():
            fresh.client.obj.do_handshake()
        fresh.client.incoming.write(
            bytes(bytearray([21, 3, 3, 0, 2, 2, 200])))
        with pytest.raises(ssl.SSLError) as info:
            fresh.client.obj.do_handshake()
        assert info.value.errno == ssl.SSL_ERROR_SSL
        assert info.value.library == 'SSL'
        assert info.value.reason is None

    def test_close_notify_in_the_handshake(self, fresh, side):
        end = getattr(fresh, side)
        if side == 'client':
            with want_read():
                end.obj.do_handshake()
        end.incoming.write(bytes(bytearray([21, 3, 3, 0, 2, 1, 0])))
        for _ in range(2):
            # A client goes on waiting, a server fails.
            with pytest.raises(ssl.SSLError):
                end.obj.do_handshake()
        assert end.obj.version() is None


class TestMessage(object):
    """str() of an error names library, reason, text and place."""

    def test_with_reason(self, fresh):
        fresh.server.incoming.write(b'GET / HTTP/1.0\r\n\r\n')
        with pytest.raises(ssl.SSLError) as info:
            fresh.server.obj.do_handshake()
        text = str(info.value)
        assert text.startswith('[SSL: HTTP_REQUEST] http request (')
        assert '_ssl.c:' in text
        assert info.value.strerror == text

    def test_want_read(self, fresh):
        with pytest.raises(ssl.SSLWantReadError) as info:
            fresh.client.obj.do_handshake()
        text = str(info.value)
        assert text.startswith('The operation did not complete (read)')
        assert (info.value.reason, info.value.library) == (None, None)

    def test_eof(self, fresh):
        if differs('ragged-eof', py2=False, py3=True):
            return
        fresh.client.incoming.write_eof()
        with eof() as info:
            fresh.client.obj.do_handshake()
        assert 'EOF occurred in violation of protocol' in str(info.value)
