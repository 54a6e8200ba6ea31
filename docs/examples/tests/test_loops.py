"""reactor.py, completion.py and starttls_echo.py, over real sockets.

The peers are SSLSockets of the standard library, which do their own I/O, and
the example itself in another process."""

import contextlib
import functools
import os
import socket
import ssl
import threading
import time

import pytest

import contexts
import peers
import reactor
import starttls_echo
import tlsstream
from streams import Recorder, is_eof

CA = peers.cert('ca')
BOTH = ('--cafile', CA)


@pytest.fixture(params=starttls_echo.LOOPS)
def io(request):
    """Each way to do the I/O."""
    return request.param


@contextlib.contextmanager
def server(io, *args):
    with peers.Server('starttls_echo.py', 'server', '--io', io, '--cert',
                      peers.cert('server'), *args) as running:
        yield running


def connect(port):
    sock = socket.create_connection(('127.0.0.1', port), peers.PATIENCE)
    sock.settimeout(peers.PATIENCE)
    return sock


def starttls(sock, behind=b''):
    """As a client that has read up to the go-ahead."""
    peers.read_until(sock, b'220 ready\r\n')
    sock.sendall(b'STARTTLS\r\n' + behind)
    peers.read_until(sock, b'220 go ahead\r\n')
    return peers.client_context().wrap_socket(
        sock, server_hostname='localhost', suppress_ragged_eofs=False)


@pytest.mark.parametrize('client', starttls_echo.LOOPS)
def test_client_and_server(io, client):
    with server(io) as running:
        status, output, errors = peers.run(
            'starttls_echo.py', 'client', '--io', client, '--port',
            running.port, '--lines', 50, '--length', 3000, *BOTH)
        assert (status, errors) == (0, '')
    assert output.splitlines()[-2:] == [
        '50 lines came back',
        'then, in the clear: 221 no longer encrypted, bye']


def test_much_data(io):
    """More than all buffers on the way hold, in both directions at once."""
    with server(io) as running:
        status, output, errors = peers.run(
            'starttls_echo.py', 'client', '--io', io, '--port',
            running.port, '--lines', 20000, '--length', 1000, *BOTH)
        assert (status, errors) == (0, '')
    assert '20000 lines came back' in output


def test_server_with_an_ssl_socket(io):
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        tls = starttls(raw)
        tls.sendall(b'one\r\ntwo\r\n')
        assert peers.read_until(tls, b'two\r\n') == b'one\r\ntwo\r\n'


def test_server_says_goodbye_in_the_clear(io):
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        tls = starttls(raw)
        tls.sendall(b'one\r\n')
        peers.read_until(tls, b'one\r\n')
        plain = tls.unwrap()
        assert peers.read_until(plain, b'\n') == (
            b'221 no longer encrypted, bye\r\n')
        assert plain.recv(1) == b''


def test_many_clients(io):
    """A hundred connections, all open at once."""
    with server(io, '--idle', 30) as running:
        apps = []
        loop = starttls_echo.make_loop('reactor', 30)
        for number in range(100):
            lines = [('client %d' % number).encode()] * 5
            app = starttls_echo.Client(contexts.client_context(CA),
                                       'localhost', lines)
            apps.append(app)
            loop.connect('127.0.0.1', running.port,
                         tlsstream.TLSStream(app))
        loop.run()
        assert [app.error for app in apps] == [None] * 100
        assert [app.echoed for app in apps] == [5] * 100
    assert 'failed' not in running.output


def drive(io, port, app, idle=peers.PATIENCE):
    """Connect a TLSStream that begins with TLS, and run to the end."""
    stream = tlsstream.TLSStream(app)
    loop = starttls_echo.make_loop(io, idle)
    loop.connect('127.0.0.1', port, stream)
    stream.start_tls(contexts.client_context(CA),
                     server_hostname='localhost')
    loop.run()
    return stream


def test_client_and_ssl_socket(io):
    def serve(raw):
        tls = peers.wrapped(raw)
        data = peers.read_until(tls, b'.')
        tls.sendall(data * 1000)
        assert tls.recv(1) == b''           # close_notify
        tls.sendall(b'more')                # half-closed
        tls.unwrap()

    app = Recorder()
    app.secured = lambda stream: (stream.write(b'x' * 999 + b'.'),
                                  stream.end())
    app.ended = app.unsecured = lambda stream: stream.end()
    with peers.Peer(serve) as peer:
        stream = drive(io, peer.port, app)
    assert app.error is None and not stream.failed
    assert app.data == (b'x' * 999 + b'.') * 1000 + b'more'


def test_every_address_is_tried(io, monkeypatch):
    """As where localhost is ::1 first and the server at 127.0.0.1 only."""
    app = Recorder()
    app.secured = lambda stream: stream.end()
    app.ended = app.unsecured = lambda stream: stream.end()
    with peers.Peer(lambda raw: peers.wrapped(raw).unwrap()) as peer, \
            peers.silent_port() as silent:
        monkeypatch.setattr(socket, 'getaddrinfo', peers.resolved(
            None, peers.refusing_port(), silent, peer.port))
        drive(io, peer.port, app, 3)
    assert app.error is None


def test_no_address_is_any_good(io, monkeypatch):
    refusing = peers.refusing_port()
    monkeypatch.setattr(socket, 'getaddrinfo',
                        peers.resolved(refusing, None, refusing, None))
    app = Recorder()
    drive(io, refusing, app)
    assert isinstance(app.error, socket.error)


@pytest.mark.parametrize('ports', [(0,), (None, 0)])
def test_a_server_listens_where_it_can(ports, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(socket, 'getaddrinfo', lambda *args: [
            (4711 if port is None else socket.AF_INET, socket.SOCK_STREAM, 0,
             '', ('127.0.0.1', 0)) for port in ports])
        sock = starttls_echo.listening('localhost', 0)
    with contextlib.closing(sock):
        with contextlib.closing(connect(sock.getsockname()[1])):
            pass


def test_a_server_that_cannot_listen():
    with contextlib.closing(peers.listener()) as taken:
        with pytest.raises(socket.error):
            starttls_echo.listening('127.0.0.1', taken.getsockname()[1])


def test_the_alert_is_sent_after_a_failure(io):
    """Gotcha 1, from the client to a server with a wrong certificate."""
    def serve(raw):
        with pytest.raises(ssl.SSLError) as info:
            tls = peers.wrapped(raw, name='untrusted')
            tls.recv(1)         # TLS 1.3: the server is done before
        return info.value.reason

    app = Recorder()
    with peers.Peer(serve) as peer:
        drive(io, peer.port, app)
    assert app.events == ['failed']
    assert 'UNKNOWN_CA' in peer.results[0]


def test_the_alert_survives_unread_data(io):
    """... and from a server that is in the middle of a lot of input: if it
    closed at once, TCP would throw the alert away."""
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        peers.read_until(raw, b'220 ready\r\n')
        raw.sendall(b'STARTTLS\r\n')
        peers.read_until(raw, b'220 go ahead\r\n')
        raw.sendall(b'\x16\x03\x01\x00\x05hello' + b'\xff' * 10000000)
        raw.shutdown(socket.SHUT_WR)
        answer = raw.recv(100)
        # A TLS alert, fatal: 21, version, length 2, 2, what it is about.
        assert answer[:1] == b'\x15' and answer[5:6] == b'\x02'
        assert raw.recv(1) == b''
    assert 'failed' in running.output


def test_ragged_eof(io):
    """Gotcha 4: the server closes its socket without close_notify."""
    def serve(raw):
        tls = peers.wrapped(raw)
        tls.sendall(b'half of it')
        tls.shutdown(socket.SHUT_RDWR)

    app = Recorder()
    with peers.Peer(serve) as peer:
        drive(io, peer.port, app)
    assert app.data == b'half of it'
    assert app.events == ['secured', 'failed'] and is_eof(app.error)


def test_a_command_behind_starttls(io):
    """Gotcha 6: it is not obeyed, in the clear or later."""
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        with pytest.raises((ssl.SSLError, socket.error)):
            starttls(raw, b'injected\r\n')
    assert 'failed' in running.output


def test_a_reply_behind_the_go_ahead(io):
    """Gotcha 6, the client: what somebody put behind it is not believed."""
    def serve(raw):
        raw.sendall(b'220 ready\r\n')
        peers.read_until(raw, b'STARTTLS\r\n')
        raw.sendall(b'220 go ahead\r\n' + b'injected\r\n')
        try:
            tls = peers.wrapped(raw)
        except (ssl.SSLError, socket.error):
            return 'no handshake'
        peers.read_until(tls, b'\n')        # and no echo but the injected one

    client = starttls_echo.Client(contexts.client_context(CA), 'localhost',
                                  [b'injected'])
    with peers.Peer(serve) as peer:
        loop = starttls_echo.make_loop(io, peers.PATIENCE)
        loop.connect('127.0.0.1', peer.port, tlsstream.TLSStream(client))
        loop.run()
    assert isinstance(client.error, ssl.SSLError) and client.echoed == 0
    assert peer.results == ['no handshake']


def test_no_fallback_to_clear_text(io):
    def serve(raw):
        raw.sendall(b'220 ready\r\n')
        peers.read_until(raw, b'STARTTLS\r\n')
        raw.sendall(b'454 not today\r\n')
        return raw.recv(100)

    client = starttls_echo.Client(contexts.client_context(CA), 'localhost',
                                  [b'secret'])
    with peers.Peer(serve) as peer:
        loop = starttls_echo.make_loop(io, peers.PATIENCE)
        loop.connect('127.0.0.1', peer.port, tlsstream.TLSStream(client))
        loop.run()
    assert 'no STARTTLS' in str(client.error)
    assert peer.results == [b'']


def test_back_pressure(io):
    """Gotcha 7: a client that sends and never reads is not read any more,
    and once it does read, nothing is lost."""
    line = b'x' * 9998 + b'\r\n'
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        tls = starttls(raw)
        tls.setblocking(False)
        sent, blocked_since = 0, time.time()
        while time.time() - blocked_since < 1:
            assert sent < 3000, 'the server takes everything'
            # OpenSSL wants the same line again after a failure.
            if peers.try_call(tls.send, line):
                sent, blocked_since = sent + 1, time.time()
            else:
                time.sleep(0.01)

        # Now both by turns, as the last line has to be sent still.
        tls.settimeout(0.05)
        received, waiting = b'', True
        deadline = time.time() + peers.PATIENCE
        while len(received) < (sent + 1) * len(line):
            assert time.time() < deadline
            waiting = waiting and not peers.try_call(tls.send, line)
            received += peers.try_call(tls.recv, 65536) or b''
        assert received == line * (sent + 1)


def test_short_sends(io):
    """Gotcha 1: send() takes less than it was given."""
    data = b''.join(('%07d ' % number).encode() for number in range(100000))
    stream = tlsstream.TLSStream(Recorder())
    stream.write(data)
    stream.end()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    received = []

    def read():
        with contextlib.closing(theirs):
            received.extend(iter(lambda: theirs.recv(10000), b''))

    reader = threading.Thread(target=read)
    reader.start()
    loop = starttls_echo.make_loop(io, peers.PATIENCE)
    if io == 'completion':
        loop.add(ours, stream)
    else:
        loop.add(reactor.Connection(ours, stream))
    loop.run()
    reader.join(peers.PATIENCE)
    assert b''.join(received) == data


def test_a_line_without_end(io):
    with server(io) as running, contextlib.closing(
            connect(running.port)) as raw:
        tls = starttls(raw)
        tls.sendall(b'x' * (starttls_echo.LONGEST + 20000))
        try:
            assert tls.recv(1000) == b'', 'it is echoed'
        except (ssl.SSLError, socket.error):
            pass
    assert 'a line without an end' in running.output


@pytest.mark.parametrize('say', [b'', b'STARTTLS\r\n'])
def test_silent_peers_are_dropped(io, say):
    """One who says nothing, and one who never begins the handshake."""
    with server(io, '--idle', 1) as running, contextlib.closing(
            connect(running.port)) as raw:
        raw.sendall(say)
        started = time.time()
        while raw.recv(100):
            pass
        assert time.time() - started < 20


def test_a_peer_that_does_not_close_after_a_failure(io):
    with server(io, '--idle', 1) as running, contextlib.closing(
            connect(running.port)) as raw:
        raw.sendall(b'STARTTLS\r\nnonsense, not TLS at all\r\n')
        while raw.recv(100):
            pass
        with pytest.raises(socket.error):       # reset, at some time
            for _ in range(200):
                raw.sendall(b'x')
                time.sleep(0.05)


def test_a_client_that_vanishes(io):
    """The others are served on."""
    with server(io) as running:
        for _ in range(3):
            sock = connect(running.port)
            tls = starttls(sock)
            tls.sendall(b'x' * 1000)
            peers.reset(tls)
        with contextlib.closing(connect(running.port)) as raw:
            tls = starttls(raw)
            tls.sendall(b'one\r\n')
            assert peers.read_until(tls, b'\n') == b'one\r\n'


def test_a_refused_connection(io):
    sock = peers.listener()
    port = sock.getsockname()[1]
    sock.close()
    app = Recorder()
    drive(io, port, app)
    assert app.events == ['failed'] and isinstance(app.error, socket.error)


@pytest.mark.parametrize('args', [
    ('--name', 'other.test') + BOTH, ('--cafile', peers.cert('wrongca')),
    ()], ids=['name', 'authority', "system's authorities"])
def test_a_client_that_does_not_trust(io, args):
    with server(io) as running:
        status, output, errors = peers.run(
            'starttls_echo.py', 'client', '--io', io, '--port',
            running.port, *args)
    assert status == 1 and output == '' and errors.startswith('failed: ')


def test_one_thread_for_tls(monkeypatch):
    """Gotcha 9: the threads of completion.py see bytes only."""
    idents = set()

    def watched(function):
        @functools.wraps(function)
        def wrapper(*args):
            idents.add(threading.current_thread().ident)
            return function(*args)
        return wrapper

    for name in ('feed', 'take', 'write', 'end', 'lost', '_run'):
        monkeypatch.setattr(tlsstream.TLSStream, name,
                            watched(getattr(tlsstream.TLSStream, name)))
    with server('reactor') as running:
        client = starttls_echo.Client(contexts.client_context(CA),
                                      'localhost', [b'x' * 1000] * 100)
        loop = starttls_echo.make_loop('completion', peers.PATIENCE)
        loop.connect('127.0.0.1', running.port, tlsstream.TLSStream(client))
        before = threading.active_count()
        loop.run()
        assert client.error is None
        assert idents == {threading.current_thread().ident}
        peers.wait_for(lambda: threading.active_count() < before + 1)


def test_the_reactor_leaves_no_file_open():
    if not os.path.isdir('/proc/self/fd'):
        pytest.skip('needs /proc')
    with server('reactor') as running:
        loop = starttls_echo.make_loop('reactor', peers.PATIENCE)
        before = len(os.listdir('/proc/self/fd'))
        for _ in range(5):
            client = starttls_echo.Client(contexts.client_context(CA),
                                          'localhost', [b'x'])
            loop.connect('127.0.0.1', running.port,
                         tlsstream.TLSStream(client))
            loop.run()
            assert client.error is None
        assert len(os.listdir('/proc/self/fd')) == before
