"""Scenes over TCP, with an SSLSocket at each end.  Each checks every byte."""

import contextlib
import errno
import socket

from scenes27 import RECORD, Scene
from shared27 import Wrong

import sockets


class SocketScene(Scene):

    NAMES = ('echo', 'early', 'refuse', 'reset')
    TIMEOUTS = None, sockets.TIMEOUT

    @contextlib.contextmanager
    def client(self, function, *args, **options):
        """A client before its handshake, while *function* is called in a
        thread with the server and *args*.  If one of them fails the other
        one's end is a reset."""
        clients = options.get('clients', self.contexts.clients)
        timeout = self.rng.choice(self.TIMEOUTS)
        with sockets.connected() as (one, other):
            # Nor does a port have to wait when all is done.
            sockets.reset_on_close(one)
            sockets.reset_on_close(other)
            client = clients[self.version].wrap_socket(
                one, server_hostname='localhost',
                do_handshake_on_connect=False, suppress_ragged_eofs=False)
            server = self.contexts.servers[self.version].wrap_socket(
                other, server_side=True,
                do_handshake_on_connect=False, suppress_ragged_eofs=False)
            client.settimeout(timeout)
            server.settimeout(timeout)
            with sockets.Peer(self.serve, function, server, *args):
                try:
                    yield client
                except Exception:
                    sockets.hang_up(client)
                    raise
            client.close()
            server.close()

    def serve(self, function, server, *args):
        try:
            function(server, *args)
        except Exception:
            self.tally.error()
            sockets.hang_up(server)

    def receive(self, end, data):
        """*end* receives *data*."""
        parts, left = [], len(data)
        while left > 0:
            part = end.recv(self.rng.choice((1000, RECORD, left)))
            if not part:
                raise Wrong('an early end')
            parts.append(part)
            left -= len(part)
        if b''.join(parts) != data:
            raise Wrong('other bytes than were sent')
        self.tally.add('passed', len(data))

    def answer(self, server, texts):
        """Send back each of *texts*, then close."""
        server.do_handshake()
        for data in texts:
            self.receive(server, data)
            server.sendall(data)
        if server.recv(1):
            raise Wrong('bytes too many')
        server.unwrap()

    # The scenes

    def echo(self):
        texts = [self.payload() for _ in range(self.rng.randrange(1, 4))]
        with self.client(self.answer, texts) as client:
            client.do_handshake()
            for data in texts:
                client.sendall(data)
                self.receive(client, data)
            # It raises if there is something to read.
            client.unwrap()

    def early(self):
        """One thread writes while another one is in the handshake."""
        data = self.payload()
        with self.client(self.answer, [data]) as client:
            with sockets.Peer(client.sendall, data):
                client.do_handshake()
            self.receive(client, data)
            client.unwrap()

    def refused(self, end):
        self.tally.refuses(end.do_handshake, 'a handshake with a stranger')

    def refuse(self):
        """The client does not trust the server."""
        with self.client(self.refused,
                         clients=self.contexts.strangers) as client:
            self.refused(client)

    def vanish(self, server, data):
        """Send *data*, or not even shake hands, and reset."""
        if data:
            server.do_handshake()
            server.sendall(data)
        sockets.hang_up(server)

    def reset(self):
        """What is read is the start of what was sent."""
        data = self.rng.choice((b'', self.payload()))
        got = b''
        with self.client(self.vanish, data) as client:
            try:
                client.do_handshake()
                while True:
                    part = client.recv(RECORD)
                    if not part:
                        raise Wrong('a clean end after a reset')
                    got += part
            except socket.error as error:
                if error.errno != errno.ECONNRESET:
                    raise
                self.tally.refusal(error)
        if not data.startswith(got):
            raise Wrong('invented bytes before a reset')
        self.tally.add('before a reset', len(got))
