"""https_trollius.py.  The packages of requirements-trollius.txt are needed
("make test" puts them on PYTHONPATH)."""

import contextlib
import socket
import ssl
import time

import pytest
import trollius

import contexts
import https_trollius
import peers

CAFILE = ('--cafile', peers.cert('ca'))


@contextlib.contextmanager
def server():
    with peers.Server('https_trollius.py', 'serve', '--cert',
                      peers.cert('server')) as running:
        yield running


def url(port, host='localhost'):
    return 'https://{}:{}/'.format(host, port)


def tls_to(port, protocols=('http/1.1',)):
    return peers.client_context(protocols=protocols).wrap_socket(
        socket.create_connection(('127.0.0.1', port), peers.PATIENCE),
        server_hostname='localhost', suppress_ragged_eofs=False)


def test_it_is_trollius_over_memory_bios():
    from trollius import sslproto
    assert sslproto._is_sslproto_available()
    assert trollius.__file__.endswith(('.py', '.pyc'))


def test_help():
    for args in ((), ('serve',), ('fetch',), ('load',)):
        status, output, errors = peers.run('https_trollius.py',
                                           *args + ('--help',))
        assert status == 0 and output.startswith('usage: https_trollius.py')
    for args in (('fetch', 'http://localhost/'), ('serve',), ()):
        status, output, errors = peers.run('https_trollius.py', *args)
        assert status == 2 and errors.startswith('usage: ')


def test_a_thousand_requests_at_once():
    """All connections are open before the first request is sent, each body
    comes back as it was sent."""
    with server() as running:
        status, output, errors = peers.run('https_trollius.py', 'load',
                                           *CAFILE + (url(running.port),))
        assert (status, errors) == (0, '')
    assert output == '1000 of 1000 requests came back as they were sent\n'
    assert running.output == ('1000 requests served, at most 1000 '
                              'connections at once\n')


def test_large_bodies():
    """More than the buffers on the way hold, in both directions."""
    with server() as running:
        status, output, errors = peers.run(
            'https_trollius.py', 'load', '--requests', 10, '--size', 1 << 20,
            *CAFILE + (url(running.port),))
        assert (status, errors) == (0, '')
    assert output.startswith('10 of 10 ')


def test_fetch():
    with server() as running:
        assert peers.run('https_trollius.py', 'fetch',
                         *CAFILE + (url(running.port),)
                         ) == (0, 'hello over http/1.1\n', '')


@pytest.mark.parametrize('ca, host, expected', [
    ('wrongca', 'localhost', 'CERTIFICATE_VERIFY_FAILED'),
    ('ca', '127.0.0.1', 'mismatch')])
def test_a_wrong_certificate(ca, host, expected):
    with server() as running:
        status, output, errors = peers.run(
            'https_trollius.py', 'fetch', '--cafile', peers.cert(ca),
            url(running.port, host))
        assert status == 1 and output == '' and expected in errors
        assert 'Traceback' not in errors
    assert running.output.startswith('0 requests served')


def test_load_counts_what_is_lost():
    """... and says so, and its exit status does."""
    def serve(raw):
        tls = peers.wrapped(raw, protocols=['http/1.1'])
        peers.read_until(tls, b'\r\n\r\n')
        tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad')
        with pytest.raises((ssl.SSLError, socket.error)):
            tls.unwrap()        # see TestWhatTrolliusLeavesOut

    with peers.Peer(serve) as peer:
        status, output, errors = peers.run(
            'https_trollius.py', 'load', '--requests', 1,
            *CAFILE + (url(peer.port),))
    assert status == 1 and output.startswith('0 of 1 ')
    assert 'not what was sent' in errors


@pytest.mark.parametrize('protocols', [None, ['h2']])
def test_alpn_of_the_server_is_checked(protocols):
    def serve(raw):
        tls = peers.wrapped(raw, protocols=protocols or ())
        return tls.recv(1)

    with peers.Peer(serve) as peer:
        status, output, errors = peers.run('https_trollius.py', 'fetch',
                                           *CAFILE + (url(peer.port),))
    assert status == 1 and 'does not offer http/1.1' in errors
    assert peer.results == [b''], 'nothing was said'


@pytest.mark.parametrize('protocols', [(), ['h2']])
def test_alpn_of_the_client_is_checked(protocols):
    with server() as running:
        tls = tls_to(running.port, protocols)
        tls.sendall(b'GET / HTTP/1.1\r\n\r\n')
        assert tls.recv(100) == b''
    assert 'does not offer' in running.output


def test_an_answer_that_is_cut_short():
    """Gotcha 4, at any place."""
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'
    for length in (0, 10, 20, len(answer) - 1):
        def serve(raw):
            tls = peers.wrapped(raw, protocols=['http/1.1'])
            peers.read_until(tls, b'\r\n\r\n')
            tls.sendall(answer[:length])

        with peers.Peer(serve) as peer:
            status, output, errors = peers.run(
                'https_trollius.py', 'fetch', *CAFILE + (url(peer.port),))
        assert status == 1 and output == '' and 'failed: ' in errors


@pytest.mark.parametrize('request_', [
    b'POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n',
    b'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', b'\r\n',
    b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 200 + b'\r\n',
    b'x' * 200000], ids=['too long', 'negative', 'empty', 'many headers',
                          'no line'])
def test_bad_requests(request_):
    """The connection is closed, the server goes on."""
    with server() as running:
        tls = tls_to(running.port)
        try:
            tls.sendall(request_)
            assert tls.recv(100) == b''
        except (ssl.SSLError, socket.error):
            pass                # closed while we were sending
        tls.close()
        assert peers.run('https_trollius.py', 'fetch',
                         *CAFILE + (url(running.port),))[0] == 0
    assert 'failed: ' in running.output
    assert '1 requests served' in running.output


MUCH = 1 << 25          # bytes, more than the system's buffers ever hold
PATIENT = """
import sys
sys.path.insert(0, {!r})
import https_trollius
https_trollius.LARGEST = {}
sys.exit(https_trollius.main())
""".format(peers.EXAMPLES, MUCH)


def test_back_pressure():
    """Gotcha 7: one who sends and does not read is not read any more, and
    once he does read, nothing is lost."""
    with peers.Server('', 'serve', '--cert', peers.cert('server'),
                      code=PATIENT) as running:
        tls = tls_to(running.port)
        tls.sendall('POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n'.format(
            MUCH).encode('ascii'))
        tls.settimeout(2)
        piece, sent = b'x' * 16384, 0
        while sent < MUCH:
            if not peers.try_call(tls.send, piece):
                break
            sent += len(piece)
        assert 0 < sent < MUCH, 'it takes everything'
        tls.settimeout(0.05)
        received = 0
        peers.read_until(tls, b'\r\n\r\n')
        while received < MUCH:
            # The piece that was not taken has to be the next one.
            if sent < MUCH and peers.try_call(tls.send, piece):
                sent += len(piece)
            data = peers.try_call(tls.recv, 65536)
            assert data is None or data == b'x' * len(data) != b''
            received += len(data or b'')
        assert received == MUCH


def test_an_end_while_reading_is_paused():
    """More than a StreamReader wants to keep, and the close_notify behind
    it, come at once."""
    body = b'x' * 10000

    def serve(raw):
        tls = peers.wrapped(raw, protocols=['http/1.1'])
        tls.sendall(body)
        with pytest.raises((ssl.SSLError, socket.error)):
            tls.unwrap()

    @trollius.coroutine
    def read(port):
        reader, writer = yield trollius.From(https_trollius.connect(
            https_trollius.https_url(url(port)), contexts.client_context(
                peers.cert('ca'), ['http/1.1'])))
        reader._limit = 1000
        time.sleep(1)       # so that all of it is one chunk
        yield trollius.From(trollius.sleep(0.1))
        data = yield trollius.From(reader.readexactly(len(body)))
        data += yield trollius.From(reader.read())
        raise trollius.Return(data)

    with peers.Peer(serve) as peer:
        loop = trollius.new_event_loop()
        trollius.set_event_loop(loop)
        with contextlib.closing(loop):
            assert loop.run_until_complete(read(peer.port)) == body


def test_every_address_is_tried(monkeypatch):
    """As where localhost is ::1 first and the server at 127.0.0.1 only."""
    def serve(raw):
        tls = peers.wrapped(raw, protocols=['http/1.1'])
        peers.read_until(tls, b'\r\n\r\n')
        tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody')

    with peers.Peer(serve) as peer:
        monkeypatch.setattr(socket, 'getaddrinfo', peers.resolved(
            None, peers.refusing_port(), peer.port))
        loop = trollius.new_event_loop()
        trollius.set_event_loop(loop)
        with contextlib.closing(loop):
            assert loop.run_until_complete(https_trollius.fetch(
                https_trollius.https_url(url(peer.port)),
                contexts.client_context(peers.cert('ca'),
                                        ['http/1.1']))) == b'body'


class TestWhatTrolliusLeavesOut(object):
    """The list in docs/examples.md.  If one of these fails, take it out."""

    def run_client(self, serve, ca='ca'):
        with peers.Peer(serve) as peer:
            loop = trollius.new_event_loop()
            trollius.set_event_loop(loop)
            loop.set_exception_handler(https_trollius.report)
            try:
                with contextlib.closing(loop):
                    loop.run_until_complete(https_trollius.fetch(
                        https_trollius.https_url(url(peer.port)),
                        contexts.client_context(peers.cert(ca),
                                                ['http/1.1'])))
            except ssl.SSLError:
                pass
        return peer.results[0]

    def test_the_alert(self):
        def serve(raw):
            with pytest.raises(ssl.SSLError) as info:
                peers.wrapped(raw, protocols=['http/1.1']).recv(1)
            return info.value

        error = self.run_client(serve, 'wrongca')
        assert isinstance(error, ssl.SSLEOFError)

    def test_the_answer_to_close_notify(self):
        def serve(raw):
            tls = peers.wrapped(raw, protocols=['http/1.1'])
            peers.read_until(tls, b'\r\n\r\n')
            tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
            with pytest.raises((ssl.SSLError, socket.error)) as info:
                tls.unwrap()
            return info.value

        assert self.run_client(serve) is not None
