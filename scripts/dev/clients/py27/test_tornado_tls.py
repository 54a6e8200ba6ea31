"""docs/examples/tornado_tls.py: what an SSLIOStream over an SSLSocket cannot
do.  The rest is tested by tornado's own tests."""

import os
import socket
import ssl
import threading
import unittest

from tornado import gen, ioloop, iostream

import tornado_tls

MUCH = os.urandom(1 << 20)


def cert(name):
    return os.path.join('Lib_tests', 'certs', name + '.pem')


def contexts(ca='ca'):
    """The client's and the server's SSLContext."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(cert('server'))
    return ssl.create_default_context(cafile=cert(ca)), server


def sockets():
    """Two connected sockets with small buffers."""
    # As socket.socket(), which socketpair() does not give on 2.7.
    pair = [socket.socket(_sock=sock) for sock in socket.socketpair()]
    for sock in pair:
        sock.setblocking(False)
        for name in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, name, 10000)
    return pair


class MemorySocketTests(unittest.TestCase):

    def setUp(self):
        self.client, self.server = contexts()

    def run_sync(self, function):
        loop = ioloop.IOLoop()
        try:
            return loop.run_sync(function, timeout=60)
        finally:
            loop.close(all_fds=True)

    def streams(self, pair, **options):
        """SSLIOStreams over MemorySockets over the *pair*."""
        wrapped = (tornado_tls.wrap(pair[0], self.client,
                                    server_hostname='localhost', **options),
                   tornado_tls.wrap(pair[1], self.server, server_side=True,
                                    **options))
        return [iostream.SSLIOStream(sock, ssl_options=context)
                for sock, context in zip(wrapped,
                                         (self.client, self.server))]

    @gen.coroutine
    def echo(self, streams):
        """MUCH goes there and comes back."""
        there = streams[1].read_bytes(len(MUCH))
        yield streams[0].write(MUCH)
        data = yield there
        back = streams[0].read_bytes(len(MUCH))
        yield streams[1].write(data)
        self.assertEqual((yield back), MUCH)

    def test_echo(self):
        @gen.coroutine
        def run():
            streams = self.streams(sockets())
            for stream in streams:
                self.assertIsInstance(stream.socket,
                                      tornado_tls.MemorySocket)
            yield self.echo(streams)
            self.assertEqual(streams[0].socket.version(), 'TLSv1.3')
        self.run_sync(run)

    def test_half_close(self):
        """Who has said close_notify goes on reading.  The peer is not
        tornado's: a stream closes as soon as it sees an end."""
        pair, seen = sockets(), []

        def serve():
            pair[1].settimeout(60)
            tls = self.server.wrap_socket(pair[1], server_side=True)
            seen.append(b''.join(iter(lambda: tls.recv(100), b'')))
            tls.sendall(MUCH)
            tls.unwrap()

        thread = threading.Thread(target=serve)
        thread.start()

        @gen.coroutine
        def run():
            client = iostream.SSLIOStream(tornado_tls.wrap(
                pair[0], self.client, server_hostname='localhost'),
                ssl_options=self.client)
            yield client.write(b'question')
            client.socket.half_close()
            self.assertEqual((yield client.read_bytes(len(MUCH))), MUCH)
            self.assertEqual((yield client.read_until_close()), b'')
        self.run_sync(run)
        thread.join()
        self.assertEqual(seen, [b'question'])

    def test_an_end_without_close_notify(self):
        @gen.coroutine
        def run(suppress, expected):
            client, server = self.streams(sockets(),
                                          suppress_ragged_eofs=suppress)
            yield client.write(b'part')
            yield server.read_bytes(4)
            # With bytes unread, a socket would be reset.
            yield server.write(b'x')
            yield client.read_bytes(1)
            client.close()
            try:
                yield server.read_bytes(1)
            except iostream.StreamClosedError as error:
                self.assertIsInstance(error.real_error, expected)
        for suppress, expected in ((True, type(None)),
                                   (False, ssl.SSLEOFError)):
            self.run_sync(lambda: run(suppress, expected))

    def test_tls_in_tls(self):
        """A stream's TLS inside that of another stream."""
        @gen.coroutine
        def run():
            outer = self.streams(sockets())
            yield self.echo(outer)
            pair = [stream.socket for stream in outer]
            for stream in outer:        # which forget their sockets
                stream.io_loop.remove_handler(stream.socket)
            yield self.echo(self.streams(pair))
        self.run_sync(run)

    def test_a_wrong_certificate(self):
        self.client = contexts('wrongca')[0]

        @gen.coroutine
        def run():
            client, server = self.streams(sockets())
            for stream in (client, server):
                try:
                    yield stream.read_bytes(1)
                except iostream.StreamClosedError as error:
                    self.assertIsInstance(error.real_error, ssl.SSLError)
                else:
                    self.fail('no error')
        self.run_sync(run)


if __name__ == '__main__':
    unittest.main()
