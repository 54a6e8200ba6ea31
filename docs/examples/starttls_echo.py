"""An echo server with STARTTLS, and its client, over either kind of I/O.

    python starttls_echo.py server --cert server.pem
    python starttls_echo.py client --port PORT --cafile ca.pem

The protocol, in lines: the server greets with 220; STARTTLS is answered with
220 and followed by the handshake; then each line is echoed.  When the client
closes TLS, the server says 221 in the clear, right behind its close_notify.

The two classes below know nothing of sockets: "--io reactor" waits until a
socket is ready and then moves bytes, "--io completion" has threads move them
and is told when they have, as on Windows with IOCP.
"""

from __future__ import print_function

import argparse
import collections
import socket
import sys

import completion
import contexts
import reactor
import tlsstream

LONGEST = 65536         # bytes of a line; a peer cannot make us keep more


class LineApp(tlsstream.App):
    """Cuts what comes into lines.  It belongs to one connection."""

    def __init__(self):
        self.buffer = b''

    def received(self, stream, data):
        self.buffer += data
        while b'\n' in self.buffer:
            line, self.buffer = self.buffer.split(b'\n', 1)
            self.line(stream, line.rstrip(b'\r'))
        if len(self.buffer) > LONGEST:
            stream.lost(ValueError('a line without an end'))

    received_clear = received       # line() looks at stream.secure

    def rest(self):
        """Take out what came behind the line that is being handled."""
        rest, self.buffer = self.buffer, b''
        return rest


class Server(LineApp):
    """The server's end of one connection."""

    def __init__(self, context):
        LineApp.__init__(self)
        self.context = context

    def line(self, stream, line):
        if stream.secure:
            stream.write(line + b'\r\n')
        elif line == b'STARTTLS':
            stream.write(b'220 go ahead\r\n')
            # Gotcha 6: what is behind STARTTLS goes to TLS.
            stream.start_tls(self.context, self.rest(), server_side=True)
        elif line == b'QUIT':
            stream.end()
        else:
            stream.write(b'530 STARTTLS first\r\n')

    def unsecured(self, stream):
        stream.write(b'221 no longer encrypted, bye\r\n')
        stream.end()

    def failed(self, stream, error):
        print('failed:', error, file=sys.stderr)


class Client(LineApp):
    """Sends *lines* (an iterable of bytes) and checks that each comes back.

    Attributes for afterwards: echoed, how many did; error, None if all went
    well; farewell, what the server said in the clear at the end."""

    def __init__(self, context, host, lines):
        LineApp.__init__(self)
        self.context, self.host, self.lines = context, host, iter(lines)
        self.sent = collections.deque()
        self.echoed, self.farewell = 0, None
        self.error = 'the connection ended too early'
        self.line = self.greeted

    def greeted(self, stream, line):
        stream.write(b'STARTTLS\r\n')
        self.line = self.allowed

    def allowed(self, stream, line):
        if not line.startswith(b'220'):
            # Never go on without TLS: whoever is on the way can say so.
            return stream.lost(ValueError('no STARTTLS: %r' % (line,)))
        self.line = self.compare
        # Gotcha 6: a "reply" behind this one did not come through TLS.
        stream.start_tls(self.context, self.rest(),
                         server_hostname=self.host)

    def secured(self, stream):
        print(stream.tls.version(), stream.tls.cipher()[0])
        self.drained(stream)

    def drained(self, stream):
        # Gotcha 7: as much as there is room for, not everything at once.
        while stream.secure and not stream.ending and not stream.full:
            line = next(self.lines, None)
            if line is None:
                # Gotcha 3: "that was all".  The echo of the last lines still
                # comes, and must be waited for.
                return stream.end()
            self.sent.append(line)
            stream.write(line + b'\r\n')

    def wants_input(self, stream):
        return True         # it does not answer what it gets

    def compare(self, stream, line):
        if not stream.secure:
            self.farewell = line
        elif not self.sent or line != self.sent.popleft():
            stream.lost(ValueError('not what was sent: %r' % (line[:80],)))
        else:
            self.echoed += 1

    def unsecured(self, stream):
        if not self.sent:
            self.error = None
        # Gotcha 5: a line in the clear follows.  Nobody vouches for it.

    def failed(self, stream, error):
        self.error = error


def listening(host, port):
    """A socket that listens at the first address of *host* (str) where that
    is possible; one socket is enough for an example."""
    error = None
    for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE):
        try:
            sock = socket.socket(family, kind, protocol)
        except socket.error as failure:
            error = failure
            continue
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(128)
            return sock
        except socket.error as failure:
            error = failure
            sock.close()
    raise error


def make_loop(name, idle):
    """The loop called *name*, one of LOOPS."""
    if name == 'completion':
        return completion.Proactor(idle)
    return reactor.Reactor(idle, use_epoll=name == 'reactor')


LOOPS = ('reactor', 'select', 'completion')


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('role', choices=('server', 'client'))
    parser.add_argument('--io', choices=LOOPS, default='reactor',
                        help='who moves the bytes (default: %(default)s)')
    parser.add_argument('--host', default='127.0.0.1',
                        help='address to use (default: %(default)s)')
    parser.add_argument('--port', type=int, default=0,
                        help='default for a server: any free one')
    parser.add_argument('--idle', type=float, default=60, metavar='SECONDS',
                        help='drop a silent peer (default: %(default)s)')
    parser.add_argument('--cert', metavar='FILE',
                        help='server: certificate and key, PEM')
    parser.add_argument('--cafile', metavar='FILE',
                        help="client: whom to trust (default: the system's)")
    parser.add_argument('--name', default='localhost',
                        help='client: name in the server\'s certificate '
                             '(default: %(default)s)')
    parser.add_argument('--lines', type=int, default=3,
                        help='client: how many to send (default: 3)')
    parser.add_argument('--length', type=int, default=20,
                        help='client: bytes of each line (default: 20)')
    options = parser.parse_args(argv)
    loop = make_loop(options.io, options.idle)

    if options.role == 'server':
        if not options.cert:
            parser.error('a server needs --cert')
        context = contexts.server_context(options.cert)
        sock = listening(options.host, options.port)

        def make_stream():
            stream = tlsstream.TLSStream(Server(context))
            stream.write(b'220 ready\r\n')
            return stream

        loop.listen(sock, make_stream)
        print('listening on port', sock.getsockname()[1])
        sys.stdout.flush()
        loop.run()

    if not options.port:
        parser.error('a client needs --port')
    lines = (('%d ' % number).ljust(options.length, '.').encode('ascii')
             for number in range(options.lines))
    client = Client(contexts.client_context(options.cafile), options.name,
                    lines)
    loop.connect(options.host, options.port, tlsstream.TLSStream(client))
    loop.run()
    if client.error:
        return 'failed: {}'.format(client.error)
    print('{} lines came back'.format(client.echoed))
    print('then, in the clear:', client.farewell.decode('ascii'))


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        pass
