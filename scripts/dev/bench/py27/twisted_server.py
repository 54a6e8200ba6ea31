"""Twisted as it is, an echo server over TLS or an HTTPS server.

    python twisted_server.py echo|https CERTS pyopenssl|names|plain

With "names" pyopenssl_names takes the place of pyOpenSSL; "plain" is without
TLS.
"""

import sys
import warnings

import common27

warnings.simplefilter('ignore')     # cryptography's, on Python 2.7
if sys.argv[3] == 'names':
    import pyopenssl_names
    pyopenssl_names.install()

from twisted.internet import protocol, reactor  # noqa: E402
from twisted.web import resource, server  # noqa: E402


class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


class Page(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        return common27.PAGE


def listen(factory, certs):
    """The port of *factory*, with TLS."""
    from twisted.internet import ssl  # not there without it
    with open(common27.certificate(certs)) as file:
        certificate = ssl.PrivateCertificate.loadPEM(file.read())
    return reactor.listenSSL(0, factory, ssl.CertificateOptions(
        privateKey=certificate.privateKey.original,
        certificate=certificate.original,
        raiseMinimumTo=ssl.TLSVersion.TLSv1_2), interface='127.0.0.1')


def main(what, certs, tls):
    factory = protocol.Factory.forProtocol(Echo) if what == 'echo' else \
        server.Site(Page())
    if tls == 'plain':
        port = reactor.listenTCP(0, factory, interface='127.0.0.1')
    else:
        port = listen(factory, certs)
    used = 'names' if 'pyopenssl_names' in sys.modules else 'pyopenssl'
    if used != tls != 'plain':
        raise SystemExit('its TLS is that of ' + used)
    common27.listening(port.getHost().port)
    reactor.run()


if __name__ == '__main__':
    main(*sys.argv[1:])
