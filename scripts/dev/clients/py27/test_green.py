"""SSLObjects in the greenlets of gevent or eventlet, whichever is there:
docs/examples/greenlets.py on their sockets, in one thread."""

import os
import socket as plain
import ssl
import sys
import unittest

sys.path.insert(0, os.path.join(os.getcwd(), 'docs', 'examples'))

from greenlets import TLSSocket  # noqa: E402

try:
    import gevent.lock
    from gevent import socket, spawn
    Lock, Timeout = gevent.lock.RLock, gevent.Timeout.start_new

    def wait(job):
        return job.get()
except ImportError:
    import eventlet.semaphore
    from eventlet import spawn
    from eventlet.green import socket
    Lock, Timeout = eventlet.semaphore.Semaphore, eventlet.Timeout

    def wait(job):
        return job.wait()

CONNECTIONS, SIZE, PATIENCE = 100, 200000, 300


def cert(name):
    return os.path.join('Lib_tests', 'certs', name + '.pem')


def contexts(ca='ca'):
    """The client's and the server's SSLContext."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(cert('server'))
    return ssl.create_default_context(cafile=cert(ca)), server


class Server(object):
    """Echoes, in a greenlet for each connection, until close_notify."""

    def __init__(self, context):
        self.context, self.now, self.most, self.errors = context, 0, 0, []
        self.listener = socket.socket()
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(2 * CONNECTIONS)
        self.address = self.listener.getsockname()
        self.job = spawn(self.accept)

    def accept(self):
        while True:
            sock = self.listener.accept()[0]
            spawn(self.serve, sock)

    def serve(self, sock):
        try:
            tls = TLSSocket(sock, self.context, Lock(), server_side=True)
            self.now += 1
            self.most = max(self.most, self.now)
            for data in iter(lambda: tls.recv(65536), b''):
                tls.sendall(data)
            tls.unwrap()
            self.now -= 1
        except Exception as error:
            self.errors.append(error)
        finally:
            sock.close()


class Green(unittest.TestCase):

    def setUp(self):
        timeout = Timeout(PATIENCE)
        self.addCleanup(timeout.cancel)
        self.client, server = contexts()
        self.server = Server(server)
        self.addCleanup(self.server.job.kill)

    def connect(self, context=None):
        sock = socket.create_connection(self.server.address)
        self.addCleanup(sock.close)
        return TLSSocket(sock, context or self.client, Lock(),
                         server_hostname='localhost')

    def test_many_at_once(self):
        """Each writes in one greenlet and reads in another."""
        together = []

        def echo(number):
            tls = self.connect()
            self.assertIsInstance(tls.tls, ssl.SSLObject)
            together.append(number)
            while len(together) < CONNECTIONS:
                spawn_and_return()
            data = os.urandom(SIZE)
            writer, received = spawn(tls.sendall, data), b''
            while len(received) < SIZE:
                more = tls.recv(65536)
                self.assertTrue(more)
                received += more
            wait(writer)
            tls.unwrap()
            return received == data

        def spawn_and_return():
            wait(spawn(lambda: None))

        jobs = [spawn(echo, number) for number in range(CONNECTIONS)]
        self.assertEqual([wait(job) for job in jobs], [True] * CONNECTIONS)
        self.assertEqual(self.server.errors, [])
        self.assertEqual(self.server.most, CONNECTIONS)

    def test_a_silent_peer_keeps_nobody_waiting(self):
        silent = plain.create_connection(self.server.address)
        self.addCleanup(silent.close)
        tls = self.connect()
        tls.sendall(b'hello')
        self.assertEqual(tls.recv(9), b'hello')
        tls.unwrap()

    def test_a_wrong_certificate(self):
        with self.assertRaises(ssl.SSLError) as caught:
            self.connect(contexts('wrongca')[0])
        self.assertIn('CERTIFICATE_VERIFY_FAILED', str(caught.exception))
        tls = self.connect()
        tls.unwrap()
        self.assertEqual(len(self.server.errors), 1)

    def test_tls_in_tls(self):
        """Greenlets of both layers."""
        inner_client, inner_server = contexts()
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)

        def serve():
            outer = TLSSocket(listener.accept()[0], inner_server, Lock(),
                              server_side=True)
            inner = TLSSocket(outer, inner_server, Lock(), server_side=True)
            inner.sendall(inner.recv(5))
            return inner.recv(1)

        job = spawn(serve)
        sock = socket.create_connection(listener.getsockname())
        outer = TLSSocket(sock, inner_client, Lock(),
                          server_hostname='localhost')
        inner = TLSSocket(outer, inner_client, Lock(),
                          server_hostname='localhost')
        inner.sendall(b'hello')
        self.assertEqual(inner.recv(5), b'hello')
        try:
            inner.tls.unwrap()
        except ssl.SSLWantReadError:
            inner._send()
        self.assertEqual(wait(job), b'')
        sock.close()
        listener.close()


if __name__ == '__main__':
    unittest.main()
