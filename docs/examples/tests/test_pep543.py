"""pep543's buffers: two ends in memory, and another TLS."""

import contextlib
import hashlib
import socket
import ssl
import subprocess
import sys

import pytest

import peers
from pep543 import (
    DEFAULT_CIPHER_LIST,
    CipherSuite,
    NextProtocol,
    RaggedEOF,
    TLSConfiguration,
    TLSError,
    TLSVersion,
    TLSWrappedBuffer,
    WantReadError,
    WantWriteError,
    openssl,
)

MUCH = 1 << 24


@pytest.fixture(params=[TLSVersion.TLSv1_2] +
                [TLSVersion.TLSv1_3] * peers.HAS_TLSv1_3,
                ids=['TLSv1.2', 'TLSv1.3'][:1 + peers.HAS_TLSv1_3])
def version(request):
    return request.param


@pytest.fixture
def pair(ends, version):
    return ends.pair(ends.client(lowest_supported_version=version,
                                 highest_supported_version=version)
                     ).handshake()


def test_facts(ends, pair, version):
    for end in (pair.client, pair.server):
        assert isinstance(end, TLSWrappedBuffer)
        assert end.negotiated_tls_version is version
        assert end.cipher() in DEFAULT_CIPHER_LIST
        assert isinstance(end.cipher(), CipherSuite)
        assert end.negotiated_protocol() is None
    assert isinstance(pair.client.context, ends.client_backend.client_context)
    assert pair.client.context.configuration.trust_store == \
        ends.client().trust_store


def test_before_the_handshake(ends):
    pair = ends.pair()
    for call in (lambda: pair.client.read(1), lambda: pair.client.write(b'x'),
                 lambda: pair.client.readinto(bytearray(1), 1),
                 pair.client.shutdown):
        with pytest.raises(TLSError) as info:
            call()
        assert not isinstance(info.value, (WantReadError, WantWriteError))
    assert pair.client.peek_outgoing(MUCH) == b'', 'no implicit handshake'
    assert pair.client.bytes_buffered() == 0
    assert pair.client.cipher() is None
    assert pair.client.negotiated_tls_version is None
    assert pair.client.negotiated_protocol() is None


def test_read_and_write(pair):
    with pytest.raises(WantReadError):
        pair.server.read(10)
    assert pair.step(pair.client.write, b'hello') == 5
    assert pair.server.read(2) == b'he'
    assert pair.server.read(0) == b''
    assert pair.server.read(10) == b'llo'
    assert pair.step(pair.server.write, b'') == 0
    pair.step(pair.server.write, bytearray(b'answer'))
    target = bytearray(10)
    assert pair.client.readinto(target, 3) == 3
    assert pair.client.readinto(target, 99) == 3
    assert bytes(target[:3]) == b'wer'


def test_peek_and_consume(pair):
    pair.client.write(b'x' * 100)
    first = pair.client.peek_outgoing(10)
    assert pair.client.peek_outgoing(10) == first, 'it is not removed'
    everything = pair.client.peek_outgoing(MUCH)
    assert len(everything) > 100 and everything.startswith(first)
    assert pair.client.bytes_buffered() == len(everything)
    pair.client.consume_outgoing(10)
    assert pair.client.peek_outgoing(MUCH) == everything[10:]
    assert pair.client.bytes_buffered() == len(everything) - 10
    pair.server.receive_from_network(first)
    with pytest.raises(WantReadError):
        pair.server.read(100)
    pair.carry()
    assert pair.server.read(100) == b'x' * 100


def test_the_output_buffer_is_bounded(pair):
    data = b''.join(hashlib.sha256(str(number).encode()).digest()
                    for number in range(10000))
    with pytest.raises(WantWriteError):
        for _ in range(100):
            written = pair.client.write(data)
            assert 0 < written < len(data)
    assert len(pair.client.peek_outgoing(MUCH)) < 100000
    pair.carry()
    while pair.step(pair.server.read, MUCH):
        pass
    sent, received = 0, b''
    while sent < len(data):
        try:
            sent += pair.client.write(data[sent:])
        except WantWriteError:
            pair.carry()
            received += pair.step(pair.server.read, MUCH)
    while len(received) < len(data):
        received += pair.step(pair.server.read, MUCH)
    assert received == data


def test_the_input_buffer_is_bounded(pair):
    """And nothing is lost by that."""
    sent, received = 0, 0
    with pytest.raises(WantReadError):
        while sent < MUCH:
            sent += pair.client.write(b'x' * openssl.RECORD)
            data = pair.client.peek_outgoing(MUCH)
            pair.server.receive_from_network(data)
            pair.client.consume_outgoing(len(data))
    with pytest.raises(WantReadError):
        pair.server.receive_from_network(data)
    while received < sent:
        received += pair.server.readinto(bytearray(50000), 50000)
        if pair.client.bytes_buffered():
            pair.server.receive_from_network(data)
            pair.client.consume_outgoing(len(data))
    assert received == sent
    with pytest.raises(WantReadError):
        pair.server.read(1)


def test_shutdown(pair):
    assert pair.step(pair.client.write, b'unread') == 6
    assert pair.step(pair.client.shutdown) is None
    with pytest.raises(WantReadError):
        pair.client.shutdown()
    # The server may go on after the client has closed its half ...
    assert pair.server.read(99) == b'unread'
    assert pair.server.read(99) == b''
    assert pair.server.read(99) == b''
    pair.server.write(b'half-closed')
    pair.server.shutdown()
    # ... which the client gets, and what follows in the clear is apart.
    pair.server.receive_from_network(b'')
    pair.client.receive_from_network(
        pair.server.peek_outgoing(MUCH) + b'in the clear')
    pair.client.shutdown()
    pair.client.shutdown()
    assert pair.client.read(5) == b'half-'
    assert pair.client.read(50) == b'closed'
    assert pair.client.read(99) == b''
    assert pair.client.leftover == b'in the clear'
    assert pair.client.leftover == b''
    with pytest.raises(TLSError):
        pair.client.write(b'x')


def test_shutdown_with_unread_data(pair):
    pair.step(pair.client.write, b'one')
    pair.step(pair.client.write, b'two')
    with pytest.raises(WantReadError):
        pair.server.shutdown()
    assert (pair.server.read(2), pair.server.read(2), pair.server.read(9)) \
        == (b'on', b'e', b'two')
    pair.carry()
    pair.client.shutdown()
    pair.carry()
    pair.server.shutdown()


@pytest.mark.parametrize('call', ['read', 'readinto', 'shutdown'])
def test_ragged_eof(pair, call):
    pair.step(pair.client.write, b'the last')
    pair.server.receive_from_network(b'')
    assert pair.server.read(99) == b'the last'
    # Python 3.9 with OpenSSL 3 tells it once.
    for _ in range(1 if sys.version_info[:2] == (3, 9) else 3):
        with pytest.raises(RaggedEOF):
            {'read': lambda: pair.server.read(9),
             'readinto': lambda: pair.server.readinto(bytearray(9), 9),
             'shutdown': pair.server.shutdown}[call]()


def test_ragged_eof_in_the_handshake(ends):
    pair = ends.pair()
    with pytest.raises(WantReadError):
        pair.client.do_handshake()
    pair.client.receive_from_network(b'')
    with pytest.raises(RaggedEOF):
        pair.client.do_handshake()


@pytest.mark.parametrize('ca, chain, name', [
    ('wrongca', 'server', 'localhost'), ('ca', 'untrusted', 'server.test'),
    ('ca', 'server', 'other.test'), ('ca', 'other', 'localhost'),
    ('ca', 'server', '127.0.0.2')])
def test_wrong_certificate(ends, ca, chain, name):
    pair = ends.pair(ends.client(ca), ends.server(chain), name)
    for _ in range(2):
        with pytest.raises(TLSError) as info:
            pair.handshake()
        assert type(info.value) is TLSError
    with pytest.raises(TLSError):
        pair.client.write(b'secret')


def test_a_name_that_is_an_address(ends):
    ends.pair(server=ends.server('ip'), name='127.0.0.1').handshake()


def test_a_peer_in_the_clear(ends):
    pair = ends.pair()
    with pytest.raises(WantReadError):
        pair.client.do_handshake()
    pair.client.receive_from_network(b'HTTP/1.1 400 Bad Request\r\n\r\n')
    with pytest.raises(TLSError) as info:
        pair.client.do_handshake()
    assert type(info.value) is TLSError


def test_the_alert_is_there_after_the_failure(ends):
    pair = ends.pair(ends.client('wrongca'))
    with pytest.raises(TLSError):
        pair.handshake()
    with pytest.raises(TLSError) as info:
        while True:
            pair.step(pair.server.do_handshake)
            pair.server.read(1)
    assert 'UNKNOWN_CA' in str(info.value).upper().replace(' ', '_')


def test_no_name_no_check(ends):
    ends.pair(server=ends.server('other'), name=None).handshake()
    with pytest.raises(TLSError):
        ends.pair(ends.client('wrongca'), name=None).handshake()


def test_no_validation(ends):
    ends.pair(ends.client('wrongca', validate_certificates=False),
              name='whatever.test').handshake()


def test_the_trust_store_alone_is_trusted(ends, monkeypatch):
    monkeypatch.setenv('SSL_CERT_FILE', peers.cert('ca'))
    with pytest.raises(TLSError):
        ends.pair(ends.client('wrongca')).handshake()
    # Whereas these are the system's.
    for store in (ends.client_backend.trust_store.system(), None):
        ends.pair(TLSConfiguration(trust_store=store)).handshake()


def test_client_certificates(ends):
    asking = ends.server(trusted='ca')
    ends.pair(ends.client(chain='client'), asking).handshake()
    for wrong in (None, 'untrusted'):
        pair = ends.pair(ends.client(chain=wrong), asking)
        with pytest.raises(TLSError):
            pair.handshake()


@pytest.mark.parametrize('ours, theirs, expected', [
    ((NextProtocol.HTTP1,), (NextProtocol.H2, b'http/1.1'),
     NextProtocol.HTTP1),
    ((b'echo/1',), (b'echo/1',), b'echo/1'),
    ((b'one', b'two'), (b'two', b'one'), b'two'),
    ((b'echo/1',), (b'other',), None),
    ((), (b'echo/1',), None),
    ((b'echo/1',), (), None)])
def test_inner_protocols(ends, ours, theirs, expected):
    pair = ends.pair(ends.client(inner_protocols=ours),
                     ends.server(inner_protocols=theirs)).handshake()
    for end in (pair.client, pair.server):
        assert end.negotiated_protocol() == expected
        assert type(end.negotiated_protocol()) is type(expected)


def test_versions(ends):
    old = dict(highest_supported_version=TLSVersion.TLSv1_2)
    pair = ends.pair(server=ends.server(**old)).handshake()
    assert pair.client.negotiated_tls_version == TLSVersion.TLSv1_2
    with pytest.raises(TLSError):
        ends.pair(ends.client(
            lowest_supported_version=TLSVersion.TLSv1_3),
            ends.server(**old)).handshake()
    with pytest.raises(TLSError):
        ends.pair(ends.client(
            lowest_supported_version=TLSVersion.TLSv1_3, **old))
    with pytest.raises(TLSError):
        ends.pair(ends.client(
            highest_supported_version=TLSVersion.SSLv3))


def test_ciphers(ends):
    one = CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    pair = ends.pair(ends.client(ciphers=(one,))).handshake()
    assert pair.client.cipher() is one and pair.server.cipher() is one
    # A number, and one that nobody knows, which is passed over.
    assert ends.pair(ends.client(ciphers=(0xeeee, 0xc02f))).handshake() \
        .client.cipher() is one
    for wrong in ((0xeeee,), ()):
        with pytest.raises(TLSError):
            ends.pair(ends.client(ciphers=wrong))
    if not peers.HAS_TLSv1_3:
        return
    # RC4, which libraries that are as new do not have.
    with pytest.raises(TLSError):
        ends.pair(ends.client(ciphers=(0x0005,)))
    new = tuple(suite for suite in DEFAULT_CIPHER_LIST if suite < 0x2000 and
                suite > 0x1000)
    pair = ends.pair(ends.client(ciphers=new)).handshake()
    assert pair.client.negotiated_tls_version is TLSVersion.TLSv1_3
    assert pair.client.cipher() in new
    with pytest.raises(TLSError):
        ends.pair(ends.client(
            ciphers=new, highest_supported_version=TLSVersion.TLSv1_2))


def test_the_order_of_ciphers_is_the_servers(ends):
    suites = (CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
              CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)
    for ours in (suites, suites[::-1]):
        pair = ends.pair(ends.client(ciphers=suites),
                         ends.server(ciphers=ours)).handshake()
        assert pair.client.cipher() is ours[0]


@pytest.mark.skipif(not peers.HAS_TLSv1_3, reason='needs TLS 1.3')
def test_a_cipher_that_cannot_be_left_out(ends):
    """OpenSSL does not let TLS 1.3's be chosen: nothing passes then."""
    pair = ends.pair(ends.client(
        ciphers=(CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                 CipherSuite.TLS_AES_128_CCM_8_SHA256)))
    with pytest.raises(TLSError):
        pair.handshake()
    with pytest.raises(TLSError):
        pair.client.write(b'x')


class TestSNI(object):

    def handshake(self, ends, callback, name, **fields):
        pair = ends.pair(
            None, ends.server(sni_callback=callback, **fields), name)
        return pair, pair.handshake

    def test_another_certificate(self, ends):
        calls = []
        other = ends.server('other', inner_protocols=(b'x',))

        def callback(*args):
            calls.append(args)
            return other if args[1] == 'other.test' else args[2]

        for name in ('other.test', 'server.test'):
            pair, handshake = self.handshake(ends, callback, name)
            handshake()
            assert calls[-1] == (pair.server, name,
                                 pair.server.context.configuration)
        assert isinstance(calls[0][0], TLSWrappedBuffer)

    def test_no_name(self, ends):
        calls = []

        def callback(buffer, name, configuration):
            calls.append(name)
            return configuration

        self.handshake(ends, callback, None)[1]()
        assert calls in ([], [None])

    @pytest.mark.filterwarnings('ignore:Exception ignored')
    @pytest.mark.parametrize('result', [None, 'other', 42, ZeroDivisionError])
    def test_other_results_are_errors(self, ends, result, capfd):
        def callback(*args):
            if result is ZeroDivisionError:
                raise result
            return result

        pair, handshake = self.handshake(ends, callback, 'server.test')
        with pytest.raises(TLSError):
            handshake()
        pair.carry()
        with pytest.raises(TLSError) as info:
            pair.client.do_handshake()
        assert type(info.value) is TLSError, 'an alert has come'
        with pytest.raises(TLSError):
            pair.server.do_handshake()
        capfd.readouterr()      # the callback's traceback

    def test_validation_does_not_go_away(self, ends):
        weak = ends.server('other', validate_certificates=False)
        pair, handshake = self.handshake(
            ends, lambda *args: weak, 'other.test', trusted='ca')
        with pytest.raises(TLSError):
            handshake()
            pair.server.read(1)


def test_der(ends):
    with open(peers.cert('server'), 'rb') as source:
        pem = source.read().decode()

    def der(label):
        begin = pem.index('-----BEGIN ' + label)
        end = '-----END ' + label + '-----'
        return ssl.PEM_cert_to_DER_cert(
            pem[begin:pem.index(end)].replace(label, 'CERTIFICATE') +
            ssl.PEM_FOOTER)

    backend = ends.server_backend
    ends.pair(server=TLSConfiguration(certificate_chain=(
        (backend.certificate.from_buffer(der('CERTIFICATE')),),
        backend.private_key.from_buffer(der('PRIVATE KEY'))))).handshake()


@pytest.mark.parametrize('right', [b'secret', lambda: b'secret'])
def test_passwords(ends, tmpdir, right):
    path = str(tmpdir.join('key.pem'))
    subprocess.check_call(
        ['openssl', 'pkey', '-aes128', '-passout', 'pass:secret', '-in',
         peers.cert('server'), '-out', path])
    backend = ends.server_backend
    chain = (backend.certificate.from_file(peers.cert('server')),)

    def configured(password):
        return TLSConfiguration(certificate_chain=(
            chain, backend.private_key.from_file(path, password)))

    ends.pair(server=configured(right)).handshake()
    with pytest.raises(TLSError):
        ends.server_context(configured(b'wrong'))


def test_wrong_key(ends):
    right, other = ends.server(), ends.server('other')
    with pytest.raises(TLSError):
        ends.server_context(right.update(certificate_chain=(
            right.certificate_chain[0], other.certificate_chain[1])))


def test_against_an_ssl_socket(ends, version):
    """Bytes of another TLS, over a real socket, in small pieces."""
    def serve(raw):
        with_tls = peers.wrapped(raw, protocols=['http/1.1'])
        data = b''
        while len(data) < 200000:
            data += with_tls.recv(65536)
        with_tls.sendall(data)
        with_tls.unwrap()

    with peers.Peer(serve) as peer:
        with contextlib.closing(socket.create_connection(
                ('127.0.0.1', peer.port), peers.PATIENCE)) as sock:
            buffer = ends.client_context(ends.client(
                inner_protocols=(NextProtocol.HTTP1,),
                lowest_supported_version=version,
                highest_supported_version=version)).wrap_buffers('localhost')

            def run(call, *args):
                while True:
                    want_read = False
                    try:
                        return call(*args)
                    except WantReadError:
                        want_read = True
                    except WantWriteError:
                        pass
                    finally:
                        data = buffer.peek_outgoing(777)
                        while data:
                            buffer.consume_outgoing(sock.send(data))
                            data = buffer.peek_outgoing(777)
                    if want_read:
                        buffer.receive_from_network(sock.recv(1000))

            run(buffer.do_handshake)
            assert buffer.negotiated_protocol() is NextProtocol.HTTP1
            sent, received = 0, b''
            message = b'0123456789' * 20000
            while sent < len(message):
                sent += run(buffer.write, message[sent:])
            while len(received) < len(message):
                received += run(buffer.read, 5000)
            assert received == message
            assert run(buffer.read, 1) == b''
            run(buffer.shutdown)
