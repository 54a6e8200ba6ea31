"""pep543.py: the PEP's names, two ends in memory, and another TLS."""

import contextlib
import hashlib
import socket
import ssl
import sys

import pytest

import peers
from pep543 import (
    BACKEND,
    DEFAULT_CIPHER_LIST,
    Certificate,
    CipherSuite,
    ClientContext,
    NextProtocol,
    PrivateKey,
    RaggedEOF,
    ServerContext,
    TLSConfiguration,
    TLSError,
    TLSVersion,
    TLSWrappedBuffer,
    TrustStore,
    WantReadError,
    WantWriteError,
)

MUCH = 1 << 24


def chain(name, password=None):
    path = peers.cert(name)
    return ((Certificate.from_file(path),),
            PrivateKey.from_file(path, password))


def server_configuration(name='server', **fields):
    return TLSConfiguration(certificate_chain=chain(name), **fields)


def client_configuration(ca='ca', **fields):
    return TLSConfiguration(
        trust_store=TrustStore.from_pem_file(peers.cert(ca)), **fields)


class Pair(object):
    """A client and a server in memory."""

    def __init__(self, client=None, server=None, name='localhost'):
        self.client = ClientContext(
            client or client_configuration()).wrap_buffers(name)
        self.server = ServerContext(
            server or server_configuration()).wrap_buffers()

    def carry(self):
        for one, other in ((self.client, self.server),
                           (self.server, self.client)):
            while one.peek_outgoing(1):
                data = one.peek_outgoing(1000)
                one.consume_outgoing(len(data))
                other.receive_from_network(data)

    def step(self, call, *args):
        """The result of *call*, or None if it has to wait."""
        try:
            return call(*args)
        except WantReadError:
            return None
        finally:
            self.carry()

    def handshake(self):
        waiting = [self.client, self.server]
        for _ in range(10):
            for end in list(waiting):
                try:
                    end.do_handshake()
                    waiting.remove(end)
                except WantReadError:
                    pass
                finally:
                    self.carry()
            if not waiting:
                return self
        raise AssertionError('the handshake does not end')


@pytest.fixture(params=[TLSVersion.TLSv1_2, TLSVersion.TLSv1_3],
                ids=['TLSv1.2', 'TLSv1.3'])
def version(request):
    return request.param


@pytest.fixture
def pair(version):
    return Pair(client_configuration(lowest_supported_version=version,
                                     highest_supported_version=version)
                ).handshake()


def test_facts(pair, version):
    for end in (pair.client, pair.server):
        assert end.negotiated_tls_version is version
        assert end.cipher() in DEFAULT_CIPHER_LIST
        assert isinstance(end.cipher(), CipherSuite)
        assert end.negotiated_protocol() is None
    assert isinstance(pair.client.context, ClientContext)
    assert pair.client.context.configuration.trust_store == (
        TrustStore.from_pem_file(peers.cert('ca')))


def test_before_the_handshake():
    pair = Pair()
    for call in (lambda: pair.client.read(1), lambda: pair.client.write(b'x'),
                 lambda: pair.client.readinto(bytearray(1), 1),
                 pair.client.shutdown):
        with pytest.raises(TLSError) as info:
            call()
        assert not isinstance(info.value, (WantReadError, WantWriteError))
    assert pair.client.peek_outgoing(MUCH) == b'', 'no implicit handshake'
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
    pair.client.consume_outgoing(10)
    assert pair.client.peek_outgoing(MUCH) == everything[10:]
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


def test_ragged_eof_in_the_handshake():
    pair = Pair()
    with pytest.raises(WantReadError):
        pair.client.do_handshake()
    pair.client.receive_from_network(b'')
    with pytest.raises(RaggedEOF):
        pair.client.do_handshake()


@pytest.mark.parametrize('client, server, name', [
    (client_configuration('wrongca'), None, 'localhost'),
    (None, server_configuration('untrusted'), 'server.test'),
    (None, None, 'other.test'),
    (None, server_configuration('other'), 'localhost')])
def test_wrong_certificate(client, server, name):
    pair = Pair(client, server, name)
    with pytest.raises(TLSError) as info:
        pair.handshake()
    assert type(info.value) is TLSError
    with pytest.raises(TLSError):
        pair.client.write(b'secret')


def test_the_alert_is_there_after_the_failure():
    pair = Pair(client_configuration('wrongca'))
    with pytest.raises(TLSError):
        pair.handshake()
    with pytest.raises(TLSError) as info:
        while True:
            pair.step(pair.server.do_handshake)
            pair.server.read(1)
    assert 'UNKNOWN_CA' in str(info.value).upper().replace(' ', '_')


def test_no_name_no_check():
    Pair(server=server_configuration('other'), name=None).handshake()
    with pytest.raises(TLSError):
        Pair(client_configuration('wrongca'), name=None).handshake()


def test_no_validation():
    Pair(client_configuration('wrongca', validate_certificates=False),
         name='whatever.test').handshake()


def test_the_trust_store_alone_is_trusted(monkeypatch):
    monkeypatch.setenv('SSL_CERT_FILE', peers.cert('ca'))
    with pytest.raises(TLSError):
        Pair(client_configuration('wrongca')).handshake()
    # Whereas these are the system's.
    for store in (TrustStore.system(), None):
        Pair(TLSConfiguration(trust_store=store)).handshake()


def test_client_certificates():
    asking = server_configuration(
        trust_store=TrustStore.from_pem_file(peers.cert('ca')))
    Pair(client_configuration(certificate_chain=chain('client')),
         asking).handshake()
    for wrong in (None, chain('untrusted')):
        pair = Pair(client_configuration(certificate_chain=wrong), asking)
        with pytest.raises(TLSError):
            pair.handshake()


@pytest.mark.parametrize('ours, theirs, expected', [
    ((NextProtocol.HTTP1,), (NextProtocol.H2, b'http/1.1'),
     NextProtocol.HTTP1),
    ((b'echo/1',), (b'echo/1',), b'echo/1'),
    ((), (b'echo/1',), None),
    ((b'echo/1',), (), None)])
def test_inner_protocols(ours, theirs, expected):
    pair = Pair(client_configuration(inner_protocols=ours),
                server_configuration(inner_protocols=theirs)).handshake()
    for end in (pair.client, pair.server):
        assert end.negotiated_protocol() == expected
        assert type(end.negotiated_protocol()) is type(expected)


def test_versions():
    old = dict(highest_supported_version=TLSVersion.TLSv1_2)
    pair = Pair(server=server_configuration(**old)).handshake()
    assert pair.client.negotiated_tls_version == TLSVersion.TLSv1_2
    with pytest.raises(TLSError):
        Pair(client_configuration(
            lowest_supported_version=TLSVersion.TLSv1_3),
            server_configuration(**old)).handshake()
    with pytest.raises(TLSError):
        Pair(client_configuration(
            lowest_supported_version=TLSVersion.TLSv1_3, **old))
    with pytest.raises(TLSError):
        Pair(client_configuration(
            highest_supported_version=TLSVersion.SSLv3))


def test_ciphers():
    one = CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    pair = Pair(client_configuration(ciphers=(one,))).handshake()
    assert pair.client.cipher() is one and pair.server.cipher() is one
    assert Pair(client_configuration(ciphers=(0xc02f,))).handshake() \
        .client.cipher() is one
    with pytest.raises(TLSError):
        Pair(client_configuration(ciphers=(0x0005,)))
    new = tuple(suite for suite in DEFAULT_CIPHER_LIST if suite < 0x2000 and
                suite > 0x1000)
    pair = Pair(client_configuration(ciphers=new)).handshake()
    assert pair.client.negotiated_tls_version is TLSVersion.TLSv1_3
    assert pair.client.cipher() in new
    with pytest.raises(TLSError):
        Pair(client_configuration(
            ciphers=new, highest_supported_version=TLSVersion.TLSv1_2))
    with pytest.raises(TLSError):
        Pair(client_configuration(ciphers=()))
    # OpenSSL does not let TLS 1.3's be chosen: nothing passes then.
    pair = Pair(client_configuration(
        ciphers=(one, CipherSuite.TLS_AES_128_CCM_8_SHA256)))
    with pytest.raises(TLSError):
        pair.handshake()
    with pytest.raises(TLSError):
        pair.client.write(b'x')


class TestSNI(object):

    def handshake(self, callback, name, **fields):
        pair = Pair(client_configuration(),
                    server_configuration(sni_callback=callback, **fields),
                    name)
        return pair, pair.handshake

    def test_another_certificate(self):
        calls = []
        other = server_configuration('other')

        def callback(*args):
            calls.append(args)
            return other if args[1] == 'other.test' else args[2]

        for name in ('other.test', 'server.test'):
            pair, handshake = self.handshake(callback, name)
            handshake()
            assert calls[-1] == (pair.server, name,
                                 pair.server.context.configuration)
        assert isinstance(calls[0][0], TLSWrappedBuffer)

    @pytest.mark.parametrize('result', [None, 'other', 42])
    def test_other_results_are_errors(self, result):
        pair, handshake = self.handshake(lambda *args: result, 'server.test')
        with pytest.raises(TLSError):
            handshake()

    def test_validation_does_not_go_away(self):
        weak = server_configuration('other', validate_certificates=False)
        pair, handshake = self.handshake(
            lambda *args: weak, 'other.test',
            trust_store=TrustStore.from_pem_file(peers.cert('ca')))
        with pytest.raises(TLSError):
            handshake()
            pair.server.read(1)


class TestConfiguration(object):

    def test_defaults(self):
        configuration = TLSConfiguration()
        assert configuration.validate_certificates is True
        assert configuration.ciphers == DEFAULT_CIPHER_LIST
        assert configuration.lowest_supported_version == TLSVersion.TLSv1_2
        assert configuration.highest_supported_version == (
            TLSVersion.MAXIMUM_SUPPORTED)

    def test_a_value(self):
        one, two = server_configuration(), server_configuration()
        assert one == two and hash(one) == hash(two)
        assert one != server_configuration('other')
        with pytest.raises(AttributeError):
            one.trust_store = None

    def test_update(self):
        one = server_configuration()
        two = one.update(inner_protocols=(b'x',))
        assert two.inner_protocols == (b'x',) and one.inner_protocols == ()
        assert two.update(inner_protocols=()) == one
        with pytest.raises(TypeError):
            one.update(inner_protocol=())

    def test_der(self):
        pem = Certificate.from_file(peers.cert('server'))
        der = ssl.PEM_cert_to_DER_cert(pem._parts[0].decode())
        key = PrivateKey.from_file(peers.cert('server'))._parts[0]
        key = ssl.PEM_cert_to_DER_cert(
            key.decode().replace('PRIVATE KEY', 'CERTIFICATE'))
        Pair(server=TLSConfiguration(certificate_chain=(
            (Certificate.from_buffer(der),), PrivateKey.from_buffer(key)))
             ).handshake()

    def test_wrong_key(self):
        with pytest.raises(TLSError):
            ServerContext(TLSConfiguration(certificate_chain=(
                chain('server')[0], chain('other')[1])))

    def test_a_password_is_not_shown(self):
        assert 'secret' not in repr(
            TLSConfiguration(certificate_chain=chain('server', b'secret')))

    def test_backend(self):
        assert BACKEND.client_context is ClientContext
        assert BACKEND.trust_store.system() == TrustStore.system()

    def test_names(self):
        assert repr(CipherSuite.TLS_AES_128_GCM_SHA256) == (
            '<CipherSuite.TLS_AES_128_GCM_SHA256>')
        assert repr(NextProtocol.H2) == '<NextProtocol.H2>'
        assert TLSVersion.TLSv1_2 < TLSVersion.TLSv1_3
        assert len(set(DEFAULT_CIPHER_LIST)) == 14


def test_against_an_ssl_socket(version):
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
            buffer = ClientContext(client_configuration(
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
