"""One connection that a thread writes to while another one reads from it,
against two connections, of which one is written to and one is read from."""

import os
import socket
import struct
import threading

import clock
from common import READ_SIZE, BenchError, Work, numbers

#: What the peer is told: how many messages, and whether one connection.
REQUEST = struct.Struct('=Q?')


class Failing(threading.Thread):
    """Makes a call; join() raises what that raised."""

    def __init__(self, call, *args):
        threading.Thread.__init__(self)
        self.daemon = True
        self.call, self.args, self.error = call, args, None
        self.start()

    def run(self):
        try:
            self.call(*self.args)
        except Exception as error:
            self.error = error

    def join(self):
        threading.Thread.join(self)
        if self.error is not None:
            raise self.error


class BothWays(object):
    """Messages of *size* bytes, blocking; the peer is a process of its own
    that does the same."""

    def __init__(self, kind, certs, version, size):
        work = Work(certs, version)
        contexts = kind.Contexts(work)
        self.message = b'x' * int(size)
        pairs = [contexts.connect() for _ in range(3)]
        for pair in pairs:
            pair.settle(work)
        clients = [pair.client for pair in pairs]
        servers = [pair.server for pair in pairs]
        self.control, control = socket.socketpair()
        self.peer = os.fork()
        if self.peer == 0:
            status = 1
            try:
                self.control.close()
                for client in clients:
                    client.close()
                self._serve(control, servers)
                status = 0
            finally:
                os._exit(status)
        control.close()
        for server in servers:
            server.close()
        self.ends = clients

    def _serve(self, control, servers):
        shared, one, other = servers
        while True:
            request = control.recv(REQUEST.size)
            if not request:
                return
            count, alone = REQUEST.unpack(request)
            self._exchange(count, *((shared, shared) if alone else
                                    (other, one)))

    def _exchange(self, count, writing, reading):
        writer = Failing(self._write, writing, count)
        left = count * len(self.message)
        while left:
            data = reading.recv(min(left, READ_SIZE))
            if not data:
                raise BenchError('the peer is gone')
            left -= len(data)
        writer.join()

    def _write(self, writing, count):
        for _ in numbers(count):
            writing.sendall(self.message)

    def _time(self, count, alone):
        shared, one, other = self.ends
        start = clock.wall()
        self.control.sendall(REQUEST.pack(count, alone))
        self._exchange(count, *((shared, shared) if alone else (one, other)))
        return clock.wall() - start

    def run(self, count):
        """Wall-clock ns of *count* messages each way, over one connection
        and over two."""
        return {'one': self._time(count, True),
                'two': self._time(count, False)}

    def close(self):
        for end in self.ends:
            end.close()
        self.control.close()
        if os.waitpid(self.peer, 0)[1]:
            raise BenchError('the peer has failed')
