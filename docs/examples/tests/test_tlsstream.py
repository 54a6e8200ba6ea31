"""tlsstream.py, without any I/O: each gotcha of docs/examples.md."""

import ssl
import sys

import pytest

import contexts
import peers
import tlsstream
from streams import Recorder, carry, established, is_eof, pair


def test_data_both_ways():
    client, server = established()
    client.write(b'x' * 100000)
    server.write(b'y' * 50000)
    carry(client, server)
    assert server.app.data == b'x' * 100000
    assert client.app.data == b'y' * 50000
    assert client.app.events == server.app.events == ['secured']


def test_in_the_clear():
    one = tlsstream.TLSStream(Recorder())
    two = tlsstream.TLSStream(Recorder())
    one.write(b'hello')
    carry(one, two)
    assert two.app.clear == b'hello' and two.app.data == b''
    two.feed(b'')
    two.feed(b'')
    assert two.app.events == ['ended']
    assert not two.over
    two.write(b'still')
    two.end()
    assert two.over and two.take() == b'still'


@pytest.mark.parametrize('options', [
    dict(ca='wrongca'), dict(certificate='untrusted', name='server.test')])
def test_1_the_alert_is_there_after_the_failure(options):
    client, server = pair(**options)
    carry(client, server)
    assert client.app.events == ['failed'] and client.over
    assert 'UNKNOWN_CA' in server.app.error.reason


def test_1_take_gives_everything_piece_by_piece():
    client, server = established()
    client.write(b'x' * 100000)
    while True:
        data = client.take(100)
        if not data:
            break
        server.feed(data)
    assert server.app.data == b'x' * 100000


def test_2_no_data_before_the_handshake():
    client, server = pair()
    client.take()
    with pytest.raises(ValueError):
        client.write(b'secret')
    assert client.take() == b''


@pytest.mark.parametrize('options', [
    dict(name='other.test'), dict(name='127.0.0.1'),
    dict(certificate='other')])
def test_2_a_wrong_name(options):
    client, server = pair(**options)
    carry(client, server)
    assert client.app.events == ['failed'] and not client.secure
    assert isinstance(client.app.error, (ssl.CertificateError, ssl.SSLError))
    with pytest.raises(ValueError):
        client.write(b'secret')
    server.feed(b'')
    assert server.app.data == b''


def test_3_half_close():
    client, server = established()
    client.write(b'request')
    client.end()
    carry(client, server)
    assert server.app.data == b'request'
    assert server.app.events[-1] == 'ended'
    # The server goes on for as long as it likes.
    for _ in range(3):
        server.write(b'answer ')
        carry(client, server)
    assert client.app.data == b'answer ' * 3
    assert 'ended' not in client.app.events
    server.end()
    carry(client, server)
    assert client.app.events == ['secured', 'ended', 'unsecured']
    assert server.app.events == ['secured', 'ended', 'unsecured']


def test_3_both_at_once():
    client, server = established()
    for one in client, server:
        one.write(b'last words')
        one.end()
    carry(client, server)
    for one in client, server:
        assert one.app.events == ['secured', 'ended', 'unsecured']
        assert one.app.data == b'last words'


def test_3_end_with_unread_data():
    """In received() end() is called, with more data behind in the chunk."""
    def received(stream, data):
        server.app.data += data
        stream.end()

    client, server = established(server=Recorder(received=received))
    for word in (b'one ', b'two ', b'three'):
        client.write(word)
    carry(client, server)
    assert server.app.data == b'one two three'
    assert client.app.events == ['secured', 'ended']
    assert not server.failed


@pytest.mark.parametrize('end', ['client', 'server'])
def test_4_ragged_eof(end):
    client, server = established()
    one = dict(client=client, server=server)[end]
    other = server if one is client else client
    other.write(b'the last record')
    one.feed(other.take())
    one.feed(b'')
    assert one.app.data == b'the last record'
    assert one.app.events == ['secured', 'failed']
    assert is_eof(one.app.error)


def test_4_ragged_eof_in_the_handshake_and_after_our_close_notify():
    client, server = pair()
    client.feed(b'')
    assert is_eof(client.app.error)
    client, server = established()
    client.end()
    client.feed(b'')
    assert is_eof(client.app.error)
    assert client.app.events == ['secured', 'failed']


def test_4_ragged_eof_in_a_record():
    client, server = established()
    server.write(b'x' * 1000)
    client.feed(server.take()[:-1])
    client.feed(b'')
    assert is_eof(client.app.error) and client.app.data == b''


def test_5_leftover():
    client, server = established()
    server.app.unsecured = lambda stream: stream.write(b'in the clear')
    client.end()
    carry(client, server)
    assert client.app.clear == b''
    # close_notify and what follows it are one chunk for the client.
    client, server = established()
    server.end()
    client.feed(server.take() + b'early')
    assert client.app.clear == b'' and client.app.events[-1] == 'ended'
    client.end()
    assert client.app.events[-1] == 'unsecured'
    assert client.app.clear == b'early' and client.app.data == b''
    client.feed(b' and late')
    assert client.app.clear == b'early and late'


def test_5_by_default_it_is_dropped():
    app = Recorder()
    app.received_clear = lambda stream, data: tlsstream.App.received_clear(
        app, stream, data)
    client, server = established(client=app)
    server.write(b'data')
    server.end()
    client.feed(server.take() + b'injected')
    client.end()
    client.feed(b'injected')
    assert app.data == b'data' and app.clear == b''


def test_6_bytes_behind_starttls():
    client, server = tlsstream.TLSStream(Recorder()), None
    client.start_tls(contexts.client_context(peers.cert('ca')),
                     server_hostname='localhost')
    hello = client.take()
    # A client that does not wait: its first flight is in the same chunk.
    server = tlsstream.TLSStream(Recorder())
    server.start_tls(contexts.server_context(peers.cert('server')), hello,
                     server_side=True)
    carry(client, server)
    assert client.secure and server.secure
    # And somebody who has slipped in a command.
    server = tlsstream.TLSStream(Recorder())
    server.start_tls(contexts.server_context(peers.cert('server')),
                     b'RCPT TO:<x>\r\n', server_side=True)
    assert server.failed and server.app.clear == server.app.data == b''


def test_7_full_and_drained():
    calls = []
    client, server = established(client=Recorder(
        drained=lambda stream: calls.append(stream.outgoing.pending)))
    assert not client.full
    while not client.full:
        client.write(b'x' * 1000)
    assert client.outgoing.pending < tlsstream.FULL + 2000
    before = len(calls)
    client.take(1000)
    client.take(1000)
    assert not client.full and len(calls) > before


def test_7_an_answering_app_is_not_read_while_full():
    app = tlsstream.App()
    stream = tlsstream.TLSStream(app)
    assert stream.wants_input
    stream.write(b'x' * (tlsstream.FULL + 1))
    assert not stream.wants_input
    stream.lost(ValueError())
    assert stream.wants_input, 'after a failure all is dropped'


def test_8_many_records_in_one_chunk():
    client, server = established()
    for number in range(100):
        client.write(b'%03d ' % number if str is not bytes
                     else '%03d ' % number)
    server.feed(client.take())
    assert server.app.data.split() == [
        ('%03d' % number).encode() for number in range(100)]


def test_8_what_came_with_the_end_of_the_handshake():
    client, server = pair(client=Recorder(
        secured=lambda stream: stream.write(b'at once')))
    carry(client, server)
    assert server.app.data == b'at once'


def test_a_failure_in_the_middle():
    client, server = established()
    client.write(b'x' * 100)
    record = bytearray(client.take())
    record[-1] ^= 1
    server.feed(bytes(record))
    # OpenSSL 3.2 and newer have one more entry, which Python 3 names.
    assert server.app.error.reason.startswith(
        ('DECRYPTION_FAILED', ) + ('RECORD_LAYER_FAILURE', ) * (
            sys.version_info[0] > 2 and
            ssl.OPENSSL_VERSION_INFO >= (3, 2)))
    server.feed(b'more')
    server.lost(ValueError('again'))
    assert server.app.events == ['secured', 'failed']
    client.feed(server.take())
    assert 'BAD_RECORD_MAC' in client.app.error.reason


def test_errors_of_the_app_are_not_hidden():
    def received(stream, data):
        raise KeyError('mine')

    client, server = established(server=Recorder(received=received))
    client.write(b'x')
    with pytest.raises(KeyError):
        server.feed(client.take())


@pytest.mark.parametrize('protocols', [(), ['http/1.1']])
def test_contexts(protocols):
    context = contexts.client_context(peers.cert('ca'), protocols)
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert not context.options & 0x80      # OP_IGNORE_UNEXPECTED_EOF
    client = tlsstream.TLSStream(Recorder())
    server = tlsstream.TLSStream(Recorder())
    server.start_tls(contexts.server_context(peers.cert('server'),
                                             protocols), server_side=True)
    client.start_tls(context, server_hostname='localhost')
    carry(client, server)
    assert client.tls.version() in ('TLSv1.2', 'TLSv1.3')
    assert client.tls.selected_alpn_protocol() == (
        protocols[0] if protocols else None)
