"""An HTTPS server on trollius: TLS by ssl.MemoryBIO where that exists.

    python trollius_server.py CERTS
"""

import ssl
import sys

import trollius

import common27

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % (
    len(common27.PAGE),) + common27.PAGE


class HTTP(trollius.Protocol):
    """Gives the same page for each request, on one connection."""

    def connection_made(self, transport):
        self.transport, self.unread = transport, b''

    def data_received(self, data):
        self.unread += data
        while b'\r\n\r\n' in self.unread:
            _, _, self.unread = self.unread.partition(b'\r\n\r\n')
            self.transport.write(ANSWER)


def main(certs):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(common27.certificate(certs))
    loop = trollius.get_event_loop()
    server = loop.run_until_complete(loop.create_server(
        HTTP, '127.0.0.1', 0, ssl=context))
    common27.listening(server.sockets[0].getsockname()[1])
    loop.run_forever()


if __name__ == '__main__':
    main(*sys.argv[1:])
