"""An echo server on one thread, with epoll and ssl.MemoryBIO; 2.7 and 3.

    python echoserver.py CERTS

Prints {"port": N} as one line of JSON.  Then each line on standard input is
answered by a line with the figures so far; the end of the input ends it.
"""

import errno
import gc
import json
import os
import resource
import select
import socket
import ssl
import sys
import traceback

import clock
import stdlib
from common import READ_SIZE, Work

RECEIVE_SIZE = 65536
BACKLOG = 4096


class Connection(object):
    """One accepted connection."""

    def __init__(self, sock, context):
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing,
                                    server_side=True)
        self.established = False
        self.unsent = b''

    def flush(self):
        """Send what waits; True if all of it was taken."""
        data = self.unsent
        if self.outgoing.pending:
            data += self.outgoing.read()
        if data:
            try:
                data = data[self.sock.send(data):]
            except (socket.error, OSError) as error:
                if error.errno not in (errno.EAGAIN, errno.EINTR):
                    raise
        self.unsent = data
        return not data


class EchoServer(object):
    """The sockets, the connections and the counters."""

    def __init__(self, certs):
        self.context = stdlib.server_context(Work(certs, 'TLSv1.3'))
        self.listener = socket.socket()
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(BACKLOG)
        self.listener.setblocking(False)
        self.poll = select.epoll()
        self.poll.register(self.listener.fileno(), select.EPOLLIN)
        self.connections = {}
        self.counters = dict.fromkeys(
            ('accepted', 'established', 'closed', 'messages', 'bytes_in',
             'bytes_out', 'errors'), 0)
        self.first_error = None

    def figures(self):
        gc.collect()
        return dict(self.counters, held=len(self.connections),
                    rss=clock.resident(), cpu=clock.cpu(),
                    first_error=self.first_error)

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except (socket.error, OSError) as error:
                if error.errno != errno.EAGAIN:
                    self.failed(error)
                return
            sock.setblocking(False)
            number = sock.fileno()
            self.connections[number] = Connection(sock, self.context)
            self.poll.register(number, select.EPOLLIN)
            self.counters['accepted'] += 1

    def failed(self, error):
        self.counters['errors'] += 1
        if self.first_error is None:
            self.first_error = '%s: %s' % (type(error).__name__, error)

    def close(self, number):
        connection = self.connections.pop(number)
        self.poll.unregister(number)
        connection.sock.close()
        self.counters['closed'] += 1

    def serve(self, number, events):
        """Do what can be done for the connection of that file number."""
        connection = self.connections[number]
        try:
            alive = True
            if events & ~select.EPOLLOUT:
                alive = self.receive(connection)
            done = connection.flush()
            if not alive:
                self.close(number)
            elif not done or events & select.EPOLLOUT:
                self.poll.modify(number, select.EPOLLIN |
                                 (0 if done else select.EPOLLOUT))
        except Exception as error:
            self.failed(error)
            self.close(number)

    def receive(self, connection):
        """Take bytes off the socket; False when the peer is done."""
        try:
            data = connection.sock.recv(RECEIVE_SIZE)
        except (socket.error, OSError) as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return True
            raise
        if data:
            connection.incoming.write(data)
        else:
            connection.incoming.write_eof()
        try:
            if not connection.established:
                connection.tls.do_handshake()
                connection.established = True
                self.counters['established'] += 1
            return self.echo(connection)
        except ssl.SSLWantReadError:
            return True

    def echo(self, connection):
        tls, incoming = connection.tls, connection.incoming
        counters = self.counters
        while incoming.pending or tls.pending():
            data = tls.read(READ_SIZE)
            if not data:
                try:
                    tls.unwrap()
                except ssl.SSLError:
                    pass        # the peer need not wait for our answer
                return False
            counters['messages'] += 1
            counters['bytes_in'] += len(data)
            counters['bytes_out'] += tls.write(data)
        return True

    def run(self):
        listening = self.listener.fileno()
        self.poll.register(sys.stdin.fileno(), select.EPOLLIN)
        while True:
            try:
                events = self.poll.poll()
            except (IOError, OSError) as error:
                if error.errno == errno.EINTR:
                    continue
                raise
            for number, event in events:
                if number == listening:
                    self.accept()
                elif number == sys.stdin.fileno():
                    if not os.read(number, 100):
                        return
                    answer(self.figures())
                elif number in self.connections:
                    self.serve(number, event)


def answer(figures):
    sys.stdout.write(json.dumps(figures) + '\n')
    sys.stdout.flush()


def main(argv):
    try:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        server = EchoServer(*argv)
        answer({'port': server.listener.getsockname()[1],
                'rss': clock.resident()})
        server.run()
    except Exception as error:
        traceback.print_exc()
        answer({'error': '%s: %s' % (type(error).__name__, error)})
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
