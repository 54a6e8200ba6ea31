"""pep543's sockets: over real ones, with threads for the other end."""

import contextlib
import hashlib
import select
import socket

import pytest

import peers
from pep543 import (
    NextProtocol,
    RaggedEOF,
    TLSError,
    TLSVersion,
    TLSWrappedSocket,
    WantReadError,
    WantWriteError,
)

try:
    from http.client import HTTPConnection
except ImportError:
    from httplib import HTTPConnection

MUCH = b''.join(hashlib.sha256(str(number).encode()).digest()
                for number in range(30000))


class Server(peers.Peer):
    """Wraps each accepted socket and hands it to *function*."""

    def __init__(self, ends, function, count=1, **fields):
        context = ends.server_context(ends.server(**fields))

        def serve(raw):
            sock = context.wrap_socket(raw)
            sock.do_handshake()
            return function(sock)

        peers.Peer.__init__(self, serve, count)


@contextlib.contextmanager
def connected(ends, peer, name='localhost', **fields):
    """A TLSWrappedSocket to *peer*, after its handshake."""
    raw = socket.create_connection(('127.0.0.1', peer.port), peers.PATIENCE)
    with contextlib.closing(raw), peers.hanging_up(raw):
        sock = ends.client_context(ends.client(**fields)).wrap_socket(
            raw, name)
        sock.do_handshake()
        yield sock


def receive(sock, size):
    data = b''
    while len(data) < size:
        more = sock.recv(size - len(data))
        assert more, 'it ended after {} bytes'.format(len(data))
        data += more
    return data


@pytest.fixture(params=[TLSVersion.TLSv1_2] +
                [TLSVersion.TLSv1_3] * peers.HAS_TLSv1_3,
                ids=['TLSv1.2', 'TLSv1.3'][:1 + peers.HAS_TLSv1_3])
def version(request):
    return request.param


def test_both_ways(ends, version):
    def serve(sock):
        sock.sendall(receive(sock, len(MUCH)))
        assert sock.recv(1) == b''
        sock.unwrap()
        return sock.negotiated_protocol()

    both = dict(inner_protocols=(NextProtocol.HTTP1,))
    with Server(ends, serve, **both) as peer:
        with connected(ends, peer, highest_supported_version=version,
                       **both) as sock:
            assert isinstance(sock, TLSWrappedSocket)
            assert sock.negotiated_tls_version is version
            assert sock.negotiated_protocol() is NextProtocol.HTTP1
            assert sock.cipher() in sock.context.configuration.ciphers
            assert sock.getpeername() == ('127.0.0.1', peer.port)
            assert sock.gettimeout() == peers.PATIENCE
            sock.sendall(MUCH)
            target, view = bytearray(len(MUCH)), None
            assert sock.recv_into(target, 3) > 0
            size = 3
            while size < len(MUCH):
                view = memoryview(target)[size:]
                size += sock.recv_into(view)
            assert bytes(target) == MUCH
            sock.unwrap()
    assert peer.results == [NextProtocol.HTTP1]


def test_in_the_clear_before_and_after(ends, version):
    """STARTTLS, and back: nothing of the clear is taken for TLS, also if it
    comes with the close_notify."""
    context = ends.server_context()

    def serve(raw):
        peers.read_until(raw, b'STARTTLS\n')
        raw.sendall(b'OK\n')
        sock = context.wrap_socket(raw)
        sock.do_handshake()
        assert receive(sock, 6) == b'secret'
        assert sock.recv(9) == b''
        back = sock.unwrap()
        assert back is raw
        back.sendall(b'clear again' * 1000)
        return peers.read_until(back, b'\n')

    with peers.Peer(serve) as peer:
        raw = socket.create_connection(('127.0.0.1', peer.port),
                                       peers.PATIENCE)
        with contextlib.closing(raw):
            raw.sendall(b'STARTTLS\n')
            peers.read_until(raw, b'OK\n')
            sock = ends.client_context(ends.client(
                highest_supported_version=version)).wrap_socket(
                    raw, 'localhost')
            sock.do_handshake()
            sock.sendall(b'secret')
            assert sock.unwrap() is raw
            assert raw.gettimeout() == peers.PATIENCE
            data = b''
            while len(data) < 11000:
                data += raw.recv(11000)
            assert data == b'clear again' * 1000
            raw.sendall(b'bye\n')
    assert peer.results == [b'bye\n']


def test_clear_with_the_close_notify(ends, version):
    """What is in the clear comes together with the end of TLS."""
    buffer = ends.server_context().wrap_buffers()

    def run(raw, call, *args):
        while True:
            try:
                return call(*args)
            except WantReadError:
                data = buffer.peek_outgoing(1 << 20)
                raw.sendall(data)
                buffer.consume_outgoing(len(data))
                buffer.receive_from_network(raw.recv(1 << 16))

    def serve(raw):
        run(raw, buffer.do_handshake)
        assert run(raw, buffer.read, 1) == b''
        buffer.shutdown()
        raw.sendall(buffer.peek_outgoing(1 << 20) + b'in the clear\n')

    with peers.Peer(serve) as peer:
        with connected(ends, peer, highest_supported_version=version) as sock:
            assert peers.read_until(sock.unwrap(), b'\n') == \
                b'in the clear\n'


def test_data_before_unwrap_is_kept(ends):
    def serve(sock):
        sock.sendall(b'unread')
        assert sock.recv(9) == b''
        sock.unwrap()

    with Server(ends, serve) as peer:
        with connected(ends, peer) as sock:
            sock.unwrap()
            assert sock.recv(3) + sock.recv(9) == b'unread'
            assert sock.recv(9) == b''


def test_half_close(ends):
    def serve(sock):
        data = b''
        for piece in iter(lambda: sock.recv(1000), b''):
            data += piece
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)

    with Server(ends, serve) as peer:
        with connected(ends, peer) as sock:
            sock.sendall(MUCH[:50000])
            sock.shutdown(socket.SHUT_WR)
            assert receive(sock, 50000) == MUCH[:50000]
            assert sock.recv(1) == b''


def test_an_end_without_close_notify(ends):
    with Server(ends, lambda sock: sock.sendall(b'part')) as peer:
        with connected(ends, peer) as sock:
            assert receive(sock, 4) == b'part'
            for _ in range(2):
                with pytest.raises(RaggedEOF):
                    sock.recv(1)


def test_a_wrong_name(ends):
    with Server(ends, lambda sock: sock.recv(1)) as peer:
        raw = socket.create_connection(('127.0.0.1', peer.port),
                                       peers.PATIENCE)
        with contextlib.closing(raw), peers.hanging_up(raw):
            sock = ends.client_context().wrap_socket(raw, 'other.test')
            with pytest.raises(TLSError):
                sock.do_handshake()
            with pytest.raises(TLSError):
                sock.sendall(b'secret')
        peer.join(peers.PATIENCE)
        assert isinstance(peer.error, TLSError)
        peer.error = None


def test_the_alert_comes_too_late(ends):
    """The error is TLS's, not that of sending the alert."""
    one, two = peers.socketpair()
    one.setblocking(False)
    sock = ends.client_context().wrap_socket(one, 'localhost')
    with pytest.raises(WantReadError):
        sock.do_handshake()
    assert two.recv(1 << 16)
    two.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
    two.close()
    with pytest.raises(TLSError) as info:
        sock.do_handshake()
    assert type(info.value) is TLSError
    sock.close()


def test_a_timeout(ends):
    done = []

    def serve(sock):
        peers.wait_for(lambda: done)

    with Server(ends, serve) as peer:
        with connected(ends, peer) as sock:
            sock.settimeout(0.05)
            with pytest.raises(socket.timeout):
                sock.recv(1)
            with pytest.raises(socket.timeout):
                for _ in range(1000):
                    sock.sendall(MUCH)
            done.append(True)
            with pytest.raises(ValueError):
                sock.settimeout(-1)


def test_without_blocking(ends):
    """An event loop of two ends, without threads."""
    with contextlib.closing(peers.listener()) as listening:
        client = socket.create_connection(listening.getsockname())
        server = listening.accept()[0]
    for sock in (client, server):
        sock.setblocking(False)
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, buffer, 50000)
    wrapped = [ends.client_context().wrap_socket(client, 'localhost'),
               ends.server_context().wrap_socket(server)]
    with pytest.raises(WantReadError):
        wrapped[1].do_handshake()
    waiting = list(wrapped)
    while waiting:
        for sock in list(waiting):
            try:
                sock.do_handshake()
                waiting.remove(sock)
            except (WantReadError, WantWriteError):
                pass
    with pytest.raises(WantReadError):
        wrapped[0].recv(1)
    sent, received = 0, b''
    with pytest.raises(WantWriteError):
        while sent < len(MUCH):
            sent += wrapped[0].send(MUCH[sent:sent + 100000])
    assert 0 < sent
    while len(received) < len(MUCH):
        try:
            if sent < len(MUCH):
                sent += wrapped[0].send(MUCH[sent:])
        except WantWriteError:
            pass
        try:
            received += wrapped[1].recv(100000)
        except WantReadError:
            if sent == len(MUCH):       # what send() kept
                try:
                    wrapped[0].recv(1)
                except WantReadError:
                    pass
    assert received == MUCH
    with pytest.raises(WantReadError):
        wrapped[0].unwrap()
    for sock in wrapped[::-1]:
        sock.unwrap()
    for sock in wrapped:
        sock.close()


def test_accept_and_connect(ends):
    """The listening socket and one that is not connected are wrapped."""
    with contextlib.closing(ends.server_context().wrap_socket(
            peers.listener())) as listening:
        listening.settimeout(0)
        with pytest.raises(WantReadError):
            listening.accept()
        listening.settimeout(peers.PATIENCE)
        sock = ends.client_context().wrap_socket(socket.socket(),
                                                 'localhost')
        sock.connect(listening.getsockname())
        accepted, address = listening.accept()
        assert address == sock.getsockname()
        assert isinstance(accepted, TLSWrappedSocket)
        sock.setblocking(False)
        accepted.setblocking(False)
        waiting = [sock, accepted]
        while waiting:
            select.select([], [], [], 0)
            for each in list(waiting):
                try:
                    each.do_handshake()
                    waiting.remove(each)
                except (WantReadError, WantWriteError):
                    pass
        sock.close()
        accepted.close()
    refused = ends.client_context().wrap_socket(socket.socket(), 'localhost')
    assert refused.connect_ex(('127.0.0.1', peers.refusing_port())) != 0
    refused.close()


def test_http(ends):
    """What knows nothing of all this uses it as a socket."""
    def serve(sock):
        with contextlib.closing(sock.makefile('rb')) as requests:
            for _ in range(2):
                line = requests.readline()
                while requests.readline() != b'\r\n':
                    pass
                sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n'
                             b'\r\n' + MUCH[:100000])
        return line

    with Server(ends, serve) as peer:
        with connected(ends, peer) as sock:
            http = HTTPConnection('localhost')
            http.sock = sock
            for _ in range(2):
                http.request('GET', '/page')
                answer = http.getresponse()
                assert answer.status == 200
                assert answer.read() == MUCH[:100000]
            http.close()
    assert peer.results == [b'GET /page HTTP/1.1\r\n']


def test_files(ends):
    """Each keeps the socket open, and the socket keeps them."""
    def serve(sock):
        file = sock.makefile('rwb')
        sock.close()
        for line in iter(file.readline, b'bye\n'):
            file.write(line.upper())
            file.flush()
        file.close()
        with pytest.raises(socket.error):
            sock.recv(1)
        return True

    with Server(ends, serve) as peer:
        with connected(ends, peer) as sock:
            for mode, size in (('wb', -1), ('wb', 0)):
                with contextlib.closing(sock.makefile(mode, size)) as out, \
                        contextlib.closing(sock.makefile('rb')) as lines:
                    out.write(b'hello\n')
                    out.flush()
                    assert lines.readline() == b'HELLO\n'
            with pytest.raises(ValueError):
                sock.makefile('a')
            sock.sendall(b'bye\n')
    assert peer.results == [True]


def test_what_there_is_not(ends):
    one, two = socket.socketpair()
    sock = ends.server_context().wrap_socket(one)
    for call in (sock.dup, lambda: sock.sendto(b'', None),
                 lambda: sock.recvfrom(1)):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError):
        sock.recv(1, socket.MSG_PEEK)
    assert not hasattr(sock, 'other')
    assert sock.fileno() == one.fileno()
    with sock:
        pass
    with pytest.raises(socket.error):
        sock.recv(1)
    two.close()


@pytest.mark.parametrize('at_once', [True, False])
def test_another_tls(ends, at_once, version):
    """An SSLSocket, and bytes that come one by one or all together."""
    def serve(raw):
        tls = peers.wrapped(raw)
        for size in (1, 70000) if at_once else (1,) * 20:
            data = b''
            while len(data) < size:
                data += tls.recv(size)
            tls.sendall(data)
        tls.unwrap()

    with peers.Peer(serve) as peer:
        with connected(ends, peer,
                       highest_supported_version=version) as sock:
            for size in (1, 70000) if at_once else (1,) * 20:
                sock.sendall(MUCH[:size])
                assert receive(sock, size) == MUCH[:size]
            sock.unwrap()
