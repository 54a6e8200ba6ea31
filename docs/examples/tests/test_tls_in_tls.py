"""tls_in_tls.py and tls_proxy.py: through our proxy as a process, and through
one made of SSLSockets that notes what it sees."""

import contextlib
import socket
import ssl

import pytest

import contexts
import http_get
import peers
import tls_in_tls
import tls_proxy
import tlsstream
from streams import carry, established, is_eof

BODY = b'the secret ' * 100000
ANSWER = (b'HTTP/1.1 200 OK\r\nContent-Length: ' +
          str(len(BODY)).encode() + b'\r\n\r\n' + BODY)
TRUST = ('--cafile', peers.cert('ca'), '--proxy-cafile', peers.cert('ca'))


def origin(certificate='server', answer=ANSWER, polite=True):
    """What a web server does with one connection."""
    def serve(raw):
        try:
            tls = peers.wrapped(raw, name=certificate)
        except ssl.SSLError as error:
            return error.reason
        try:
            request = peers.read_until(tls, b'\r\n\r\n')
        except ssl.SSLError as error:
            return error.reason
        tls.sendall(answer)
        if polite:
            tls.unwrap()
        return request
    return serve


def get(port, proxy, *args):
    return peers.run('tls_in_tls.py', '--proxy', 'localhost:%d' % proxy.port,
                     'https://localhost:%d/page' % port, *(args or TRUST))


@contextlib.contextmanager
def both(**options):
    """A web server, and a proxy that lets through to it."""
    with peers.Peer(origin(**options)) as web:
        with peers.Server('tls_proxy.py', '--cert', peers.cert('server'),
                          '--allow', 'localhost:%d' % web.port) as proxy:
            yield web, proxy


def test_through_the_proxy():
    with both() as (web, proxy):
        status, output, errors = get(web.port, proxy)
    assert (status, errors) == (0, '200 %d bytes\n' % len(BODY))
    assert output.encode() == BODY
    assert web.results[0].startswith(b'GET /page HTTP/1.0\r\n')


def test_the_servers_certificate_is_checked_and_it_hears_of_it():
    with both(certificate='untrusted') as (web, proxy):
        status, output, errors = get(web.port, proxy)
    assert status == 1 and output == '' and 'failed: ' in errors
    # Gotcha 1 on the inner level: the alert went all the way.
    assert 'UNKNOWN_CA' in web.results[0]


def test_a_name_that_is_not_the_servers():
    with both(certificate='other') as (web, proxy):
        status, output, errors = get(web.port, proxy)
    assert status == 1 and output == ''


def test_what_the_proxy_refuses():
    with peers.Server('tls_proxy.py', '--cert', peers.cert('server'),
                      '--allow', 'localhost:1') as proxy:
        assert '403 Forbidden' in get(2, proxy)[2]
        assert '502 Bad Gateway' in get(1, proxy)[2]


def test_a_server_that_cuts_the_answer_short():
    """Gotcha 4, through the proxy: no close_notify, not all that was
    announced."""
    with both(answer=ANSWER[:-1], polite=False) as (web, proxy):
        status, output, errors = get(web.port, proxy)
    assert status == 1 and output == '' and 'EOF' in errors


# A proxy made of SSLSockets.

class Proxy(object):
    """Serves one CONNECT; *sees* (bytes) is what the client sent through
    it.  *behind* comes in one piece with the answer to CONNECT, *after*
    says after how many bytes of the answer to stop."""

    def __init__(self, port, certificate='server', behind=b'', after=None,
                 answer=b'HTTP/1.1 200 OK\r\n\r\n'):
        self.port, self.certificate, self.sees = port, certificate, b''
        self.behind, self.after, self.answer = behind, after, answer

    def __call__(self, raw):
        try:
            tls = peers.wrapped(raw, name=self.certificate)
            request = peers.read_until(tls, b'\r\n\r\n')
        except ssl.SSLError as error:
            return error.reason
        tls.sendall(self.answer + self.behind)
        if self.port:
            with contextlib.closing(socket.create_connection(
                    ('127.0.0.1', self.port), peers.PATIENCE)) as web:
                self.carry(tls, web)
        return request

    def carry(self, tls, web):
        for each in tls, web:
            each.settimeout(0.02)
        carried = 0
        while True:
            data = peers.try_call(tls.recv, 65536)
            if data == b'':
                return
            if data:
                self.sees += data
                web.sendall(data)
            data = peers.try_call(web.recv, 65536)
            if data == b'' or (self.after is not None and
                               carried >= self.after):
                tls.settimeout(peers.PATIENCE)
                try:
                    tls.unwrap()
                except (ssl.SSLError, socket.error):
                    # It goes on with the inner alert.
                    pass
                return
            if data:
                tls.settimeout(peers.PATIENCE)
                tls.sendall(data)
                tls.settimeout(0.02)
                carried += len(data)


def fetch(proxy_port, ca='ca', target=1):
    context = contexts.client_context(peers.cert('ca'))
    request = http_get.Get(context, 'localhost', '/page')
    tls_in_tls.fetch(('localhost', proxy_port),
                     contexts.client_context(peers.cert(ca)), 'localhost',
                     target, request, peers.PATIENCE)
    return request


def test_the_proxy_sees_nothing():
    with peers.Peer(origin()) as web:
        proxy = Proxy(web.port)
        with peers.Peer(proxy) as middle:
            request = fetch(middle.port, target=web.port)
    assert request.error is None and request.body == BODY
    assert middle.results[0].startswith(
        b'CONNECT localhost:%d HTTP/1.1\r\n' % web.port
        if str is bytes else
        ('CONNECT localhost:%d HTTP/1.1\r\n' % web.port).encode())
    # A handshake record comes first, and the request is not readable.
    assert proxy.sees[:2] == b'\x16\x03'
    assert b'/page' not in proxy.sees and b'HTTP' not in proxy.sees


def test_nothing_is_said_to_a_proxy_that_is_not_trusted():
    proxy = Proxy(0, certificate='untrusted')
    with peers.Peer(proxy) as middle:
        request = fetch(middle.port)
    assert isinstance(request.error, ssl.SSLError)
    assert 'UNKNOWN_CA' in middle.results[0], 'it has heard why'


def test_bytes_behind_the_proxys_answer():
    """Gotcha 6: they are the inner TLS' business, and no TLS at all."""
    with peers.Peer(Proxy(0, behind=b'HTTP/1.1 200 OK\r\n'
                                    b'Content-Length: 4\r\n\r\nfake')
                    ) as middle:
        request = fetch(middle.port)
    assert isinstance(request.error, ssl.SSLError)
    assert request.body == b'' and request.status is None


@pytest.mark.parametrize('answer', [
    b'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', b'nonsense\r\n'
    b'\r\n', b'\r\n\r\n'])
def test_other_answers_of_the_proxy(answer):
    with peers.Peer(Proxy(0, answer=answer)) as middle:
        request = fetch(middle.port)
    assert 'the proxy says' in str(request.error)


def test_the_proxy_ends_politely_in_the_middle():
    """Gotcha 4: its close_notify is not the server's."""
    with peers.Peer(origin()) as web:
        with peers.Peer(Proxy(web.port, after=200000)) as middle:
            request = fetch(middle.port, target=web.port)
        web.join(peers.PATIENCE)
        web.error = None        # for it the connection broke off
    assert is_eof(request.error) and request.body == b''


def test_carry_is_bounded():
    """Gotcha 7: the inner connection does not fill the outer one."""
    inner = tlsstream.TLSStream(tlsstream.App())
    inner.write(b'x' * (10 * tlsstream.FULL))
    tunnel = tls_in_tls.Tunnel(None, 'localhost', 'localhost:1', inner)
    outer = tlsstream.TLSStream(tunnel)
    tunnel.open = True
    tunnel.carry(outer)
    assert outer.outgoing.pending <= tlsstream.FULL + tlsstream.RECORD
    taken = 0
    while True:
        data = outer.take(100000)
        if not data:
            break
        taken += len(data)
        assert outer.outgoing.pending <= tlsstream.FULL + tlsstream.RECORD
    assert taken == 10 * tlsstream.FULL


def test_a_half_that_fails_is_no_end_for_the_other():
    """Gotcha 4: a proxy that makes a close_notify of a reset hides it."""
    client, proxy = established()
    half = tls_proxy.Half(proxy)
    half.failed(None, socket.error('reset'))
    carry(client, proxy)
    client.feed(b'')
    assert proxy.failed and is_eof(client.app.error)
    # Whereas an end is one.
    client, proxy = established()
    tls_proxy.Half(proxy).ended(None)
    carry(client, proxy)
    assert client.app.events == ['secured', 'ended']
