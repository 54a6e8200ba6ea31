"""Fetch pages over HTTPS, all at once, with the standard library alone.

    python asyncore_fetch.py --cafile ca.pem https://localhost:8443/ ...

The event loop is asyncore, which every Python 2.7 has (and Python 3 up to
3.11): one thread, no blocking call, no package from elsewhere.  The words
"Gotcha N" refer to the list in docs/examples.md.
"""

from __future__ import print_function

import argparse
import socket
import sys
import time

try:
    import asyncore
except ImportError:
    sys.exit('Python 3.12 and later have no asyncore; reactor.py does as well')

import contexts
import http_get
import tlsstream

try:
    from urllib.parse import urlsplit
except ImportError:             # Python 2
    from urlparse import urlsplit

CHUNK = 65536                   # bytes moved at once


class Fetch(asyncore.dispatcher):
    """The transport of one TLSStream, in the loop over *sources* (dict).
    Each of the host's addresses has a part of the *seconds* to answer."""

    def __init__(self, host, port, get, sources, seconds):
        asyncore.dispatcher.__init__(self, map=sources)
        self.unsent, self.eof, self.shut = b'', False, False
        self.addresses, self.patience, self.failure = [], seconds, None
        self.stream = tlsstream.TLSStream(get)
        get.begin(self.stream)          # what it says waits to be sent
        try:
            self.addresses = socket.getaddrinfo(host, port, 0,
                                                socket.SOCK_STREAM)
            self.patience /= float(len(self.addresses))
            self.connect_next()
        except socket.error as error:
            self.lost(error)

    def connect_next(self):
        """Try the next address; self.failure is what was wrong with the one
        before.  localhost may be ::1 and 127.0.0.1, and the server at one of
        them only.  Not within asyncore.loop(), which may take the new socket
        for an old one of the same number."""
        error, self.failure = self.failure, None
        while self.addresses:
            family, kind, _, _, address = self.addresses.pop(0)
            self.until = time.time() + self.patience
            try:
                self.close()
                self.create_socket(family, kind)
                return self.connect(address)
            except socket.error as failure:
                error = failure
        self.lost(error)

    def hurry(self):
        """Give up an address that does not answer, go on to the next one."""
        if self.failure is None and time.time() > self.until and \
                self.connecting:
            self.failure = socket.timeout('no answer in time')
        if self.failure is not None:
            self.connect_next()

    def close(self):
        if self.socket is not None:
            asyncore.dispatcher.close(self)

    def readable(self):
        return not self.eof and self.stream.wants_input

    def writable(self):
        return bool(not self.connected or self.unsent or
                    self.stream.outgoing.pending or
                    self.stream.over and not self.shut)

    def handle_read(self):
        data = self.recv(CHUNK)
        if data:
            self.stream.feed(data)

    def handle_close(self):
        """Called by recv() at the end, and when the connection is reset."""
        self.eof = True
        self.stream.feed(b'')
        if self.shut:
            self.close()

    def handle_write(self):
        # Gotcha 1: also after a failure, and the rest of a short send().
        self.unsent = self.unsent or self.stream.take(CHUNK)
        if self.unsent:
            self.unsent = self.unsent[self.send(self.unsent):]
        elif self.stream.over:
            self.shut = True
            self.socket.shutdown(socket.SHUT_WR)
        if self.shut and self.eof:
            self.close()

    def handle_error(self):
        """Called where anything above raised, or connecting failed."""
        error = sys.exc_info()[1]
        if isinstance(error, socket.error) and not self.connected:
            self.failure = error
            return self.del_channel()
        self.lost(error)
        if not isinstance(error, socket.error):
            raise error

    def lost(self, error):
        self.stream.lost(error)
        self.close()


def fetch_all(urls, context, seconds=60):
    """Fetch *urls* (str), all at once.  Returns an http_get.Get for each."""
    sources, gets, fetches = {}, [], []
    for url in urls:
        parts = urlsplit(url)
        get = http_get.Get(context, parts.hostname, parts.path or '/')
        gets.append(get)
        fetches.append(Fetch(parts.hostname, parts.port or 443, get, sources,
                             seconds))
    deadline = time.time() + seconds
    while sources and time.time() < deadline:
        asyncore.loop(timeout=1, map=sources, count=1)
        for fetch in fetches:
            fetch.hurry()
    for source in list(sources.values()):
        source.lost(socket.timeout('no answer in time'))
    return gets


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('urls', nargs='+', metavar='url',
                        help='https://host[:port]/path')
    parser.add_argument('--cafile', metavar='FILE',
                        help="whom to trust (default: the system's)")
    parser.add_argument('--timeout', type=float, default=60,
                        metavar='SECONDS', help='(default: %(default)s)')
    options = parser.parse_args(argv)
    for url in options.urls:
        parts = urlsplit(url)
        if parts.scheme != 'https' or not parts.hostname:
            parser.error('not an https URL: ' + url)
    context = contexts.client_context(options.cafile, [http_get.PROTOCOL])
    failed = 0
    for url, get in zip(options.urls, fetch_all(options.urls, context,
                                                options.timeout)):
        failed += get.error is not None
        print(url, 'failed: {}'.format(get.error) if get.error else
              '{}, {} bytes'.format(get.status, len(get.body)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
