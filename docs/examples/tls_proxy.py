"""A small HTTP proxy that is spoken to over TLS, to try tls_in_tls.py with.

    python tls_proxy.py --cert server.pem --allow localhost:8443

It knows CONNECT and connects to what --allow names, nothing else.  It runs
on completion.py, which says when a connection has come about.  The words
"Gotcha N" refer to the list in docs/examples.md.
"""

from __future__ import print_function

import argparse
import socket
import sys

import completion
import contexts
import starttls_echo
import tlsstream


class Half(tlsstream.App):
    """One half of a tunnel; *other* is the TLSStream of the other half."""

    def __init__(self, other):
        self.other = other

    def received(self, stream, data):
        self.other.write(data)

    def wants_input(self, stream):
        # Gotcha 7: one side is read as fast as the other side takes it.
        return not self.other.full

    def ended(self, stream):
        # Gotcha 3: half a connection has ended, and each half ends in its
        # own way: a close_notify becomes a FIN and the other way round.
        self.other.end()

    def failed(self, stream, error):
        # Gotcha 4: this must not look like an end.  Without close_notify
        # the other peer can tell.
        self.other.lost(error)


class ClearHalf(Half):
    """The half to the server, for which all this is no TLS."""

    def received_clear(self, stream, data):
        self.other.write(data)


class Client(tlsstream.App):
    """Who wants to be connected, until that has been done."""

    def __init__(self, loop, allowed):
        self.loop, self.allowed = loop, allowed
        self.request, self.answered, self.connecting = b'', False, False

    def received(self, stream, data):
        if self.answered:
            return
        self.request += data
        head, found, _ = self.request.partition(b'\r\n\r\n')
        if len(self.request) > tlsstream.FULL:
            stream.lost(ValueError('a request without end'))
        elif found and not self.connecting:
            self.connect(stream, head.decode('latin-1').split())

    def wants_input(self, stream):
        return not self.connecting

    def connect(self, stream, words):
        if len(words) < 2 or words[0] != 'CONNECT' or (
                words[1] not in self.allowed):
            self.refuse(stream, '403 Forbidden')
            return

        def connected(sock, error):
            self.connecting = False
            if error:
                self.refuse(stream, '502 Bad Gateway')
            elif stream.failed or stream.ending:    # has changed its mind
                sock.close()
            else:
                server = tlsstream.TLSStream(ClearHalf(stream))
                stream.app = Half(server)
                stream.write(b'HTTP/1.1 200 OK\r\n\r\n')
                server.write(self.request.partition(b'\r\n\r\n')[2])
                self.loop.add(sock, server)

        self.connecting = True
        host, _, port = words[1].rpartition(':')
        self.loop.workers.start(connected, socket.create_connection,
                                (host, int(port)), self.loop.idle)

    def refuse(self, stream, status):
        self.answered = True
        if not stream.failed and not stream.ending:
            stream.write('HTTP/1.1 {}\r\nContent-Length: 0\r\n\r\n'.format(
                status).encode('ascii'))
            stream.end()


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--cert', required=True, metavar='FILE',
                        help='certificate and key, PEM')
    parser.add_argument('--allow', action='append', default=[],
                        metavar='HOST:PORT', help='may be given repeatedly')
    parser.add_argument('--host', default='127.0.0.1',
                        help='address to use (default: %(default)s)')
    parser.add_argument('--port', type=int, default=0,
                        help='default: any free one')
    options = parser.parse_args(argv)
    context = contexts.server_context(options.cert)
    loop = completion.Proactor()

    def make_stream():
        stream = tlsstream.TLSStream(Client(loop, options.allow))
        stream.start_tls(context, server_side=True)
        return stream

    sock = starttls_echo.listening(options.host, options.port)
    loop.listen(sock, make_stream)
    print('listening on port', sock.getsockname()[1])
    sys.stdout.flush()
    loop.run()


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        pass
