"""Fetch a page through a proxy that itself is spoken to over TLS.

    python tls_in_tls.py --proxy HOST:PORT --proxy-cafile ca.pem \
        --cafile ca.pem https://localhost:8443/

A socket can be wrapped in TLS once.  Here the transport of the inner TLS
connection, to the web server, is the outer one, to the proxy, which sees
nothing of what passes.  tls_proxy.py is a proxy to try it with.  The words
"Gotcha N" refer to the list in docs/examples.md.
"""

from __future__ import print_function

import argparse
import sys

import contexts
import http_get
import reactor
import tlsstream

try:
    from urllib.parse import urlsplit
except ImportError:             # Python 2
    from urlparse import urlsplit


class Tunnel(tlsstream.App):
    """The app of the outer connection: has the proxy connect to *target*,
    'host:port', and then carries the bytes of *inner*, a TLSStream."""

    def __init__(self, context, host, target, inner):
        self.context, self.host, self.target = context, host, target
        self.inner = inner
        self.answer = b''       # of the proxy, until it is complete
        self.open = False

    def begin(self, stream):
        stream.start_tls(self.context, server_hostname=self.host)

    def secured(self, stream):
        stream.write('CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n'.format(
            self.target).encode('ascii'))

    def wants_input(self, stream):
        return self.inner.wants_input

    def received(self, stream, data):
        if not self.open:
            self.answer += data
            head, found, data = self.answer.partition(b'\r\n\r\n')
            if not found:
                if len(self.answer) > 65536:
                    stream.lost(ValueError('the proxy answers without end'))
                return
            if head.split()[1:2] != [b'200']:
                stream.lost(ValueError('the proxy says: {}'.format(
                    head.split(b'\r\n')[0].decode('latin-1'))))
                return
            self.open = True
            self.inner.app.begin(self.inner)
        # Gotcha 6: what came behind the proxy's answer is for the inner TLS.
        if data:
            self.inner.feed(data)
        self.carry(stream)

    def carry(self, stream):
        """Gotcha 1: what the inner connection wants to send, also if it has
        just failed.  Gotcha 7: as long as the outer one has room."""
        while not stream.full and not stream.ending:
            data = self.inner.take(tlsstream.RECORD)
            if data:
                stream.write(data)
            elif self.inner.over:
                stream.end()
            else:
                break

    def drained(self, stream):
        if self.open:
            self.carry(stream)

    def ended(self, stream):
        # Gotcha 4, on two levels: the outer close_notify is only the end of
        # the inner connection's transport.  That one has to say its own.
        self.inner.feed(b'')
        self.carry(stream)
        stream.end()

    def failed(self, stream, error):
        self.inner.lost(error)


def fetch(proxy, proxy_context, host, port, get, idle=60):
    """Make the request *get* (http_get.Get) to *port* of *host* through
    *proxy*, a pair of host and port."""
    tunnel = Tunnel(proxy_context, proxy[0], '{}:{}'.format(host, port),
                    tlsstream.TLSStream(get))
    outer = tlsstream.TLSStream(tunnel)
    tunnel.begin(outer)
    loop = reactor.Reactor(idle)
    loop.connect(proxy[0], proxy[1], outer)
    loop.run()


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('url', help='https://host[:port]/path')
    parser.add_argument('--proxy', required=True, metavar='HOST:PORT')
    parser.add_argument('--proxy-cafile', metavar='FILE', help='whom to '
                        "trust for the proxy (default: the system's)")
    parser.add_argument('--cafile', metavar='FILE', help='whom to trust for '
                        "the server (default: the system's)")
    parser.add_argument('--idle', type=float, default=60, metavar='SECONDS',
                        help='give up after (default: %(default)s)')
    options = parser.parse_args(argv)
    url = urlsplit(options.url)
    if url.scheme != 'https' or not url.hostname:
        parser.error('not an https URL: ' + options.url)
    host, _, port = options.proxy.rpartition(':')
    if not host or not port.isdigit():
        parser.error('--proxy: write HOST:PORT')

    get = http_get.Get(
        contexts.client_context(options.cafile, [http_get.PROTOCOL]),
        url.hostname, url.path or '/')
    fetch((host, int(port)), contexts.client_context(options.proxy_cafile),
          url.hostname, url.port or 443, get, options.idle)
    if get.error:
        return 'failed: {}'.format(get.error)
    print(get.status, len(get.body), 'bytes', file=sys.stderr)
    getattr(sys.stdout, 'buffer', sys.stdout).write(get.body)
    return 0 if get.status == 200 else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        pass
