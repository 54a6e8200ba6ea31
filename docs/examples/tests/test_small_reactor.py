"""small_reactor.py: TLS on a bare event loop in under 100 lines.

Its streams are driven by its own loop and, unchanged, by completion.py."""

import contextlib
import socket
import ssl
import threading

import pytest

import completion
import contexts
import peers
import small_reactor
from streams import carry, is_eof
from test_loops import connect
from test_programs import code_lines, example

CA = peers.cert('ca')
LOOPS = ('select', 'completion')
GO_AHEAD = small_reactor.Stream.answer


@pytest.fixture(params=LOOPS)
def io(request):
    """Each way to move the bytes."""
    return request.param


def server(io):
    return peers.Server('small_echo.py', 'server', '--io', io, '--pem',
                        peers.cert('server'))


def run_client(io, port, *args):
    return peers.run('small_echo.py', 'client', '--io', io, '--pem', CA,
                     '--port', port, *args)


def new_client(data=b'hello', name='localhost'):
    stream = small_reactor.Client(contexts.client_context(CA),
                                  server_hostname=name)
    stream.data = data
    return stream


def new_server():
    return small_reactor.Stream(
        contexts.server_context(peers.cert('server')), server_side=True)


def drive(io, port, **options):
    """Run a client to its end in this process.  *port*: or a socket."""
    stream = new_client(**options)
    sock = connect(port) if isinstance(port, int) else port
    if io == 'select':
        small_reactor.run({sock: small_reactor.move(sock, stream)})
    else:
        loop = completion.Proactor(peers.PATIENCE)
        loop.add(sock, stream)
        loop.run()
    return stream


def starttls(sock, behind=b''):
    sock.sendall(b'STARTTLS\r\n' + behind)
    assert peers.read_until(sock, b'\n') == GO_AHEAD
    return peers.client_context().wrap_socket(
        sock, server_hostname='localhost', suppress_ragged_eofs=False)


def accept_tls(raw, behind=b'', **options):
    peers.read_until(raw, b'STARTTLS\r\n')
    raw.sendall(GO_AHEAD + behind)
    return peers.wrapped(raw, **options)


def test_less_than_100_lines():
    source = example('small_reactor.py')
    assert code_lines(source) < 100
    for other in ('tlsstream', 'reactor', 'contexts', 'completion'):
        assert 'import ' + other not in source


@pytest.mark.parametrize('client', LOOPS)
def test_client_and_server(io, client):
    with server(io) as running:
        for size in (1, 100000):
            status, output, errors = run_client(client, running.port,
                                                '--size', size)
            assert (status, errors) == (0, '')
            assert output == '%d bytes came back\n' % size


def test_much_data(io):
    """More than all buffers on the way hold, in both directions at once."""
    with server(io) as running:
        status, output, errors = run_client(io, running.port, '--size',
                                            20000000)
    assert (status, errors) == (0, '')
    assert output == '20000000 bytes came back\n'


def test_server_with_an_ssl_socket_and_half_close(io):
    """The echo of what came before close_notify is complete."""
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        tls = starttls(raw)
        tls.sendall(b'one')
        assert peers.read_until(tls, b'one') == b'one'
        assert tls.unwrap().recv(1) == b''


def test_client_half_close(io):
    """It reads on after its close_notify, until the peer's."""
    def serve(raw):
        tls = accept_tls(raw)
        data = peers.read_until(tls, b'.')
        assert tls.recv(1) == b''           # close_notify
        tls.sendall(data)                   # half-closed
        tls.unwrap()

    with peers.Peer(serve) as running:
        stream = drive(io, running.port, data=b'x' * 40000 + b'.')
    assert stream.failed is None and stream.echoed == 40001


def test_an_incomplete_echo(io):
    def serve(raw):
        tls = accept_tls(raw)
        tls.sendall(peers.read_until(tls, b'.')[:-1])
        assert tls.recv(1) == b''
        tls.unwrap()

    with peers.Peer(serve) as running:
        stream = drive(io, running.port, data=b'all of it.')
    assert 'not what was sent' in str(stream.failed)


def test_ragged_eof(io):
    """Gotcha 4: the whole echo, but no close_notify behind it."""
    def serve(raw):
        tls = accept_tls(raw)
        tls.sendall(peers.read_until(tls, b'.'))
        tls.shutdown(socket.SHUT_RDWR)

    with peers.Peer(serve) as running:
        stream = drive(io, running.port, data=b'all of it.')
    assert stream.echoed == 10 and is_eof(stream.failed)


def test_an_end_in_the_clear(io):
    def serve(raw):
        peers.read_until(raw, b'\n')
        raw.sendall(GO_AHEAD[:5])

    with peers.Peer(serve) as running:
        assert 'no STARTTLS' in str(drive(io, running.port).failed)


def test_no_fallback_to_clear_text(io):
    def serve(raw):
        peers.read_until(raw, b'\n')
        raw.sendall(b'454 not today\r\n')
        return raw.recv(100)

    with peers.Peer(serve) as running:
        stream = drive(io, running.port, data=b'secret')
    assert 'no STARTTLS' in str(stream.failed)
    assert running.results == [b'']


def test_a_command_behind_starttls(io):
    """Gotcha 6: it goes to TLS, which it breaks; it is never echoed."""
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        with pytest.raises((ssl.SSLError, socket.error)):
            starttls(raw, b'injected\r\n')
    for stream, line in ((new_server(), b'STARTTLS\r\n'),
                         (new_client(), GO_AHEAD)):
        received = []
        stream.received = received.append
        stream.feed(line + b'injected\r\n')
        assert isinstance(stream.failed, ssl.SSLError) and not received


def test_a_reply_behind_the_go_ahead(io):
    def serve(raw):
        with pytest.raises((ssl.SSLError, socket.error)):
            accept_tls(raw, b'hello')

    with peers.Peer(serve) as running:
        stream = drive(io, running.port)
    assert isinstance(stream.failed, ssl.SSLError) and stream.echoed == 0


def test_a_client_that_does_not_trust(io):
    with server(io) as running:
        status, output, errors = run_client(io, running.port, '--name',
                                            'other.test')
        assert status == 1 and output == '' and errors.startswith('failed: ')
        stream = drive(io, running.port, name='other.test')
        assert isinstance(stream.failed, (ssl.CertificateError, ssl.SSLError))
        assert not stream.secure and stream.sent == 0


def test_the_alert_is_sent_after_a_failure(io):
    """Gotcha 1."""
    def serve(raw):
        with pytest.raises(ssl.SSLError) as info:
            accept_tls(raw, name='untrusted').recv(1)
        return info.value.reason

    with peers.Peer(serve) as running:
        assert drive(io, running.port).failed
    assert 'UNKNOWN_CA' in running.results[0]


def test_bounded_buffers():
    """Gotcha 7: a server whose answers are not taken stops to read, what a
    client has to send is not encrypted all at once, and nothing is lost."""
    client, peer = new_client(b'x' * 2000000), new_server()
    while not client.secure:
        for source, target in ((client, peer), (peer, client)):
            if source.outgoing.pending:
                target.feed(source.take(1000))
    while peer.wants_input and client.outgoing.pending:
        assert client.outgoing.pending < small_reactor.FULL + 20000
        peer.feed(client.take(65536))
    assert not peer.wants_input
    assert peer.outgoing.pending < small_reactor.FULL + 70000
    carry(client, peer)
    assert client.over and peer.over
    assert client.failed is None and client.echoed == 2000000


def test_short_sends(io):
    """Gotcha 1: send() takes less than it was given."""
    ours, theirs = socket.socketpair()
    with contextlib.closing(theirs):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        echo = threading.Thread(target=serve_slowly, args=(theirs,))
        echo.start()
        stream = drive(io, ours, data=b'0123456' * 300000)
        echo.join(peers.PATIENCE)
    assert stream.failed is None and stream.echoed == 2100000


def serve_slowly(sock):
    """The server's end, by blocking calls."""
    stream = new_server()
    while not stream.over or stream.outgoing.pending:
        if stream.outgoing.pending:
            sock.sendall(stream.take())
        else:
            stream.feed(sock.recv(3000))
    sock.shutdown(socket.SHUT_RDWR)


def test_close_behind_which_more_comes():
    """Gotcha 5."""
    client, peer = new_client(), new_server()
    carry(client, peer)
    assert client.over and not client.failed
    echoed = client.echoed
    client.feed(b'behind')
    assert client.echoed == echoed and not client.failed
