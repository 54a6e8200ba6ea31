"""http_get.py, and asyncore_fetch.py where there is asyncore."""

import contextlib
import socket
import ssl
import time
import warnings

import pytest

import contexts
import http_get
import peers
from streams import carry, is_eof, pair

with warnings.catch_warnings():
    warnings.simplefilter('ignore', DeprecationWarning)
    try:
        import asyncore_fetch
    except SystemExit:
        asyncore_fetch = None

needs_asyncore = pytest.mark.skipif(
    asyncore_fetch is None, reason='this Python has no asyncore')

KNOWN = b'HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody'
UNKNOWN = b'HTTP/1.0 200 OK\r\n\r\nbody'


def new_get():
    return http_get.Get(None, 'localhost', '/page')


def answered(answer, polite, behind=b''):
    """A Get that got *answer*, then close_notify or not, then *behind* in
    the clear and the end of the transport."""
    get = new_get()
    client, server = pair(client=get)
    carry(client, server)
    assert server.app.data == b'GET /page HTTP/1.0\r\nHost: localhost' \
                              b'\r\n\r\n'
    if answer:
        server.write(answer)
    if polite:
        server.end()
    client.feed(server.take() + behind)
    client.feed(b'')
    return get


@pytest.mark.parametrize('answer, polite, complete', [
    (KNOWN, True, True), (UNKNOWN, True, True),
    (KNOWN, False, True),           # harmless: the length is known
    (UNKNOWN, False, False), (KNOWN[:-1], False, False),
    (KNOWN[:-1], True, False), (b'HTTP/1.0 200 O', True, False),
    (b'', True, False), (b'', False, False)])
def test_4_complete_or_not(answer, polite, complete):
    get = answered(answer, polite)
    if complete:
        assert get.error is None
        assert (get.status, get.body) == (200, b'body')
    else:
        assert get.error and get.body == b''
        assert polite or is_eof(get.error)


def test_5_what_follows_in_the_clear_is_no_part_of_it():
    get = answered(UNKNOWN, True, b' and more')
    assert get.error is None and get.body == b'body'


def test_7_an_answer_that_is_too_large(monkeypatch):
    monkeypatch.setattr(http_get, 'LARGEST', 1000)
    get = answered(b'HTTP/1.0 200 OK\r\n\r\n' + b'x' * 1000, True)
    assert 'more than 1000 bytes' in str(get.error)


def test_an_answer_that_is_none():
    get = answered(b'nonsense\r\n\r\n', True)
    assert isinstance(get.error, ValueError)
    get = answered(b'HTTP/1.0 200 OK\r\nContent-Length: -4\r\n\r\nbody', True)
    assert isinstance(get.error, ValueError)


def serve(answer, polite=True):
    def function(raw):
        tls = peers.wrapped(raw)
        peers.read_until(tls, b'\r\n\r\n')
        tls.sendall(answer)
        if polite:
            tls.unwrap()
    return function


def fetch(*ports, **options):
    return asyncore_fetch.fetch_all(
        ['https://localhost:%d/page' % port for port in ports],
        contexts.client_context(peers.cert(options.pop('ca', 'ca'))),
        **options)


@needs_asyncore
def test_many_at_once():
    body = b'0123456789' * 20000
    answer = ('HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body)
              ).encode() + body
    with peers.Peer(serve(answer), count=20) as peer:
        gets = fetch(*[peer.port] * 20)
    assert [get.error for get in gets] == [None] * 20
    assert all(get.body == body for get in gets)


@needs_asyncore
@pytest.mark.parametrize('answer, polite, complete', [
    (UNKNOWN, True, True), (KNOWN, False, True), (UNKNOWN, False, False)])
def test_ragged_eof(answer, polite, complete):
    with peers.Peer(serve(answer, polite)) as peer:
        get, = fetch(peer.port)
    if complete:
        assert get.error is None and get.body == b'body'
    else:
        assert is_eof(get.error)


@needs_asyncore
def test_the_alert_is_sent_after_a_failure():
    def function(raw):
        with pytest.raises(ssl.SSLError) as info:
            tls = peers.wrapped(raw, name='untrusted')
            tls.recv(1)
        return info.value.reason

    with peers.Peer(function) as peer:
        get, = fetch(peer.port)
    assert isinstance(get.error, ssl.SSLError)
    assert 'UNKNOWN_CA' in peer.results[0]


@needs_asyncore
def test_one_fails_and_the_others_do_not():
    listener = peers.listener()
    refused = listener.getsockname()[1]
    listener.close()
    with peers.Peer(serve(KNOWN)) as peer:
        bad, good = fetch(refused, peer.port)
    assert isinstance(bad.error, socket.error)
    assert good.error is None


@needs_asyncore
def test_no_answer_in_time():
    listener = peers.listener()
    started = time.time()
    get, = fetch(listener.getsockname()[1], seconds=0.5)
    assert isinstance(get.error, socket.timeout)
    assert time.time() - started < 20
    listener.close()


@needs_asyncore
def test_every_address_is_tried(monkeypatch):
    """As where localhost is ::1 first and the server at 127.0.0.1 only."""
    with peers.Peer(serve(KNOWN)) as peer, peers.silent_port() as silent:
        monkeypatch.setattr(socket, 'getaddrinfo', peers.resolved(
            None, peers.refusing_port(), silent, peer.port))
        get, = fetch(peer.port, seconds=8)
    assert get.error is None and get.body == b'body'


@needs_asyncore
def test_no_address_is_any_good(monkeypatch):
    monkeypatch.setattr(socket, 'getaddrinfo', peers.resolved(
        None, peers.refusing_port(), None))
    get, = fetch(1)
    assert isinstance(get.error, socket.error)

    def unknown(*args):
        raise socket.gaierror(socket.EAI_NONAME, 'unknown')

    monkeypatch.setattr(socket, 'getaddrinfo', unknown)
    get, = fetch(1)
    assert isinstance(get.error, socket.gaierror)


@needs_asyncore
def test_a_server_that_fails_is_no_reason_to_try_another(monkeypatch):
    """An error of TLS is final."""
    def refuse(raw):
        with pytest.raises(ssl.SSLError):
            peers.wrapped(raw, name='untrusted').recv(1)

    with peers.Peer(refuse) as peer, \
            contextlib.closing(peers.listener(0.1)) as other:
        monkeypatch.setattr(socket, 'getaddrinfo', peers.resolved(
            peer.port, other.getsockname()[1]))
        get, = fetch(peer.port)
        with pytest.raises(socket.timeout):
            other.accept()
    assert isinstance(get.error, ssl.SSLError)


@needs_asyncore
def test_the_program():
    with peers.Peer(serve(KNOWN)) as peer:
        url = 'https://localhost:%d/' % peer.port
        status, output, _ = peers.run('asyncore_fetch.py', '--cafile',
                                      peers.cert('ca'), url)
    assert status == 0 and output == url + ' 200, 4 bytes\n'
    status, output, _ = peers.run('asyncore_fetch.py', '--cafile',
                                  peers.cert('ca'), 'https://localhost:1/')
    assert status == 1 and 'failed: ' in output
