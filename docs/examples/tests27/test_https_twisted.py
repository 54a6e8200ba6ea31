"""https_twisted.py.  The packages of requirements-twisted.txt are needed
("make test" puts them on PYTHONPATH)."""

import subprocess
import sys

import pytest

import peers

CAFILE = ('--cafile', peers.cert('ca'))
LONG = 300          # seconds, for a thousand connections on a slow machine


def server(cert='server'):
    return peers.Server('https_twisted.py', 'serve', '--cert',
                        peers.cert(cert))


def url(port, host='localhost'):
    return 'https://{}:{}/'.format(host, port)


def test_nothing_else_is_loaded():
    """Nor could it be."""
    names = subprocess.check_output([
        sys.executable, '-B', '-c', 'import sys; sys.path.insert(0, {!r})\n'
        'import https_twisted\n'
        'from twisted.protocols.tls import Connection\n'
        'print(Connection.__module__)\n'
        'print("\\n".join(sys.modules))'.format(peers.EXAMPLES)]).split()
    assert names[0] == 'pyopenssl_names.SSL'
    for name in ('cryptography', 'cffi', '_cffi_backend', 'OpenSSL.rand',
                 'service_identity._common', 'pyasn1'):
        assert name not in names


def test_help():
    for args in ((), ('serve',), ('fetch',), ('load',)):
        status, output, errors = peers.run('https_twisted.py',
                                           *args + ('--help',))
        assert status == 0 and output.startswith('usage: https_twisted.py')
    for args in (('fetch', 'http://localhost/'), ('serve',), ()):
        status, output, errors = peers.run('https_twisted.py', *args)
        assert status == 2 and errors.startswith('usage: ')


def test_fetch():
    with server() as running:
        assert peers.run('https_twisted.py', 'fetch',
                         *CAFILE + (url(running.port),)
                         ) == (0, 'hello from Twisted\n', '')


@pytest.mark.timeout(3 * LONG)
def test_a_thousand_connections(monkeypatch):
    """All are open at once, and each body comes back as it was sent."""
    monkeypatch.setattr(peers, 'PATIENCE', LONG)
    with server() as running:
        status, output, errors = peers.run('https_twisted.py', 'load',
                                           *CAFILE + (url(running.port),))
        assert (status, errors) == (0, '')
    assert output == '1000 of 1000 requests came back as they were sent\n'
    assert running.output == ('2000 requests served, at most 1000 '
                              'connections at once\n')


def test_large_bodies():
    with server() as running:
        status, output, errors = peers.run(
            'https_twisted.py', 'load', '--requests', 4, '--size', 1 << 22,
            *CAFILE + (url(running.port),))
        assert (status, errors) == (0, '')
    assert output.startswith('4 of 4 ')


@pytest.mark.parametrize('ca, host, expected', [
    ('wrongca', 'localhost', 'certificate verify failed'),
    ('ca', '127.0.0.1', 'VerificationError')])
def test_a_wrong_certificate(ca, host, expected):
    with server() as running:
        status, output, errors = peers.run(
            'https_twisted.py', 'fetch', '--cafile', peers.cert(ca),
            url(running.port, host))
        assert status == 1 and output == '' and expected in errors
        assert 'Traceback' not in errors
    assert running.output.startswith('0 requests served')


def test_load_counts_what_is_lost():
    def serve(raw):
        tls = peers.wrapped(raw)
        for _ in range(2):
            peers.read_until(tls, b'\r\n\r\n')
            tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad')

    with peers.Peer(serve) as peer:
        status, output, errors = peers.run(
            'https_twisted.py', 'load', '--requests', 1,
            *CAFILE + (url(peer.port),))
    assert status == 1 and output.startswith('0 of 1 ')


def test_an_answer_that_is_cut_short():
    def serve(raw):
        tls = peers.wrapped(raw)
        peers.read_until(tls, b'\r\n\r\n')
        tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod')

    with peers.Peer(serve) as peer:
        status, output, errors = peers.run(
            'https_twisted.py', 'fetch', *CAFILE + (url(peer.port),))
    assert status == 1 and output == '' and 'failed: ' in errors


def test_a_peer_in_the_clear():
    def serve(raw):
        raw.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad')
        return raw.recv(1 << 16)

    with peers.Peer(serve) as peer:
        status, output, errors = peers.run(
            'https_twisted.py', 'fetch', *CAFILE + (url(peer.port),))
    assert status == 1 and output == '' and 'wrong version number' in errors
    assert b'GET' not in peer.results[0]
