"""SSLSocket, and what other software reaches for in the module, still are
what they were before there was a MemoryBIO."""

import _ssl
import array
import contextlib
import ctypes
import errno
import itertools
import mmap
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import pytest

import errorqueue
import renegotiation
import sockets
import tls
from differences import differs
from expect import ssl_error

hardened = pytest.mark.skipif(
    not tls.HARDENING, reason='belongs to group hardening')
only_27 = pytest.mark.skipif(
    not tls.PY2, reason="this is 2.7's own interface, Python 3 has another")

# Of 2.7.18.
SSLSOCKET = set('''
    accept bind cipher close compression connect connect_ex context
    do_handshake dup family fileno get_channel_binding getpeercert
    getpeername getsockname getsockopt gettimeout listen makefile pending
    proto read recv recv_into recvfrom recvfrom_into selected_alpn_protocol
    selected_npn_protocol send sendall sendto setblocking setsockopt
    settimeout shutdown type unwrap version write'''.split())
RAW = set('''
    cipher compression context do_handshake peer_certificate pending read
    selected_alpn_protocol shutdown tls_unique_cb version write'''.split())
CONTEXT = set('''
    _set_alpn_protocols _set_npn_protocols _wrap_socket cert_store_stats
    check_hostname get_ca_certs load_cert_chain load_dh_params
    load_verify_locations options session_stats set_ciphers
    set_default_verify_paths set_ecdh_curve set_servername_callback
    verify_flags verify_mode'''.split())


@contextlib.contextmanager
def tls_sockets(version, pair=sockets.connected, client=None, server=None,
                host=None, **options):
    """(client, server): two SSLSockets with the handshake still to do."""
    client = tls.client_context(version) if client is None else client
    server = tls.server_context(version) if server is None else server
    with pair() as (a, b):
        a = client.wrap_socket(a, server_hostname=host,
                               do_handshake_on_connect=False, **options)
        b = server.wrap_socket(b, server_side=True,
                               do_handshake_on_connect=False, **options)
        try:
            yield a, b
        finally:
            a.close()
            b.close()


@contextlib.contextmanager
def established(version, pair=sockets.connected, **options):
    """The same with the handshake done."""
    with tls_sockets(version, pair, **options) as (a, b):
        with sockets.Peer(b.do_handshake):
            a.do_handshake()
        yield a, b


class TestInterface(object):
    @only_27
    def test_sslsocket(self):
        assert {name for name in dir(ssl.SSLSocket)
                if not name.startswith('_')} == SSLSOCKET

    @only_27
    def test_c_types(self):
        assert RAW <= set(dir(_ssl._SSLSocket))
        assert CONTEXT <= set(dir(_ssl._SSLContext))
        assert _ssl._SSLSocket.__name__ == '_SSLSocket'

    def test_is_no_sslobject(self, version):
        with tls_sockets(version) as (a, b):
            assert isinstance(a, ssl.SSLSocket)
            assert isinstance(a, socket.socket)
            assert not isinstance(a, ssl.SSLObject)

    def test_arguments(self):
        """wrap_socket() refuses what it refused."""
        context = tls.server_context()
        with sockets.connected() as (a, b):
            with pytest.raises(ValueError):
                context.wrap_socket(a, server_side=True,
                                    server_hostname='server.test')
        checking = tls.client_context(check_hostname=True)
        with sockets.connected() as (a, b):
            with pytest.raises(ValueError):
                checking.wrap_socket(a)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            with pytest.raises(NotImplementedError):
                context.wrap_socket(udp)
        finally:
            udp.close()


class TestConversation(object):
    def test_echo(self, version):
        def serve(sock):
            sock.do_handshake()
            while True:
                data = sock.recv(100000)
                if not data:
                    break
                sock.sendall(data)
            return sock.unwrap()

        data = b'0123456789' * 30000
        with tls_sockets(version, host='server.test') as (a, b):
            with sockets.Peer(serve, b) as peer:
                a.do_handshake()
                assert a.version() == version
                assert a.cipher()[1] == version
                assert a.getpeercert()['subjectAltName']
                assert a.server_hostname == 'server.test'
                assert a.server_side is False
                received = b''
                for i in range(0, len(data), 16000):
                    a.sendall(data[i:i + 16000])
                    while len(received) < min(i + 16000, len(data)):
                        received += a.recv(16000)
                assert received == data
                plain = a.unwrap()
            assert plain.fileno() >= 0
            assert peer.result.fileno() >= 0

    def test_plaintext_after_unwrap(self, version):
        """unwrap() returns the socket, which goes on in cleartext."""
        def serve(sock):
            sock.do_handshake()
            plain = sock.unwrap()
            plain.send(b'in the clear')

        with tls_sockets(version) as (a, b):
            with sockets.Peer(serve, b):
                a.do_handshake()
                if version == 'TLSv1.3':
                    assert a.read() == b''
                plain = a.unwrap()
                assert plain.recv(100) == b'in the clear'

    def test_handshake_on_connect(self, version):
        with sockets.connected() as (a, b):
            server = tls.server_context(version)
            with sockets.Peer(lambda: server.wrap_socket(
                    b, server_side=True)) as peer:
                wrapped = tls.client_context(version).wrap_socket(a)
            assert wrapped.version() == peer.result.version() == version
            wrapped.close()
            peer.result.close()

    def test_read_write_and_pending(self, version):
        with established(version) as (a, b):
            assert b.write(b'spameggs') == 8
            assert a.read(4) == b'spam'
            assert a.pending() == 4
            target = bytearray(10)
            assert a.recv_into(target) == 4
            assert target[:4] == b'eggs'
            for call in (lambda: a.sendto(b'x', ('127.0.0.1', 1)),
                         lambda: a.recvfrom(1)):
                with pytest.raises(ValueError):
                    call()

    def test_sendall_after_unwrap(self, version):
        """The SSLSocket itself goes on in cleartext as well."""
        with established(version) as (a, b):
            with sockets.Peer(b.unwrap):
                a.unwrap()
            a.sendall(b'plain')
            assert b.recv(10) == b'plain'

    def test_makefile(self, version):
        with established(version) as (a, b):
            b.sendall(b'one\ntwo\n')
            stream = a.makefile('rb')
            assert stream.readline() == b'one\n'
            assert stream.readline() == b'two\n'
            stream.close()

    def test_channel_binding(self, version):
        with tls_sockets(version) as (a, b):
            assert a.get_channel_binding() is None
        with established(version) as (a, b):
            assert len(a.get_channel_binding()) >= 12
            assert a.get_channel_binding() == b.get_channel_binding()

    def test_context(self, version):
        with established(version) as (a, b):
            other = tls.client_context(version)
            a.context = other
            assert a.context is other
            b.sendall(b'spam')
            assert a.recv(10) == b'spam'
            with pytest.raises(TypeError):
                a.context = None

    def test_get_server_certificate(self):
        context = tls.server_context()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.settimeout(sockets.TIMEOUT)
            listener.bind(('127.0.0.1', 0))
            listener.listen(1)

            def serve():
                sock, _ = listener.accept()
                sock.settimeout(sockets.TIMEOUT)
                wrapped = context.wrap_socket(sock, server_side=True)
                try:
                    wrapped.recv(1)
                except EnvironmentError:
                    pass
                finally:
                    wrapped.close()
                    sock.close()

            with sockets.Peer(serve):
                pem = ssl.get_server_certificate(listener.getsockname())
        finally:
            listener.close()
        with open(tls.cert('server')) as stream:
            assert ssl.PEM_cert_to_DER_cert(pem) == ssl.PEM_cert_to_DER_cert(
                stream.read().split('-----END PRIVATE KEY-----\n')[1])


class TestErrors(object):
    def test_not_blocking(self, version):
        with tls_sockets(version) as (a, b):
            for each in (a, b):
                each.setblocking(False)
            waiting = [a, b]
            for _ in range(1000):
                for each in list(waiting):
                    try:
                        each.do_handshake()
                        waiting.remove(each)
                    except ssl.SSLWantReadError as error:
                        assert error.errno == ssl.SSL_ERROR_WANT_READ
                if not waiting:
                    break
                select.select(waiting, [], [], 0.1)
            assert not waiting
            with ssl_error(ssl.SSLWantReadError):
                b.recv(10)
            with pytest.raises(ssl.SSLWantWriteError) as info:
                for _ in range(10000):
                    if not tls.PY2:
                        b.send(b'x' * 16000)
                    else:
                        b._sslobj.write(b'x' * 16000)
            assert info.value.errno == ssl.SSL_ERROR_WANT_WRITE

    def test_time_out(self, version):
        error = ssl.SSLError if tls.PY2 else socket.timeout
        with tls_sockets(version) as (a, b):
            a.settimeout(0.05)
            with pytest.raises(error) as info:
                a.do_handshake()
            assert 'timed out' in str(info.value)
        with established(version) as (a, b):
            b.settimeout(0.05)
            with pytest.raises(error) as info:
                b.recv(10)
            assert 'timed out' in str(info.value)

    def test_write_times_out(self, version):
        """Before it has begun, and in between."""
        error = ssl.SSLError if tls.PY2 else socket.timeout
        with established(version) as (a, b):
            b.settimeout(0.05)
            with pytest.raises(error) as info:
                b.sendall(b'x' * (64 << 20))
            assert 'timed out' in str(info.value)
        with established(version) as (a, b):
            # There is no room for a record: OpenSSL is not even asked.
            b.settimeout(0)
            with pytest.raises(EnvironmentError) as info:
                for _ in range(10000):
                    os.write(b.fileno(), b'x' * 65536)
            assert info.value.errno == errno.EAGAIN
            b.settimeout(0.05)
            with pytest.raises(error) as info:
                b.send(b'x')
            assert 'timed out' in str(info.value)

    def test_clean_end(self, version):
        with established(version) as (a, b):
            with sockets.Peer(b.unwrap):
                assert a.recv(10) == b''
                assert a.recv(10) == b''
                a.unwrap()

    def test_end_after_both_closed(self, version):
        with established(version) as (a, b):
            raw = a._sslobj
            with sockets.Peer(b.unwrap):
                assert a.recv(10) == b''
                a.unwrap()
            with ssl_error(ssl.SSLZeroReturnError):
                raw.read(10)

    @pytest.mark.parametrize('suppress', [True, False])
    def test_ragged_end(self, version, suppress):
        with established(version, suppress_ragged_eofs=suppress) as (a, b):
            if version == 'TLSv1.3':
                b.sendall(b'x')
                assert a.recv(1) == b'x'
            sockets.hang_up(b)
            for _ in range(3):
                if suppress or differs('ragged-eof', py2=False, py3=True):
                    assert a.recv(10) == b''
                    assert a.recv_into(bytearray(10)) == 0
                else:
                    with pytest.raises(ssl.SSLEOFError) as info:
                        a.recv(10)
                    assert info.value.errno == ssl.SSL_ERROR_EOF

    def test_connection_reset(self, version):
        """An error of the system stays one, with its errno."""
        with established(version) as (a, b):
            if version == 'TLSv1.3':
                b.sendall(b'x')
                assert a.recv(1) == b'x'
            sockets.reset_on_close(b)
            sockets.hang_up(b)
            if differs('reset-is-an-error', py2=False, py3=True):
                # Whether it is one depends on the third number, too.
                try:
                    assert a.recv(10) == b''
                except EnvironmentError as error:
                    assert error.errno == errno.ECONNRESET
                return
            with pytest.raises(EnvironmentError) as info:
                a.recv(10)
            assert not isinstance(info.value, ssl.SSLError)
            assert info.value.errno == errno.ECONNRESET

    def test_unknown_authority(self, version):
        with tls_sockets(version, client=tls.client_context(
                version, ca='wrongca')) as (a, b):
            def serve():
                try:
                    b.do_handshake()
                    b.recv(1)
                except EnvironmentError:
                    pass

            with sockets.Peer(serve):
                with ssl_error(ssl.SSLError,
                               'CERTIFICATE_VERIFY_FAILED') as info:
                    a.do_handshake()
                sockets.hang_up(a)
        # Programs for 2.7 tell it from a wrong name.
        assert isinstance(info.value, ssl.CertificateError) is differs(
            'certificate-error', py2=False, py3=True)

    @pytest.mark.parametrize('host, fits', [('server.test', True),
                                            ('localhost', True),
                                            ('other.test', False)])
    def test_host_name(self, version, host, fits):
        def serve(sock):
            try:
                sock.do_handshake()
                sock.recv(1)
            except EnvironmentError:
                pass

        context = tls.client_context(version, check_hostname=True)
        with tls_sockets(version, client=context, host=host) as (a, b):
            with sockets.Peer(serve, b):
                if fits:
                    a.do_handshake()
                    assert a.version() == version
                else:
                    with pytest.raises(ssl.CertificateError) as info:
                        a.do_handshake()
                    assert isinstance(info.value, ssl.SSLError) is differs(
                        'certificate-error', py2=False, py3=True)
                sockets.hang_up(a)

    @only_27
    def test_stale_error(self, version):
        """Errors that others left on OpenSSL's queue are not told here."""
        with established(version) as (a, b):
            b.sendall(b'spam')
            errorqueue.plant()
            try:
                assert a.recv(10) == b'spam'
            finally:
                errorqueue.clear()


@hardened
class TestAfterAnError(object):
    """What can still be done when a call has failed."""

    def cannot_write(self, sock):
        """Its peer gets nothing more, other than what OpenSSL knows."""
        sock._sock.shutdown(socket.SHUT_WR)

    def broken_pipe(self, call, *args):
        with pytest.raises(socket.error) as info:
            call(*args)
        assert not isinstance(info.value, ssl.SSLError)
        assert info.value.errno == errno.EPIPE

    def failed(self, call, *args):
        with ssl_error(ssl.SSLError) as info:
            call(*args)
        assert 'failed in an earlier call' in str(info.value)

    def answer(self, sock):
        """The peer's data is there all the same."""
        if ssl.OPENSSL_VERSION_INFO < (4, 0):
            assert sock.recv(6) == b'answer'
        else:
            # OpenSSL 4.0 cannot read any more.
            self.failed(sock.recv, 6)

    def test_write(self, version):
        with established(version) as (a, b):
            b.sendall(b'answer')
            self.cannot_write(a)
            self.broken_pipe(a.write, b'question')
            self.failed(a.write, b'question')
            self.failed(a.unwrap)
            self.answer(a)

    def test_write_that_would_go_on(self, version):
        """The peer misses a record: nothing comes behind it."""
        with established(version) as (a, b), sockets.connected() as (c, d):
            c.shutdown(socket.SHUT_WR)
            kept = os.dup(a.fileno())
            try:
                os.dup2(c.fileno(), a.fileno())
                self.broken_pipe(a.write, b'question')
                os.dup2(kept, a.fileno())
            finally:
                os.close(kept)
            self.failed(a.unwrap)
            self.failed(a.write, b'')
            self.failed(a.write, b'question')
            a._sock.shutdown(socket.SHUT_WR)
            with pytest.raises(ssl.SSLEOFError):
                b._sslobj.read(100)

    @pytest.mark.skipif(not tls.is_openssl(),
                        reason='LibreSSL writes again before it reads')
    def test_unwrap(self, version):
        with established(version) as (a, b):
            b.sendall(b'answer')
            self.cannot_write(a)
            self.broken_pipe(a.unwrap)
            self.answer(a)
            self.failed(a.write, b'question')

    @pytest.mark.parametrize('call, args', [
        ('do_handshake', ()), ('write', (b'x',)), ('read', (1,))])
    def test_handshake(self, version, call, args):
        """There is nothing to read without one."""
        with tls_sockets(version) as (a, b):
            self.cannot_write(a)
            self.broken_pipe(getattr(a, call), *args)
            self.failed(a.recv, 1)
            self.failed(a.write, b'x')
            self.failed(a.do_handshake)

    @pytest.mark.parametrize('check_hostname', [True, False])
    def test_end_in_the_handshake_of_a_read(self, version, check_hostname):
        """As for data, it is an empty read if that was asked for, whoever
        does the handshake."""
        client = tls.client_context(version, check_hostname=check_hostname)
        for suppress in (True, False):
            with tls_sockets(version, client=client, host='server.test',
                             suppress_ragged_eofs=suppress) as (a, b):
                b._sock.shutdown(socket.SHUT_WR)
                if suppress:
                    assert a.recv(10) == b''
                    assert a.recv_into(bytearray(10)) == 0
                else:
                    with pytest.raises(ssl.SSLEOFError):
                        a.recv(10)

    def test_write_of_nothing_after_close_notify(self, version):
        """Ours, that is: an error, as for other data."""
        with established(version) as (a, b):
            a.setblocking(False)
            with ssl_error(ssl.SSLWantReadError):
                a.unwrap()
            for data in (b'', b'x'):
                with ssl_error(ssl.SSLError, 'PROTOCOL_IS_SHUTDOWN'):
                    a.write(data)

    def test_context_that_is_refused(self, version):
        with tls_sockets(version) as (a, b):
            context = a.context
            for value in (None, 1, b):
                with pytest.raises(TypeError):
                    a.context = value
                assert a.context is context

    def test_handshake_after_shutdown(self, version):
        """It does nothing, and does not lift what shutdown() has said."""
        with established(version) as (a, b):
            a.shutdown(socket.SHUT_WR)
            a.do_handshake()
            for data in (b'', b'x'):
                self.broken_pipe(a.write, data)
                self.broken_pipe(a.send, data)


@hardened
@pytest.mark.skipif(not hasattr(signal, 'setitimer'), reason='needs POSIX')
def test_handler_that_reads(version):
    """The data of a read whose signal handler raises is kept for the next
    one, and comes before what the handler's own, interrupted read got."""
    class First(Exception):
        pass

    class Second(Exception):
        pass

    def first(*args):
        with pytest.raises(Second):
            interrupted(signal.SIGUSR2)
        raise First

    def second(*args):
        raise Second

    def interrupted(number):
        # All in C: a bytecode in between would handle the signal.
        list(itertools.starmap(apply, [  # noqa: F821
            (os.kill, (os.getpid(), number)), (a._sslobj.read, (3,))]))

    old = [signal.signal(signal.SIGUSR1, first),
           signal.signal(signal.SIGUSR2, second)]
    try:
        with established(version) as (a, b):
            b.sendall(b'x')
            assert a.recv(1) == b'x'            # and the tickets before it
            b.sendall(b'onetwosix')
            select.select([a], [], [], sockets.TIMEOUT)
            with pytest.raises(First):
                interrupted(signal.SIGUSR1)
            assert a.pending() == 9
            assert [a.recv(2) for _ in range(5)] == [
                b'on', b'e', b'tw', b'o', b'si']
    finally:
        signal.signal(signal.SIGUSR1, old[0])
        signal.signal(signal.SIGUSR2, old[1])


def fill(sock):
    """Write what there is room for.  In a Unix socket nothing makes room but
    a read at the other end."""
    for size in (65536, 1024, 1):
        with pytest.raises(OSError) as caught:
            while True:
                os.write(sock.fileno(), b'x' * size)
        assert caught.value.errno == errno.EAGAIN


class TestFullSocket(object):
    """What has to write, and finds no room."""

    def check(self, client, call, *args):
        client.setblocking(False)
        fill(client)
        for _ in range(2):
            with pytest.raises(ssl.SSLWantWriteError):
                call(*args)
        client.settimeout(0.01)
        with pytest.raises(socket.error) as caught:     # SSLError in 2.7
            call(*args)
        assert 'timed out' in str(caught.value)

    def test_handshake(self, version):
        with tls_sockets(version, sockets.unix_pair) as (client, _):
            self.check(client, client.do_handshake)

    @pytest.mark.skipif(ssl.OPENSSL_VERSION.startswith('AWS-LC'),
                        reason='needs a server that asks for a handshake')
    def test_read(self):
        """The peer asks for another handshake."""
        with established('TLSv1.2', sockets.unix_pair) as (client, server):
            renegotiation.request(server)
            self.check(client, client.recv, 100)

    def test_write(self, version):
        with established(version, sockets.unix_pair) as (client, _):
            self.check(client, client.write, b'spam')

    def test_unwrap(self, version):
        with established(version, sockets.unix_pair) as (client, _):
            self.check(client, client.unwrap)


class TestServerNameCallback(object):
    def test_first_argument_is_the_socket(self, version):
        calls = []
        context = tls.server_context(version)
        context.set_servername_callback(lambda *args: calls.append(args))
        with established(version, server=context,
                         host='server.test') as (a, b):
            (sock, name, argument), = calls
            assert sock is b
            assert name == 'server.test'
            assert argument is context
            del sock, calls[:]

    def test_swap(self, version):
        other = tls.server_context(version, 'other')

        def callback(sock, name, context):
            sock.context = other

        context = tls.server_context(version)
        context.set_servername_callback(callback)
        with established(version, server=context,
                         host='other.test') as (a, b):
            assert b.context is other
            assert a.getpeercert()['subjectAltName'] == (
                ('DNS', 'other.test'),)


@only_27
class TestWrapSocket(object):
    """_SSLContext._wrap_socket(sock, server_side, server_hostname,
    ssl_sock): gevent and eventlet call it."""

    def handshake(self, a, b):
        with sockets.Peer(b.do_handshake):
            a.do_handshake()
        assert b.write(b'spam') == 4
        assert a.read(10) == b'spam'

    def test_positional(self, version):
        client, server = tls.client_context(version), tls.server_context(
            version)
        with sockets.connected() as (a, b):
            raw = client._wrap_socket(a._sock, False, 'server.test', a)
            assert type(raw) is _ssl._SSLSocket
            self.handshake(raw, server._wrap_socket(b._sock, True, None, b))

    def test_keywords(self, version):
        client, server = tls.client_context(version), tls.server_context(
            version)
        with sockets.connected() as (a, b):
            raw = client._wrap_socket(sock=a._sock, server_side=False,
                                      server_hostname=u'server.test',
                                      ssl_sock=a)
            self.handshake(raw, server._wrap_socket(
                sock=b._sock, server_side=True))

    def test_shortest(self, version):
        client, server = tls.client_context(version), tls.server_context(
            version)
        with sockets.connected() as (a, b):
            self.handshake(client._wrap_socket(a._sock, 0),
                           server._wrap_socket(b._sock, 1))

    def test_wrong_arguments(self):
        context = tls.client_context()
        with sockets.connected() as (a, b):
            for args in ((), (a._sock,), (None, False), (a, False),
                         (ssl.MemoryBIO(), False), (a._sock, False, 1),
                         (a._sock, False, None, None, None)):
                with pytest.raises(TypeError):
                    context._wrap_socket(*args)

    def test_owner_is_held_weakly(self, version):
        class Owner(object):
            pass

        owner = Owner()
        reference = weakref.ref(owner)
        with sockets.connected() as (a, b):
            raw = tls.client_context(version)._wrap_socket(
                a._sock, False, None, owner)
            del owner
            assert reference() is None
            assert raw.cipher() is None

    def test_shutdown_returns_the_socket(self, version):
        client, server = tls.client_context(version), tls.server_context(
            version)
        with sockets.connected() as (a, b):
            first = client._wrap_socket(a._sock, False)
            second = server._wrap_socket(b._sock, True)
            self.handshake(first, second)
            with sockets.Peer(second.shutdown) as peer:
                assert first.shutdown() is a._sock
            assert peer.result is b._sock

    def test_callback_without_an_owner(self, version):
        calls = []
        context = tls.server_context(version)
        context.set_servername_callback(lambda *args: calls.append(args))
        for i in range(45):
            if i == 5:
                tls.forget_errors()
                before = sys.getrefcount(None)
            with sockets.connected() as (a, b):
                raw = context._wrap_socket(b._sock, True)
                client = tls.client_context(version)._wrap_socket(
                    a._sock, False, 'server.test')

                def connect():
                    with pytest.raises(ssl.SSLError):
                        client.do_handshake()

                with sockets.Peer(connect):
                    with ssl_error(ssl.SSLError, 'CALLBACK_FAILED'):
                        raw.do_handshake()
                    del raw
                    b.close()
        assert calls == []
        tls.forget_errors()
        # One reference was lost in each; coverage, when it traces, makes some.
        assert before - sys.getrefcount(None) < 30

    def test_sslwrap_simple(self, version):
        with sockets.connected() as (a, b):
            server = tls.server_context(version)._wrap_socket(b._sock, True)
            with sockets.Peer(server.do_handshake):
                raw = ssl.sslwrap_simple(a)
            assert type(raw) is _ssl._SSLSocket
            server.write(b'spam')
            assert raw.read(10) == b'spam'


class TestSSLObjectAroundRawObject(object):
    """eventlet 0.33 on Python < 3.7, once the name SSLObject exists, calls
    SSLObject(raw, owner=x) for the C object that _wrap_socket() gave."""

    def raw(self, sock, version):
        context = tls.client_context(version)
        return (context._wrap_socket(sock._sock, False) if tls.PY2 else
                context._wrap_socket(sock, False))

    def test_returns_it_unchanged(self, version):
        with sockets.connected() as (a, b):
            memory = tls.Connection(version).client.obj._sslobj
            for kind, raw in itertools.product(
                    (ssl.SSLObject, type('Sub', (ssl.SSLObject,), {})),
                    (self.raw(a, version), memory)):
                for args, options in (((raw,), {'owner': a}),
                                      ((raw,), {}), ((raw, a), {})):
                    if not differs('raw-object-constructor', py2=True,
                                   py3=False):
                        with pytest.raises(TypeError):
                            kind(*args, **options)
                    elif differs('raw-object-is-wrapped', py2=True,
                                 py3=False):
                        assert kind(*args, **options) is raw
                    else:
                        assert type(kind(*args, **options)) is kind

    @only_27
    def test_it_works(self, version):
        server = tls.server_context(version)
        with sockets.connected() as (a, b):
            obj = ssl.SSLObject(self.raw(a, version), owner=a)
            other = ssl.SSLObject(server._wrap_socket(b._sock, True),
                                  owner=b)
            with sockets.Peer(other.do_handshake):
                obj.do_handshake()
            other.write(b'spam')
            assert obj.read(10) == b'spam'
            assert obj.peer_certificate()['subjectAltName']


@only_27
@hardened
def test_handshake_in_the_handler_of_one():
    """It ends, and the first one is underway as before: in the child of a
    fork nobody goes on with it."""
    with tls_sockets('TLSv1.2') as (client, server):
        peer = sockets.Peer(server.do_handshake)
        statuses = []

        def handler(*args):
            client.settimeout(0.05)
            with pytest.raises(ssl.SSLError):       # timed out
                client.do_handshake()
            pid = os.fork()
            if not pid:
                status = 1
                try:
                    with pytest.raises(ssl.SSLError) as caught:
                        client.do_handshake()
                    status = int('in use at a fork' not in str(caught.value))
                finally:
                    os._exit(status)
            statuses.append(os.waitpid(pid, 0)[1])
            client.settimeout(sockets.TIMEOUT)
            peer.start()

        before = signal.signal(signal.SIGALRM, handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            client.do_handshake()
        finally:
            signal.signal(signal.SIGALRM, before)
        peer.join(sockets.TIMEOUT)
        assert (statuses, peer.error) == ([0], None)
        client.send(b'spam')
        assert server.recv(100) == b'spam'


@only_27
@hardened
def test_write_beside_one_that_is_tried_again():
    """It waits, and is not refused as it would be before."""
    data = b'x' * (4 << 20)
    with established('TLSv1.2', sockets.unix_pair) as (client, server):
        def write():
            client.settimeout(0.1)
            with pytest.raises(ssl.SSLError):           # timed out
                client.write(data)
            client.settimeout(None)
            given_up.set()
            client.write(data)

        given_up = threading.Event()
        with sockets.Peer(write):
            assert given_up.wait(sockets.TIMEOUT)
            time.sleep(0.1)
            with sockets.Peer(client.write, b'y') as other:
                time.sleep(0.1)
                received = b''
                while not received.endswith(b'y'):
                    received += server.recv(1 << 20)
            assert other.result == 1
        assert received == data + b'y'


@only_27
def test_handshake_before_there_is_a_connection(version):
    """It can be tried again when there is one."""
    listener = socket.socket()
    near = socket.socket()
    try:
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)
        near.settimeout(0)
        server = tls.server_context(version)._wrap_socket(near._sock, True)
        for _ in range(2):
            with pytest.raises(ssl.SSLWantReadError):
                server.do_handshake()
        near.settimeout(sockets.TIMEOUT)
        near.connect(listener.getsockname())
        far = listener.accept()[0]
        far.settimeout(sockets.TIMEOUT)
        with sockets.Peer(tls.client_context(version).wrap_socket,
                          far) as client:
            server.do_handshake()
        client.result.sendall(b'spam')
        assert server.read(4) == b'spam'
        client.result.close()
    finally:
        listener.close()
        near.close()


@only_27
@hardened
def test_write_while_another_one_waits():
    """It does not go first, and without a timeout it fails instead."""
    data = b'x' * (1 << 20)

    def write_twice():
        # All in C: nobody can run in between.
        list(itertools.starmap(apply, [  # noqa: F821
            (client._sslobj.write, (data,)), (client.settimeout, (0,)),
            (client._sslobj.write, (b'z',))]))

    # Unless the other thread is about to look whether it can go on.
    for _ in range(20):
        with established('TLSv1.2', sockets.unix_pair) as (client, server):
            writer = sockets.Peer(write_twice)
            other = sockets.Peer(client.write, b'y')
            writer.start()
            time.sleep(0.05)
            other.start()
            time.sleep(0.05)
            left = len(data)
            while left > 0:
                left -= len(server.recv(left))
            for peer in (writer, other):
                peer.join(sockets.TIMEOUT)
                assert not peer.is_alive()
            # Nobody waits any more.
            client.settimeout(0)
            assert client.write(b'!') == 1
        if isinstance(writer.error, ssl.SSLWantWriteError):
            break
    assert isinstance(writer.error, ssl.SSLWantWriteError)


@only_27
@hardened
def test_fork_in_the_handler_of_a_write():
    """The child goes on with the write, and other threads there wait for
    it."""
    with established('TLSv1.2', sockets.unix_pair) as (client, server):
        parent = os.getpid()
        statuses = []
        writer = sockets.Peer(client.write, b'x')

        def drain():
            # More than what is there: the write has gone on, with a part.
            left = 1 << 20
            while left > 0:
                left -= len(os.read(server.fileno(), 1 << 16))
            time.sleep(0.1)
            writer.start()
            time.sleep(0.1)
            while os.read(server.fileno(), 1 << 16):
                pass

        def handler(*args):
            pid = os.fork()
            if pid:
                statuses.append(os.waitpid(pid, 0)[1])
                raise KeyboardInterrupt
            signal.alarm(sockets.TIMEOUT)   # if it hangs
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            sockets.Peer(drain).start()

        before = signal.signal(signal.SIGALRM, handler)
        status = 1
        try:
            for sock in (client, server):
                sock.settimeout(None)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(KeyboardInterrupt):
                client.write(b'x' * (4 << 20))
                assert os.getpid() != parent
                writer.join(sockets.TIMEOUT)
                assert (writer.result, writer.error) == (1, None)
                status = 0
                raise KeyboardInterrupt
        finally:
            if os.getpid() != parent:
                os._exit(status)
            signal.signal(signal.SIGALRM, before)
        assert statuses == [0]


@only_27
@hardened
def test_end_for_a_map_that_was_closed():
    """Nothing was read, so that nothing is lost."""
    with established('TLSv1.2') as (client, server):
        target = mmap.mmap(-1, 100)

        def handler(*args):
            target.close()
            server.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                server.unwrap()

        before = signal.signal(signal.SIGALRM, handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(ValueError):     # mmap closed or invalid
                client.recv_into(target)
        finally:
            signal.signal(signal.SIGALRM, before)
        client.send(b'spam')
        assert server.recv(100) == b'spam'


@only_27
def test_unknown_number():
    """Its error is not left for whoever looks next."""
    errorqueue.clear()
    with pytest.raises(ValueError):
        _ssl.nid2obj(1 << 20)
    assert errorqueue.is_empty()


@only_27
class TestLayout(object):
    """The C structure begins with Socket, ssl_sock and SSL, as sslkeylog
    and others read it."""

    def fields(self, raw):
        # A debug build has more in front; object has nothing but that.
        return (ctypes.c_void_p * 3).from_address(
            id(raw) + object.__basicsize__)

    def version(self, pointer):
        function = errorqueue.library().SSL_get_version
        function.restype = ctypes.c_char_p
        function.argtypes = [ctypes.c_void_p]
        return function(pointer)

    def test_socket(self, version):
        with established(version) as (a, b):
            sock, owner, pointer = self.fields(a._sslobj)
            assert sock == id(a._sock)
            assert ctypes.cast(owner, ctypes.py_object).value() is a
            assert self.version(pointer) == version

    def test_bio(self, pair, version):
        raw = pair.client.obj._sslobj
        assert type(raw) is _ssl._SSLSocket
        sock, owner, pointer = self.fields(raw)
        assert (ctypes.cast(owner, ctypes.py_object).value() is
                pair.client.obj)
        assert self.version(pointer) == version


needs_bytewise = pytest.mark.skipif(
    not hasattr(ssl, '_bytewise'),
    reason='len() is taken for the number of bytes')


@needs_bytewise
def test_bytes_are_not_copied():
    for data in b'spam', bytearray(b'spam'), memoryview(b'spam'):
        assert ssl._bytewise(data) is data


@needs_bytewise
def test_bytes_of_other_items_with_option_3(monkeypatch):
    """buffer() would be a warning."""
    monkeypatch.setattr(sys, 'py3kwarning', True)
    unsized = object()
    assert ssl._bytewise(unsized) is unsized
    for data, size in ((array.array('d', [0] * 8), 64),
                       ((ctypes.c_uint32 * 3)(), 12)):
        assert len(ssl._bytewise(data)) == size


@only_27
@hardened
@pytest.mark.skipif(not tls.is_openssl(),
                    reason='needs a server that can renegotiate')
def test_certificate_in_a_renegotiation():
    """It is that of the handshake that is over, whichever thread did it."""
    with tls_sockets('TLSv1.2', host='localhost') as (client, server):
        # Without a timeout recv() waits inside OpenSSL.
        client.settimeout(None)
        with sockets.Peer(client.recv, 4):
            server.do_handshake()
            client.do_handshake()
            certificate = client.getpeercert(True)
            assert certificate is not None
            server.send(b'data')
        renegotiation.request(server)
        client.setblocking(False)
        select.select([client], [], [], sockets.TIMEOUT)
        with pytest.raises(ssl.SSLWantReadError):
            client.recv(1)
        assert client.getpeercert(True) == certificate
        assert client.getpeercert() is not None


@only_27
@pytest.mark.parametrize('name, args', [
    ('read', ()), ('write', (b'a', )), ('getpeercert', ()), ('send', (b'a', )),
    ('sendto', (b'a', ())), ('sendall', (b'a', )), ('recv', (1, )),
    ('recv_into', (bytearray(1), )), ('recvfrom', (1, )),
    ('recvfrom_into', (bytearray(1), )), ('pending', ()),
    ('shutdown', (socket.SHUT_RDWR, ))])
def test_hook_of_subclasses(name, args):
    """Each call begins with what 2.7 has for them."""
    class Closed(Exception):
        pass

    class Socket(ssl.SSLSocket):
        def _checkClosed(self, msg=None):
            raise Closed

    with contextlib.closing(Socket(socket.socket())) as sock:
        with pytest.raises(Closed):
            getattr(sock, name)(*args)


def test_descriptor_0():
    # A daemon that closed it gets its first socket with it.
    program = textwrap.dedent("""\
        import os, socket, ssl, sys, threading
        sys.path.insert(0, sys.argv[1])
        import tls
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)
        os.close(0)
        client = socket.create_connection(listener.getsockname())
        assert client.fileno() == 0
        server, _ = listener.accept()
        client = tls.client_context().wrap_socket(
            client, do_handshake_on_connect=False)
        def serve():
            sock = tls.server_context().wrap_socket(server, server_side=True)
            sock.sendall(b'spam')
            sock.unwrap()
        thread = threading.Thread(target=serve)
        thread.daemon = True
        thread.start()
        client.do_handshake()
        assert client.recv(4) == b'spam'
        client.unwrap()
        thread.join()
        """)
    subprocess.check_call([sys.executable, '-c', program,
                           os.path.dirname(os.path.abspath(__file__))],
                          stdin=subprocess.PIPE)
