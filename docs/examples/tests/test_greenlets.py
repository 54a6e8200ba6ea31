"""greenlets.py on ordinary sockets, with a thread for the other end.  On
those of gevent and eventlet, "make clients" tests it."""

import contextlib
import hashlib
import socket
import ssl

import pytest

import peers
import streams
from greenlets import TLSSocket

MUCH = b''.join(hashlib.sha256(str(number).encode()).digest()
                for number in range(5000))


@contextlib.contextmanager
def connected(peer, context=None, **options):
    raw = socket.create_connection(('127.0.0.1', peer.port), peers.PATIENCE)
    with contextlib.closing(raw), peers.hanging_up(raw):
        options.setdefault('server_hostname', 'localhost')
        yield TLSSocket(raw, context or peers.client_context(), **options)


def receive(sock, size):
    data = b''
    while len(data) < size:
        more = sock.recv(size - len(data))
        assert more
        data += more
    return data


def test_both_ways():
    def serve(raw):
        tls = peers.wrapped(raw)
        data = b''
        while len(data) < len(MUCH):
            data += tls.recv(65536)
        tls.sendall(data)
        tls.unwrap()

    with peers.Peer(serve) as peer:
        with connected(peer) as sock:
            sock.sendall(MUCH)
            assert receive(sock, len(MUCH)) == MUCH
            assert sock.recv(1) == b''
            assert sock.unwrap() is sock.sock
            assert sock.recv(1) == b''


def test_unwrap_first():
    """What the peer had sent is no obstacle."""
    def serve(raw):
        tls = TLSSocket(raw, peers.server_context(), server_side=True)
        tls.sendall(MUCH)
        assert tls.recv(1) == b''
        tls.unwrap()

    with peers.Peer(serve) as peer:
        with connected(peer) as sock:
            sock.unwrap()


def test_tls_in_tls():
    def serve(raw):
        outer = TLSSocket(raw, peers.server_context(), server_side=True)
        inner = TLSSocket(outer, peers.server_context('other'),
                          server_side=True)
        inner.sendall(receive(inner, 100000))
        inner.unwrap()
        outer.unwrap()

    with peers.Peer(serve) as peer:
        with connected(peer) as outer:
            inner = TLSSocket(outer, peers.client_context(),
                              server_hostname='other.test')
            inner.sendall(MUCH[:100000])
            assert receive(inner, 100000) == MUCH[:100000]
            assert inner.unwrap() is outer
            outer.unwrap()


def test_an_end_without_close_notify():
    with peers.Peer(lambda raw: peers.wrapped(raw).sendall(b'x')) as peer:
        with connected(peer) as sock:
            assert sock.recv(1) == b'x'
            with pytest.raises(ssl.SSLError) as caught:
                sock.recv(1)
            assert streams.is_eof(caught.value)


def test_the_alert_comes_too_late():
    """The error is TLS's, not that of sending the alert."""
    one, two = peers.socketpair()

    class Late(object):
        """A socket whose peer answers and is gone."""

        def sendall(self, data):
            one.sendall(data)
            if two.recv(1 << 16) == data:
                two.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
                two.close()

        def recv(self, size):
            return one.recv(size)

    with pytest.raises(ssl.SSLError) as info:
        TLSSocket(Late(), peers.client_context(),
                  server_hostname='localhost')
    assert 'WRONG_VERSION_NUMBER' in str(info.value).upper().replace(' ', '_')
    one.close()


def test_a_wrong_certificate():
    """And the peer hears of it."""
    def serve(raw):
        with pytest.raises(ssl.SSLError) as info:
            peers.wrapped(raw).recv(1)
        return str(info.value).upper().replace(' ', '_')

    with peers.Peer(serve) as peer:
        with pytest.raises(ssl.SSLError):
            with connected(peer, peers.client_context('wrongca')):
                pass
    assert 'UNKNOWN_CA' in peer.results[0]
