"""Who is refused, and in which words: for Twisted, over pyOpenSSL and over
what takes its place.  The same tests run with both; the expected errors are
those of pyOpenSSL.

Certificates are made by the command "openssl".
"""

import os
import re
import subprocess

from OpenSSL import SSL, crypto
from twisted.internet import protocol, ssl
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.test.iosim import connectedServerAndClient
from twisted.trial import unittest

CONFIG = u"""
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = it
[it]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = policy
copy_extensions = copy
unique_subject = no
[policy]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
[leaf]
basicConstraints = CA:false
[named]
basicConstraints = CA:false
subjectAltName = ${ENV::NAMES}
"""
PAST = '-startdate 20010101000000Z -enddate 20020101000000Z'
VERIFY = ([('SSL routines', 'certificate verify failed')], SSL.Error)


class Authority(object):
    """Makes certificates in the folder *where*: each call gives the path of
    a file with key and certificate."""

    def __init__(self, where):
        self.where = where
        for name, text in (('openssl.cnf', CONFIG), ('index.txt', u''),
                           ('serial', u'01')):
            with open(self.path(name), 'wb') as target:
                target.write(text.encode('ascii'))
        self.openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key '
                     '-out ca.pem -days 30 -subj /CN=authority '
                     '-extensions authority')

    def path(self, name):
        return os.path.join(self.where, name)

    def openssl(self, command, names='DNS:unused'):
        words = ['openssl'] + command.split()
        words[2:2] = ['-config', 'openssl.cnf']
        process = subprocess.Popen(
            words, cwd=self.where, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=dict(os.environ, NAMES=names,
                                               OPENSSL_CONF='openssl.cnf'))
        output = process.communicate()[0]
        if process.returncode:
            raise RuntimeError('{}: {}'.format(' '.join(words), output))

    def issue(self, label, names='', subject='server', dates=''):
        """A certificate for *names*, as in 'DNS:a,DNS:b'."""
        self.openssl('req -new -newkey rsa:2048 -nodes -keyout {0}.key '
                     '-out {0}.csr -subj /CN={1}'.format(label, subject))
        self.openssl('ca -batch -notext -in {0}.csr -out {0}.crt {1} '
                     '-extensions {2}'.format(
                         label, dates, 'named' if names else 'leaf'), names)
        return self.joined(label)

    def self_signed(self, label, names):
        self.openssl('req -x509 -newkey rsa:2048 -nodes -keyout {0}.key '
                     '-out {0}.crt -days 30 -subj /CN=server '
                     '-extensions named'.format(label), names)
        return self.joined(label)

    def joined(self, label):
        data = b''
        for end in ('key', 'crt'):
            with open(self.path('{}.{}'.format(label, end)), 'rb') as source:
                data += source.read()
        with open(self.path(label + '.pem'), 'wb') as target:
            target.write(data)
        return data

    def revocations(self, *labels):
        """The PEM of a CRL with the certificates *labels*."""
        for label in labels:
            self.openssl('ca -revoke {}.crt'.format(label))
        self.openssl('ca -gencrl -out crl.pem')
        with open(self.path('crl.pem'), 'rb') as source:
            return source.read()

    @property
    def certificate(self):
        with open(self.path('ca.pem'), 'rb') as source:
            return ssl.Certificate.loadPEM(source.read())


class Greeting(protocol.Protocol):
    """Says who it is, and keeps what it hears and why it ends."""

    greeting, data, reason = b'', b'', None

    def connectionMade(self):
        if self.greeting:
            self.transport.write(self.greeting)

    def dataReceived(self, data):
        self.data += data

    def connectionLost(self, reason):
        self.reason = reason.value


class Server(Greeting):
    greeting = b'from the server'


class Client(Greeting):
    greeting = b'from the client'


def outcome(end):
    """(what the error says, its class) or (bytes, None) of a Greeting."""
    if end.reason is None:
        return end.data, None
    said = end.reason.args[0] if end.reason.args else ''
    if isinstance(end.reason, SSL.Error) and isinstance(said, list):
        said = [(library, re.sub('^(sslv3|tlsv1|ssl/tls) ', '', words))
                for library, _, words in said]
    return said, type(end.reason)


class RefusedPeers(unittest.SynchronousTestCase):

    def setUp(self):
        where = self.mktemp()
        os.makedirs(where)
        self.authority = Authority(where)

    def connect(self, server, client):
        """Let the two ends talk in memory.  server, client: context
        factories; None for a server that speaks no TLS."""
        ends = Server(), Client()
        factories = []
        for end, options, is_client in zip(ends, (server, client), (0, 1)):
            factory = protocol.Factory.forProtocol(lambda end=end: end)
            if options is not None:
                factory = TLSMemoryBIOFactory(options, bool(is_client),
                                              factory)
            factories.append(factory)
        pump = connectedServerAndClient(
            lambda: factories[0].buildProtocol(None),
            lambda: factories[1].buildProtocol(None))[2]
        pump.flush()
        return ends

    def server(self, pem, **options):
        certificate = ssl.PrivateCertificate.loadPEM(pem)
        return ssl.CertificateOptions(
            privateKey=certificate.privateKey.original,
            certificate=certificate.original, **options)

    def client(self, name=u'localhost', **options):
        return ssl.optionsForClientTLS(
            name, trustRoot=self.authority.certificate, **options)

    def assertAccepted(self, ends):
        self.assertEqual([outcome(end) for end in ends],
                         [(b'from the client', None),
                          (b'from the server', None)])

    def assertRefused(self, ends, client, server):
        """client, server: (what the error says, class), or only the class,
        that each sees.  Nothing was received."""
        self.assertEqual([end.data for end in ends], [b'', b''])
        for end, expected in zip(ends, (server, client)):
            found = outcome(end)
            if isinstance(expected, type):
                found = found[1]
            self.assertEqual(found, expected)

    def alert(self, words):
        return [('SSL routines', 'alert ' + words)], SSL.Error

    def name(self, names, host, subject='server'):
        """The two ends, for a certificate for *names* and the client's
        *host*."""
        return self.connect(
            self.server(self.authority.issue('server', names, subject)),
            self.client(host))

    def refusedName(self, *arguments):
        ends = self.name(*arguments)
        self.assertRefused(ends, ssl.VerificationError, outcome(ends[0])[1])
        self.assertIsNotNone(ends[0].reason)

    # Names.

    def test_name(self):
        self.assertAccepted(self.name('DNS:a.example,DNS:localhost',
                                      u'localhost'))

    def test_wrong_name(self):
        self.refusedName('DNS:other.example', u'localhost')

    def test_case(self):
        self.assertAccepted(self.name('DNS:LocalHost', u'LOCALHOST'))

    def test_wildcard(self):
        self.assertAccepted(self.name('DNS:*.b.example', u'a.b.example'))

    def test_wildcard_of_two_labels(self):
        self.refusedName('DNS:*.b.example', u'a.a.b.example')

    def test_wildcard_for_nothing(self):
        self.refusedName('DNS:*.b.example', u'b.example')

    def test_wildcard_in_a_label(self):
        self.refusedName('DNS:a*.b.example', u'aa.b.example')

    def test_wildcard_for_an_idn(self):
        self.refusedName('DNS:*.b.example', u'h\xe9.b.example')

    def test_idn(self):
        self.assertAccepted(self.name('DNS:xn--h-bga.example',
                                      u'h\xe9.example'))

    def test_common_name(self):
        self.assertAccepted(self.name('', u'localhost', 'localhost'))

    def test_common_name_with_another_name(self):
        self.refusedName('DNS:other.example', u'localhost', 'localhost')

    def test_common_name_with_an_address(self):
        self.refusedName('IP:127.0.0.1', u'localhost', 'localhost')

    def test_common_name_with_a_uri(self):
        self.refusedName('URI:https://other.example', u'localhost',
                         'localhost')

    def test_address(self):
        self.assertAccepted(self.name('IP:127.0.0.1', u'127.0.0.1'))

    def test_address_6(self):
        self.assertAccepted(self.name('IP:2001:db8::1', u'2001:db8:0::1'))

    def test_wrong_address(self):
        self.refusedName('IP:127.0.0.2', u'127.0.0.1')

    def test_address_in_the_common_name(self):
        self.refusedName('DNS:other.example', u'127.0.0.1', '127.0.0.1')

    # Certificates.

    def test_expired(self):
        ends = self.connect(
            self.server(self.authority.issue(
                'server', 'DNS:localhost', dates=PAST)), self.client())
        self.assertRefused(ends, VERIFY, self.alert('certificate expired'))

    def test_self_signed(self):
        ends = self.connect(
            self.server(self.authority.self_signed(
                'server', 'DNS:localhost')), self.client())
        self.assertRefused(ends, VERIFY, self.alert('unknown ca'))

    def test_unknown_authority(self):
        where = self.mktemp()
        os.makedirs(where)
        ends = self.connect(
            self.server(Authority(where).issue('server', 'DNS:localhost')),
            self.client())
        self.assertRefused(ends, VERIFY, SSL.Error)

    def crl_client(self, crl):
        client = self.client()
        self.check_crl(client._ctx, crl)
        return client

    def check_crl(self, context, crl):
        store = context.get_cert_store()
        if crl:
            store.add_crl(crypto.load_crl(crypto.FILETYPE_PEM, crl))
        store.set_flags(crypto.X509StoreFlags.CRL_CHECK)

    def test_revoked(self):
        server = self.server(self.authority.issue('server', 'DNS:localhost'))
        ends = self.connect(server, self.crl_client(
            self.authority.revocations('server')))
        self.assertRefused(ends, VERIFY, self.alert('certificate revoked'))

    def test_another_is_revoked(self):
        server = self.server(self.authority.issue('server', 'DNS:localhost'))
        self.authority.issue('other', 'DNS:localhost')
        self.assertAccepted(self.connect(server, self.crl_client(
            self.authority.revocations('other'))))

    def test_no_crl(self):
        server = self.server(self.authority.issue('server', 'DNS:localhost'))
        ends = self.connect(server, self.crl_client(None))
        self.assertRefused(ends, VERIFY, SSL.Error)

    # The client's certificate.  TLS 1.2, where the client hears of it
    # before the handshake is over.

    def mutual(self, certificate, crl=None):
        server = self.server(
            self.authority.issue('server', 'DNS:localhost'),
            trustRoot=ssl.trustRootFromCertificates(
                [self.authority.certificate]), method=SSL.TLSv1_2_METHOD)
        if crl:
            self.check_crl(server.getContext(), crl)
        return self.connect(server, self.client(
            clientCertificate=certificate and
            ssl.PrivateCertificate.loadPEM(certificate)))

    def test_client_certificate(self):
        self.assertAccepted(self.mutual(self.authority.issue('client')))

    def test_no_client_certificate(self):
        ends = self.mutual(None)
        self.assertRefused(
            ends, self.alert('handshake failure'),
            ([('SSL routines', 'peer did not return a certificate')],
             SSL.Error))

    def test_self_signed_client_certificate(self):
        ends = self.mutual(self.authority.self_signed('client', 'DNS:a'))
        self.assertRefused(ends, self.alert('unknown ca'), VERIFY)

    def test_expired_client_certificate(self):
        ends = self.mutual(self.authority.issue('client', dates=PAST))
        self.assertRefused(ends, self.alert('certificate expired'), VERIFY)

    def test_revoked_client_certificate(self):
        certificate = self.authority.issue('client')
        ends = self.mutual(certificate, self.authority.revocations('client'))
        self.assertRefused(ends, self.alert('certificate revoked'), VERIFY)

    # Protocols.  By method: Twisted lets pyOpenSSL 19.0.0, which does not
    # have the option for TLS 1.3, speak that beyond the highest version.

    def version(self, server, client):
        return self.connect(
            self.server(self.authority.issue('server', 'DNS:localhost'),
                        **server),
            self.client(extraCertificateOptions=client))

    def test_version_too_old(self):
        ends = self.version(
            {'method': SSL.TLSv1_1_METHOD},
            {'raiseMinimumTo': ssl.TLSVersion.TLSv1_2})
        self.assertRefused(
            ends, ([('SSL routines', 'unsupported protocol')], SSL.Error),
            ([('SSL routines', 'wrong version number')], SSL.Error))

    def test_version_too_new(self):
        ends = self.version(
            {'raiseMinimumTo': ssl.TLSVersion.TLSv1_3},
            {'method': SSL.TLSv1_2_METHOD})
        self.assertRefused(
            ends, self.alert('protocol version'),
            ([('SSL routines', 'unsupported protocol')], SSL.Error))

    def test_plaintext_peer(self):
        ends = self.connect(None, self.client())
        self.assertEqual(outcome(ends[1]), (
            [('SSL routines', 'wrong version number')], SSL.Error))
        self.assertEqual(ends[1].data, b'')
        self.assertNotIn(b'from the client', ends[0].data)

    def test_plaintext_client(self):
        ends = self.connect(
            self.server(self.authority.issue('server', 'DNS:localhost')),
            None)
        self.assertEqual(outcome(ends[0]), (
            [('SSL routines', 'wrong version number')], SSL.Error))
        self.assertEqual(ends[0].data, b'')
        self.assertNotIn(b'from the server', ends[1].data)
