"""Ten thousand connections in one process, and the memory it takes.

    python2.7 rss27.py LIB_TESTS CONNECTIONS [leak]

Each line of the output is the number of connections so far and the resident
memory in bytes, [int, int].  With "leak" each connection leaves 64 bytes.
"""

from __future__ import print_function

import ctypes
import gc
import json
import os
import sys

sys.path.insert(0, sys.argv[1])

import ssl  # noqa: E402

import tls  # noqa: E402

EVERY = 500


def resident():
    """Bytes of resident memory of this process."""
    with open('/proc/self/statm') as stream:
        pages = int(stream.read().split()[1])
    return pages * os.sysconf('SC_PAGESIZE')


class Connections(object):
    """Makes connections that come to different ends."""

    def __init__(self):
        # The smallest key there is: the server's is of 256 bits.
        self.contexts = dict((version, (
            tls.client_context(version),
            tls.server_context(version, 'ecdsa')))
            for version in tls.VERSIONS)
        self.ends = [self.closed, self.dropped, self.cut_off, self.garbage,
                     self.first_flight]

    def make(self, number):
        """Connection *number*: version and end depend on it."""
        version = tls.VERSIONS[number % 2]
        client, server = self.contexts[version]
        connection = tls.Connection(version, client, server,
                                    server_hostname='ecdsa.test')
        self.ends[number // 2 % len(self.ends)](connection)

    def established(self, connection):
        connection.established()
        assert connection.send(connection.client, b'spam' * 100)
        assert connection.send(connection.server, b'eggs' * 5000)

    def closed(self, connection):
        self.established(connection)
        connection.close()

    def dropped(self, connection):
        """Nobody says goodbye, and data is left in the buffers."""
        self.established(connection)
        connection.client.obj.write(b'spam' * 1000)

    def cut_off(self, connection):
        self.established(connection)
        connection.client.incoming.write_eof()
        self.fails(connection.client.obj.read, ssl.SSLEOFError)

    def garbage(self, connection):
        self.established(connection)
        connection.server.incoming.write(b'garbage' * 10)
        self.fails(connection.server.obj.read, ssl.SSLError)

    def first_flight(self, connection):
        """The handshake does not end."""
        self.fails(connection.client.obj.do_handshake, ssl.SSLWantReadError)
        connection.flush()
        self.fails(connection.server.obj.do_handshake, ssl.SSLWantReadError)

    def fails(self, call, error):
        try:
            call()
        except error:
            return
        raise AssertionError('no %s' % error.__name__)


def main():
    number = int(sys.argv[2])
    leak = ctypes.CDLL(None).malloc if sys.argv[3:] == ['leak'] else None
    connections = Connections()
    for count in range(1, number + 1):
        connections.make(count)
        if leak is not None:
            leak(64)
        if count % EVERY == 0:
            sys.exc_clear()
            gc.collect()
            print(json.dumps([count, resident()]))
            sys.stdout.flush()


if __name__ == '__main__':
    main()
