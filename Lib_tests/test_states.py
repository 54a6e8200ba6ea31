"""The states of a connection, and what each call does in them."""

import ssl

import pytest

import tls
from differences import differs
from expect import eof, ssl_error, want_read

INIT = 'SHUTDOWN_WHILE_IN_INIT'
IS_SHUTDOWN = 'PROTOCOL_IS_SHUTDOWN'


def zero_return():
    return ssl_error(ssl.SSLZeroReturnError)


@pytest.fixture
def half_closed(version, side):
    """An established connection whose end named *side* has said
    close_notify: (connection, the end that said it, the other end)."""
    connection = tls.Connection(version).established()
    closer = getattr(connection, side)
    connection.close_one(closer)
    return connection, closer, connection.peer_of(closer)


@pytest.fixture
def closed(version):
    """A connection on which both ends have said close_notify."""
    return tls.Connection(version).established().close()


class TestBeforeTheHandshake(object):
    @pytest.mark.parametrize('call, args', [
        ('read', ()), ('read', (1,)), ('read', (4, bytearray(4))),
        ('read', (0, bytearray(4))), ('write', (b'spam',)),
        ('write', (b'',)), ('do_handshake', ())])
    def test_waits(self, fresh, side, call, args):
        end = getattr(fresh, side)
        for _ in range(3):
            with want_read():
                getattr(end.obj, call)(*args)
        # The client has started the handshake, and only once.
        assert len(tls.records(end.outgoing.read())) == (side == 'client')

    def test_unwrap(self, fresh, side):
        end = getattr(fresh, side)
        for _ in range(2):
            with ssl_error(ssl.SSLError, INIT):
                end.obj.unwrap()
            assert end.outgoing.pending == 0
        # It does not spoil what follows.
        fresh.established()

    def test_pending(self, fresh, side):
        assert getattr(fresh, side).obj.pending() == 0

    @pytest.mark.parametrize('check_hostname', [True, False])
    def test_end_in_its_place(self, version, check_hostname):
        context = tls.client_context(version)
        context.check_hostname = check_hostname
        end = tls.End(context, server_hostname='localhost')
        end.incoming.write(b'\x15\x03\x03\x00\x02\x01\x00')
        if differs('end-before-handshake', py2=True, py3=False):
            with pytest.raises(ssl.SSLError) as info:
                end.obj.read()
            if ssl.OPENSSL_VERSION.startswith(
                    ('OpenSSL 1.0', 'OpenSSL 1.1.0', 'AWS-LC')):
                # Another message there, or an end of file.
                assert type(info.value) is not ssl.SSLWantReadError
            else:
                assert type(info.value) is ssl.SSLZeroReturnError
        else:
            assert end.obj.read() == b''


class TestInTheHandshake(object):
    @pytest.fixture
    def middle(self, fresh):
        """The server has answered the ClientHello."""
        with want_read():
            fresh.client.obj.do_handshake()
        fresh.flush()
        with want_read():
            fresh.server.obj.do_handshake()
        return fresh

    def test_unwrap(self, middle, side):
        end = getattr(middle, side)
        pending = end.outgoing.pending
        for _ in range(2):
            with ssl_error(ssl.SSLError, INIT):
                end.obj.unwrap()
            assert end.outgoing.pending == pending
        middle.flush()
        middle.established()

    @pytest.mark.parametrize('call, args', [
        ('read', ()), ('write', (b'spam',)), ('do_handshake', ())])
    def test_waits(self, middle, side, call, args):
        end = getattr(middle, side)
        pending = end.outgoing.pending
        for _ in range(3):
            with want_read():
                getattr(end.obj, call)(*args)
        assert end.outgoing.pending == pending
        middle.flush()
        if call != 'write':
            middle.established()

    def test_partial_record(self, middle):
        flight = middle.server.outgoing.read()
        with want_read():
            middle.client.obj.do_handshake()
        for byte in range(len(flight) - 1):
            middle.client.incoming.write(flight[byte:byte + 1])
            if byte % 100 == 0 or byte < 10:
                with want_read():
                    middle.client.obj.do_handshake()
        middle.client.incoming.write(flight[-1:])
        middle.established()


class TestPartialRecord(object):
    def test_read(self, pair):
        pair.server.obj.write(b'spam')
        data = pair.server.outgoing.read()
        for i in range(len(data)):
            with want_read():
                pair.client.obj.read()
            with want_read():
                pair.client.obj.read(4, bytearray(4))
            assert pair.client.obj.pending() == 0
            pair.client.incoming.write(data[i:i + 1])
        assert pair.client.obj.read() == b'spam'


class TestPeerHasClosed(object):
    """The peer has said close_notify, this end has not."""

    def test_read_is_empty_and_repeatable(self, half_closed):
        _, _, other = half_closed
        for _ in range(3):
            assert other.obj.read() == b''
            assert other.obj.read(1) == b''
            assert other.obj.read(4, bytearray(4)) == 0
            assert other.obj.read(0, bytearray(4)) == 0
        assert other.outgoing.pending == 0

    def test_buffer_is_not_touched(self, half_closed):
        target = bytearray(b'....')
        assert half_closed[2].obj.read(4, target) == 0
        assert target == b'....'

    def test_write_still_works(self, half_closed):
        connection, closer, other = half_closed
        assert other.obj.read() == b''
        assert connection.send(other, b'late') == b'late'
        assert other.obj.read() == b''
        assert connection.send(other, b'later') == b'later'
        if not differs('write-nothing', py2=False, py3=True):
            assert other.obj.write(b'') == 0

    def test_data_before_close_is_read_first(self, version, side):
        connection = tls.Connection(version).established()
        closer = getattr(connection, side)
        closer.obj.write(b'spam')
        closer.obj.write(b'eggs')
        connection.close_one(closer)
        other = connection.peer_of(closer)
        assert other.obj.read() == b'spam'
        assert other.obj.read() == b'eggs'
        assert other.obj.read() == b''

    def test_unwrap_completes(self, half_closed):
        connection, closer, other = half_closed
        assert other.obj.unwrap() is None
        assert other.outgoing.pending > 0
        connection.flush()
        assert closer.obj.unwrap() is None

    def test_do_handshake_and_the_rest(self, half_closed, version):
        other = half_closed[2]
        assert other.obj.read() == b''
        assert other.obj.do_handshake() is None
        assert other.obj.version() == version
        assert other.obj.pending() == 0


class TestWeHaveClosed(object):
    """This end has said close_notify, the peer has not."""

    def test_unwrap_waits_and_says_it_once(self, pair, side):
        closer = getattr(pair, side)
        for i in range(3):
            with want_read():
                closer.obj.unwrap()
            records = tls.records(closer.outgoing.read())
            assert len(records) == (i == 0)

    def test_reads_what_the_peer_still_sends(self, half_closed):
        connection, closer, other = half_closed
        other.obj.write(b'spam')
        other.obj.write(b'eggs')
        connection.flush()
        assert closer.obj.read() == b'spam'
        target = bytearray(4)
        assert closer.obj.read(4, target) == 4
        assert target == b'eggs'
        with want_read():
            closer.obj.read()
        other.obj.unwrap()
        connection.flush()
        with zero_return():
            closer.obj.read()

    def test_write(self, half_closed):
        closer = half_closed[1]
        for _ in range(2):
            for data in (b'spam', b''):
                with ssl_error(ssl.SSLError, IS_SHUTDOWN):
                    closer.obj.write(data)
        assert closer.outgoing.pending == 0


class TestBothHaveClosed(object):
    def test_read(self, closed, side):
        obj = getattr(closed, side).obj
        for _ in range(3):
            with zero_return():
                obj.read()
            with zero_return():
                obj.read(4, bytearray(4))

    def test_write(self, closed, side):
        obj = getattr(closed, side).obj
        for _ in range(3):
            for data in (b'spam', b''):
                with ssl_error(ssl.SSLError, IS_SHUTDOWN):
                    obj.write(data)

    def test_unwrap(self, closed, side):
        for _ in range(3):
            assert getattr(closed, side).obj.unwrap() is None

    def test_outgoing_stays_empty(self, closed, side):
        end = getattr(closed, side)
        end.obj.unwrap()
        with zero_return():
            end.obj.read()
        assert end.outgoing.pending == 0

    def test_what_is_still_there(self, version):
        connection = tls.Connection(version).established()
        before = [(end.obj.cipher(), end.obj.version(),
                   end.obj.getpeercert(), end.obj.getpeercert(True),
                   end.obj.get_channel_binding())
                  for end in (connection.client, connection.server)]
        connection.close()
        after = [(end.obj.cipher(), end.obj.version(),
                  end.obj.getpeercert(), end.obj.getpeercert(True),
                  end.obj.get_channel_binding())
                 for end in (connection.client, connection.server)]
        assert after == before
        assert before[0][2]['subject']
        for end in (connection.client, connection.server):
            assert end.obj.do_handshake() is None
            assert end.obj.pending() == 0
            assert end.obj.read(0) == b''

    def test_at_the_same_time(self, pair):
        for end in (pair.client, pair.server):
            with want_read():
                end.obj.unwrap()
        pair.flush()
        for end in (pair.client, pair.server):
            assert end.obj.unwrap() is None

    def test_end_of_incoming_afterwards(self, closed, side):
        end = getattr(closed, side)
        end.incoming.write_eof()
        assert end.obj.unwrap() is None
        with zero_return():
            end.obj.read()


class TestUnreadData(object):
    def test_unwrap_with_unread_application_data(self, pair, side):
        end = getattr(pair, side)
        other = pair.peer_of(end)
        other.obj.write(b'spam')
        pair.flush()
        with ssl_error(ssl.SSLError, 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY'):
            end.obj.unwrap()
        # Our alert is there to be sent all the same.
        assert end.outgoing.pending > 0
        if differs('unwrap-with-unread-data', py2=False, py3=True):
            with pytest.raises(ssl.SSLError):
                end.obj.read()
        else:
            assert end.obj.read() == b'spam'
            with want_read():
                end.obj.unwrap()
            pair.flush()
            assert other.obj.read() == b''
            assert other.obj.unwrap() is None
            pair.flush()
            assert end.obj.unwrap() is None

    def test_unwrap_with_an_alert(self, pair):
        pair.client.obj.write(b'spam')
        record = bytearray(pair.client.outgoing.read())
        record[-1] ^= 1
        pair.server.incoming.write(bytes(record))
        with pytest.raises(ssl.SSLError) as info:
            pair.server.obj.read()
        if not pair.server.outgoing.pending:
            # LibreSSL with TLS 1.3
            assert info.value.reason == 'BAD_DECRYPT'
            pytest.skip('the library sends no alert for a bad record')
        assert info.value.reason == 'DECRYPTION_FAILED_OR_BAD_RECORD_MAC'
        pair.flush()
        client = pair.client.obj
        if differs('unwrap-takes-an-alert', py2=False, py3=True):
            assert client.unwrap() is None
            with pytest.raises(ssl.SSLError) as info:
                client.read()
            assert 'ALERT_BAD_RECORD_MAC' in info.value.reason
            with pytest.raises(ssl.SSLZeroReturnError):
                client.read()
            return
        with pytest.raises(ssl.SSLError) as info:
            client.unwrap()
        assert 'ALERT_BAD_RECORD_MAC' in info.value.reason
        for call in client.read, client.unwrap:
            with pytest.raises(ssl.SSLError) as info:
                call()
            assert info.value.reason is None

    def test_unwrap_with_half_read_data(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        assert pair.client.obj.read(2) == b'sp'
        with ssl_error(ssl.SSLError, 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY'):
            pair.client.obj.unwrap()

    def test_unwrap_with_unread_tickets(self, version):
        connection = tls.Connection(version).handshake()
        if version == 'TLSv1.3':
            assert connection.client.incoming.pending > 0
        with want_read():
            connection.client.obj.unwrap()
        connection.flush()
        assert connection.server.obj.read() == b''
        assert connection.server.obj.unwrap() is None
        connection.flush()
        assert connection.client.obj.unwrap() is None

    def test_unwrap_with_unread_tickets_and_close(self, version):
        connection = tls.Connection(version).handshake()
        connection.close_one(connection.server)
        assert connection.client.obj.unwrap() is None
        connection.flush()
        assert connection.server.obj.unwrap() is None


class TestPlaintextBehindClose(object):
    @pytest.mark.parametrize('how', ['unwrap', 'read'])
    def test_stays_in_incoming(self, pair, how):
        """The peer goes on in cleartext after close_notify (STARTTLS and
        back); all arrives in one chunk."""
        with want_read():
            pair.server.obj.unwrap()
        alert = pair.server.outgoing.read()
        pair.client.incoming.write(alert + b'plain text follows\r\n')
        if how == 'unwrap':
            assert pair.client.obj.unwrap() is None
        else:
            assert pair.client.obj.read() == b''
            assert pair.client.obj.read() == b''
            assert pair.client.obj.unwrap() is None
        assert pair.client.incoming.read() == b'plain text follows\r\n'

    def test_with_data_before(self, pair):
        pair.server.obj.write(b'last words')
        with want_read():
            pair.server.obj.unwrap()
        pair.client.incoming.write(pair.server.outgoing.read() + b'\0plain')
        assert pair.client.obj.read() == b'last words'
        assert pair.client.obj.read() == b''
        assert pair.client.incoming.read() == b'\0plain'

    def test_to_the_one_who_closed_first(self, pair):
        with want_read():
            pair.client.obj.unwrap()
        pair.flush()
        assert pair.server.obj.unwrap() is None
        pair.client.incoming.write(pair.server.outgoing.read() + b'plain')
        assert pair.client.obj.unwrap() is None
        assert pair.client.incoming.read() == b'plain'


class TestRaggedEOF(object):
    """incoming ends without a close_notify: truncation."""

    def test_read(self, pair, side):
        end = getattr(pair, side)
        end.incoming.write_eof()
        for _ in range(4):
            if differs('ragged-eof', py2=True, py3=False):
                with eof():
                    end.obj.read()
            else:
                assert end.obj.read() == b''

    def test_read_into(self, pair):
        pair.client.incoming.write_eof()
        target = bytearray(b'....')
        for _ in range(4):
            if differs('ragged-eof', py2=True, py3=False):
                with eof():
                    pair.client.obj.read(4, target)
            else:
                assert pair.client.obj.read(4, target) == 0
        assert target == b'....'

    def test_after_data(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        pair.client.incoming.write_eof()
        assert pair.client.obj.read() == b'spam'
        for _ in range(3):
            if differs('ragged-eof', py2=True, py3=False):
                with eof():
                    pair.client.obj.read()
            else:
                assert pair.client.obj.read() == b''

    @pytest.mark.skipif(differs('ragged-eof', py2=False, py3=True),
                        reason='an end of file is no error here')
    def test_unwrap_goes_on_afterwards(self, pair, side):
        end = getattr(pair, side)
        with want_read():
            end.obj.unwrap()
        end.incoming.write_eof()
        with eof():
            end.obj.read()
        for _ in range(2):
            with pytest.raises(ssl.SSLError) as info:
                end.obj.unwrap()
            if differs('unwrap-after-eof', py2=True, py3=False):
                assert type(info.value) is ssl.SSLEOFError

    def test_within_a_record(self, pair):
        pair.server.obj.write(b'spam')
        pair.client.incoming.write(pair.server.outgoing.read()[:-1])
        with want_read():
            pair.client.obj.read()
        pair.client.incoming.write_eof()
        for _ in range(3):
            if differs('ragged-eof', py2=True, py3=False):
                with eof():
                    pair.client.obj.read()
            else:
                assert pair.client.obj.read() == b''

    def test_unwrap(self, pair, side):
        end = getattr(pair, side)
        end.incoming.write_eof()
        if differs('ragged-eof', py2=True, py3=False):
            with eof():
                end.obj.unwrap()
        else:
            assert end.obj.unwrap() is None
        assert end.outgoing.pending > 0         # our close_notify

    @pytest.mark.parametrize('call, args', [
        ('do_handshake', ()), ('read', ()), ('write', (b'spam',))])
    @pytest.mark.parametrize('started', [False, True])
    def test_in_the_handshake(self, fresh, side, started, call, args):
        end = getattr(fresh, side)
        if started:
            with want_read():
                end.obj.do_handshake()
        end.incoming.write_eof()
        for i in range(3):
            if differs('ragged-eof', py2=False, py3=True):
                if call == 'read':
                    assert end.obj.read() == b''
                else:
                    with zero_return():
                        getattr(end.obj, call)(*args)
            elif i == 0:
                with eof():
                    getattr(end.obj, call)(*args)
            else:
                with ssl_error(differs(
                        'handshake-after-eof', py2=ssl.SSLEOFError,
                        py3=(ssl.SSLEOFError, ssl.SSLSyscallError))):
                    getattr(end.obj, call)(*args)

    def test_eof_after_close_notify_is_clean(self, half_closed):
        _, closer, other = half_closed
        other.incoming.write_eof()
        for _ in range(3):
            assert other.obj.read() == b''
        assert other.obj.unwrap() is None

    def test_eof_of_outgoing(self, pair):
        """outgoing belongs to the SSLObject: write_eof() by its user does
        not stop the records."""
        pair.client.outgoing.write_eof()
        assert pair.client.obj.write(b'spam') == 4
        pair.flush()
        assert pair.server.obj.read() == b'spam'
