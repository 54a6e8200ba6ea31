"""An HTTPS server and client on Twisted, without pyOpenSSL.

    pip install --require-hashes -r requirements-twisted.txt
    python https_twisted.py serve --cert server.pem --port 8443
    python https_twisted.py fetch --cafile ca.pem https://localhost:8443/
    python https_twisted.py load --cafile ca.pem https://localhost:8443/

All TLS is the standard library's, by pyopenssl_names.  "load" opens a
thousand connections with a request each and then, over these, sends a
thousand bodies at once.
"""

from __future__ import print_function

import argparse
import io
import os
import sys

from urlparse import urlsplit

import pyopenssl_names

pyopenssl_names.install()

from twisted.internet import defer, error, interfaces, ssl, task  # noqa: E402
from twisted.protocols.policies import WrappingFactory  # noqa: E402
from twisted.python.filepath import FilePath  # noqa: E402
from twisted.web import client, http_headers, iweb, resource  # noqa: E402
from twisted.web import server as web_server  # noqa: E402
from zope.interface import implementer  # noqa: E402

LOWEST = ssl.TLSVersion.TLSv1_2


class Page(resource.Resource):
    """Echoes the body of a POST and says hello to a GET.  Attribute: served
    (int), requests answered."""

    isLeaf, served = True, 0

    def render_GET(self, request):
        self.served += 1
        return b'hello from Twisted\n'

    def render_POST(self, request):
        self.served += 1
        return request.content.read()


@implementer(interfaces.IProtocolNegotiationFactory)
class Counted(WrappingFactory):
    """Attribute: peak (int), the most connections at once."""

    peak, noisy = 0, False

    def registerProtocol(self, protocol):
        WrappingFactory.registerProtocol(self, protocol)
        self.peak = max(self.peak, len(self.protocols))

    def acceptableProtocols(self):
        return self.wrappedFactory.acceptableProtocols()


@implementer(iweb.IPolicyForHTTPS)
class Trust(object):
    """Whom an Agent trusts: the authorities in the file *cafile*, the
    system's if None."""

    def __init__(self, cafile):
        self.root = ssl.platformTrust() if cafile is None else \
            ssl.Certificate.loadPEM(FilePath(cafile).getContent())

    def creatorForNetloc(self, hostname, port):
        return ssl.optionsForClientTLS(
            hostname.decode('ascii'), trustRoot=self.root,
            extraCertificateOptions={'raiseMinimumTo': LOWEST})


def allow_many_files():
    """Each connection is a file to the system; raise its soft limit."""
    try:
        import resource as limits
    except ImportError:         # Windows
        return
    _, hard = limits.getrlimit(limits.RLIMIT_NOFILE)
    limits.setrlimit(limits.RLIMIT_NOFILE, (hard, hard))


def serve(reactor, options):
    allow_many_files()
    certificate = ssl.PrivateCertificate.loadPEM(
        FilePath(options.cert).getContent())
    page = Page()
    factory = Counted(web_server.Site(page))
    port = reactor.listenSSL(
        options.port, factory, ssl.CertificateOptions(
            privateKey=certificate.privateKey.original,
            certificate=certificate.original, raiseMinimumTo=LOWEST),
        backlog=1024, interface=options.host)
    print('listening on port', port.getHost().port)
    sys.stdout.flush()
    reactor.addSystemEventTrigger('after', 'shutdown', lambda: print(
        '{} requests served, at most {} connections at once'.format(
            page.served, factory.peak)))
    return defer.Deferred()         # until a signal


def agent(reactor, options, pool=None):
    return client.Agent(reactor, Trust(options.cafile), pool=pool)


@defer.inlineCallbacks
def request(agent, url, body=None):
    """Returns what the server says to a GET, or to a POST of *body*."""
    producer = body and client.FileBodyProducer(body)
    answer = yield agent.request(b'POST' if body else b'GET', url,
                                 http_headers.Headers(), producer)
    data = yield client.readBody(answer)
    if answer.code != 200:
        raise ValueError('status {}'.format(answer.code))
    defer.returnValue(data)


@defer.inlineCallbacks
def exchange(agent, url, size):
    """Does a body of *size* bytes come back as it was sent?"""
    body = os.urandom(size)
    answer = yield request(agent, url, io.BytesIO(body))
    defer.returnValue(answer == body)


@defer.inlineCallbacks
def load(reactor, options):
    allow_many_files()
    pool = client.HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = options.requests
    pool.cachedConnectionTimeout, pool.retryAutomatically = 600, False
    one = agent(reactor, options, pool)
    # None is free before all have begun: as many connections.
    opened = yield defer.DeferredList([
        request(one, options.url) for _ in range(options.requests)],
        consumeErrors=True)
    results = yield defer.DeferredList([
        exchange(one, options.url, 1 + number * options.size //
                 options.requests)
        for number in range(options.requests)], consumeErrors=True)
    yield pool.closeCachedConnections()
    same = sum(good and value for good, value in results)
    print('{} of {} requests came back as they were sent'.format(
        same, options.requests))
    failures = [value for good, value in opened + results if not good]
    for failure in failures[:5]:
        print('failed:', reason(failure), file=sys.stderr)
    if same < options.requests or failures:
        raise SystemExit(1)


@defer.inlineCallbacks
def fetch(reactor, options):
    try:
        answer = yield request(agent(reactor, options), options.url)
    except (client.ResponseFailed, client.ResponseNeverReceived,
            error.ConnectError, ValueError) as problem:
        print('failed:', reason(problem), file=sys.stderr)
        raise SystemExit(1)
    sys.stdout.write(answer)


def reason(problem):
    """What *problem*, an exception or a Failure, is about (str)."""
    problem = getattr(problem, 'value', problem)
    for inner in getattr(problem, 'reasons', None) or ():
        return reason(inner)
    return '{}: {}'.format(type(problem).__name__, problem)


def https_url(text):
    url = urlsplit(text)
    if url.scheme != 'https' or not url.hostname:
        raise argparse.ArgumentTypeError('not an https URL: ' + text)
    return text


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
    for name, text, run in (('fetch', 'print a page', fetch),
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
    task.react(options.run, (options,))


if __name__ == '__main__':
    main()
