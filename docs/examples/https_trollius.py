"""An HTTPS server and client on trollius, asyncio for Python 2.7.

    pip install --require-hashes -r requirements-trollius.txt
    python https_trollius.py serve --cert server.pem --port 8443
    python https_trollius.py fetch --cafile ca.pem https://localhost:8443/
    python https_trollius.py load --cafile ca.pem https://localhost:8443/

All TLS is the standard library's: trollius uses ssl.MemoryBIO where that
exists.  "load" opens a thousand connections and, when all are
open, sends a thousand requests at once.  The words "Gotcha N" refer to the
list in docs/examples.md, which also says what trollius 2.2.1 leaves out.
"""

from __future__ import print_function

import argparse
import logging
import os
import signal
import socket
import ssl
import sys

import trollius
from trollius import From, Return
from urlparse import urlsplit

import contexts

PROTOCOL = 'http/1.1'
LARGEST = 1 << 20       # bytes of a body
PIECE = 16384           # bytes of a body that are in memory at once
PATIENCE = 120          # seconds for a request


class HTTPError(Exception):
    """The peer does not speak as it should."""


class Reader(trollius.StreamReader):
    """A StreamReader whose connection may end while it is paused, because
    much has come and not been read.  Without this, trollius 2.2.1 fails when
    it is about to receive again."""

    def _maybe_resume_transport(self):
        if self._transport._ssl_protocol._transport is not None:
            trollius.StreamReader._maybe_resume_transport(self)


def check_alpn(writer):
    """HTTPError unless both ends agreed on PROTOCOL."""
    # asyncio has get_extra_info('ssl_object') for this, trollius has not.
    tls = writer.transport._ssl_protocol._sslpipe.ssl_object
    if tls is None or tls.selected_alpn_protocol() != PROTOCOL:
        raise HTTPError('the peer does not offer ' + PROTOCOL)


@trollius.coroutine
def read_head(reader):
    """The first line and the headers (a dict, names in lower case)."""
    lines = []
    while True:
        line = yield From(reader.readline())
        # Gotcha 4: at the end of the stream, however that came about, the
        # last line is returned as far as it goes.
        if not line.endswith(b'\n'):
            raise HTTPError('it ends in the middle of the headers')
        if line == b'\r\n':
            break
        lines.append(line.rstrip(b'\r\n'))
        if len(lines) > 100:
            raise HTTPError('too many headers')
    if not lines:
        raise HTTPError('no first line')
    pairs = [line.partition(b':') for line in lines[1:]]
    raise Return(lines[0], dict((name.strip().lower(), value.strip())
                                for name, _, value in pairs))


def content_length(headers):
    """How many bytes of body there are."""
    length = headers.get('content-length', '0')
    if not length.isdigit() or int(length) > LARGEST:
        raise HTTPError('Content-Length: {}'.format(length))
    return int(length)


class Server(object):
    """Echoes the body of a POST and says hello to a GET.  Attributes:
    served, peak (int): requests answered, connections open at once."""

    def __init__(self):
        self.open = self.peak = self.served = 0

    @trollius.coroutine
    def connected(self, reader, writer):
        """Called by trollius after each handshake."""
        self.open += 1
        self.peak = max(self.peak, self.open)
        try:
            yield From(trollius.wait_for(self.serve(reader, writer),
                                         PATIENCE))
            self.served += 1
        except (HTTPError, EnvironmentError, EOFError, ValueError,
                trollius.TimeoutError) as error:
            print('failed: {}'.format(error), file=sys.stderr)
        finally:
            self.open -= 1
            # Gotcha 3: sends the rest, then close_notify, and waits for
            # that of the client.
            writer.close()

    @trollius.coroutine
    def serve(self, reader, writer):
        check_alpn(writer)
        first, headers = yield From(read_head(reader))
        body = b'hello over {}\n'.format(PROTOCOL)
        length = content_length(headers)
        writer.write(b'HTTP/1.1 200 OK\r\nConnection: close\r\n'
                     b'Content-Length: {}\r\n\r\n'.format(
                         length or len(body)))
        if not length:
            writer.write(body)
        while length:
            # Gotcha 4: IncompleteReadError, an EOFError, if it ends early.
            piece = yield From(reader.readexactly(min(length, PIECE)))
            length -= len(piece)
            writer.write(piece)
            # Gotcha 7: waits while the client does not take what it gets.
            yield From(writer.drain())


@trollius.coroutine
def connected(loop, host, port):
    """A socket connected to the first address of *host* that answers.

    create_connection() can look for it, too, but gives up at the first one
    that refuses: on 2.7 trollius raises an OSError then, and expects a
    socket.error."""
    error = None
    addresses = yield From(loop.getaddrinfo(host, port,
                                            type=socket.SOCK_STREAM))
    for family, kind, protocol, _, address in addresses:
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            yield From(loop.sock_connect(sock, address))
        except (OSError, socket.error) as failure:
            error = failure
            if sock:
                sock.close()
        else:
            raise Return(sock)
    raise error


@trollius.coroutine
def connect(url, context):
    """(reader, writer) for the server of *url*, certificate verified."""
    # Gotcha 2: trollius hands server_hostname to wrap_bio() and completes
    # the handshake, with the check of the name, before it returns.
    loop = trollius.get_event_loop()
    sock = yield From(connected(loop, url.hostname, url.port or 443))
    reader = Reader(loop=loop)
    protocol = trollius.StreamReaderProtocol(reader, loop=loop)
    transport, _ = yield From(loop.create_connection(
        lambda: protocol, sock=sock, ssl=context,
        server_hostname=url.hostname))
    writer = trollius.StreamWriter(transport, protocol, reader, loop)
    try:
        check_alpn(writer)
    except HTTPError:
        writer.close()
        raise
    raise Return(reader, writer)


@trollius.coroutine
def request(url, reader, writer, body=None):
    """Send a GET, or *body* with a POST.  Returns what the server says."""
    head = '{} {} HTTP/1.1\r\nHost: {}\r\n'.format(
        'GET' if body is None else 'POST', url.path or '/', url.hostname)
    if body is not None:
        head += 'Content-Length: {}\r\n'.format(len(body))
    writer.write(head.encode('ascii') + b'\r\n')

    @trollius.coroutine
    def send():
        # Gotcha 7: the answer begins while the body is still being sent.
        for start in range(0, len(body or b''), PIECE):
            writer.write(body[start:start + PIECE])
            yield From(writer.drain())

    sending = trollius.ensure_future(send())
    try:
        first, headers = yield From(read_head(reader))
        if first.split()[1] != b'200':
            raise HTTPError(first)
        answer = yield From(reader.readexactly(content_length(headers)))
        yield From(sending)
    finally:
        sending.cancel()
    raise Return(answer)


@trollius.coroutine
def fetch(url, context):
    """The page at *url*."""
    reader, writer = yield From(connect(url, context))
    try:
        answer = yield From(request(url, reader, writer))
    finally:
        writer.close()
    raise Return(answer)


class Load(object):
    """*count* requests with bodies of up to *size* bytes, all at once.

    Attributes for afterwards: same, how many came back as they were sent;
    failures, what the others ended with."""

    def __init__(self, url, context, count, size):
        self.url, self.context, self.count = url, context, count
        self.size, self.waiting, self.same, self.failures = size, 0, 0, []
        self.everyone = trollius.Event()

    @trollius.coroutine
    def run(self):
        yield From(trollius.gather(*[
            self.one(1 + number * self.size // self.count)
            for number in range(self.count)]))

    def ready(self):
        """One more connection is open, or will never be."""
        self.waiting += 1
        if self.waiting == self.count:
            self.everyone.set()

    @trollius.coroutine
    def one(self, size):
        writer = None
        try:
            try:
                reader, writer = yield From(connect(self.url, self.context))
            finally:
                self.ready()
            yield From(self.everyone.wait())
            body = os.urandom(size)
            answer = yield From(trollius.wait_for(
                request(self.url, reader, writer, body), PATIENCE))
            # And nothing behind it but the server's close_notify.
            rest = yield From(reader.read())
            if answer != body or rest:
                raise HTTPError('not what was sent')
            self.same += 1
        except (HTTPError, EnvironmentError, EOFError, ValueError,
                trollius.TimeoutError) as error:
            self.failures.append(error)
        finally:
            if writer:
                writer.close()


def allow_many_files():
    """Each connection is a file to the system; raise its soft limit."""
    try:
        import resource
    except ImportError:         # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def report(loop, context):
    """What trollius calls with an exception that it raised in a callback."""
    # A wrong name has been reported already, by open_connection().
    if not isinstance(context.get('exception'), ssl.CertificateError):
        loop.default_exception_handler(context)


def serve(loop, options):
    allow_many_files()
    server = Server()
    context = contexts.server_context(options.cert, [PROTOCOL])
    listening = loop.run_until_complete(loop.create_server(
        lambda: trollius.StreamReaderProtocol(
            Reader(loop=loop), server.connected, loop=loop),
        options.host, options.port, ssl=context, backlog=1024))
    print('listening on port', listening.sockets[0].getsockname()[1])
    sys.stdout.flush()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, loop.stop)
    loop.run_forever()
    print('{} requests served, at most {} connections at once'.format(
        server.served, server.peak))


def load(loop, options):
    allow_many_files()
    work = Load(options.url, contexts.client_context(options.cafile,
                                                     [PROTOCOL]),
                options.requests, options.size)
    loop.run_until_complete(work.run())
    print('{} of {} requests came back as they were sent'.format(
        work.same, options.requests))
    for error in work.failures[:5]:
        print('failed: {!r}'.format(error), file=sys.stderr)
    return 1 if work.failures else 0


def fetch_one(loop, options):
    try:
        answer = loop.run_until_complete(fetch(
            options.url, contexts.client_context(options.cafile,
                                                 [PROTOCOL])))
    except (HTTPError, EnvironmentError, EOFError, ValueError) as error:
        print('failed: {}'.format(error), file=sys.stderr)
        return 1
    sys.stdout.write(answer)


def https_url(text):
    url = urlsplit(text)
    if url.scheme != 'https' or not url.hostname:
        raise argparse.ArgumentTypeError('not an https URL: ' + text)
    return url


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    commands = parser.add_subparsers()
    one = commands.add_parser('serve', help='serve until Ctrl-C')
    one.add_argument('--cert', required=True, metavar='FILE',
                     help='certificate and key, PEM')
    one.add_argument('--host', default='127.0.0.1',
                     help='address to use (default: %(default)s)')
    one.add_argument('--port', type=int, default=0,
                     help='default: any free one')
    one.set_defaults(run=serve)
    for name, text, run in (('fetch', 'print a page', fetch_one),
                            ('load', 'many requests at once', load)):
        one = commands.add_parser(name, help=text)
        one.add_argument('url', type=https_url, help='https://host:port/')
        one.add_argument('--cafile', metavar='FILE',
                         help="whom to trust (default: the system's)")
        one.set_defaults(run=run)
    one.add_argument('--requests', type=int, default=1000,
                     help='how many (default: %(default)s)')
    one.add_argument('--size', type=int, default=20000,
                     help='bytes of the largest one (default: %(default)s)')
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.ERROR)
    loop = trollius.get_event_loop()
    loop.set_exception_handler(report)
    return options.run(loop, options)


if __name__ == '__main__':
    sys.exit(main())
