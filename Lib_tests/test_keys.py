"""Certificates with keys of every kind that the library knows, at both ends:
long flights, and signatures that are not made from a digest."""

import ssl

import pytest

import tls
from expect import ssl_error

#: Kind, and whether TLS 1.2 can use it.
KINDS = [('p384', True), ('p521', True), ('rsapss', True), ('ed25519', True),
         ('ed448', True), ('mldsa44', False), ('mldsa65', False),
         ('mldsa87', False)]


@pytest.fixture(params=KINDS, ids=[name for name, _ in KINDS])
def kind(request):
    """Each kind of key that the library takes, by its certificate's name."""
    name = request.param[0]
    try:
        tls.new_context().load_cert_chain(tls.cert(name))
    except ssl.SSLError as error:
        pytest.skip('%s takes no such key: %s' % (ssl.OPENSSL_VERSION, error))
    return name


@pytest.fixture
def both(kind, version):
    """Makes connections of two ends that show such certificates."""
    if version == 'TLSv1.2' and not dict(KINDS)[kind]:
        pytest.skip('such keys are for TLS 1.3')

    def connect(host='keys.test', **options):
        client = tls.client_context(version, 'keysca', check_hostname=True,
                                    name=kind)
        server = tls.server_context(version, kind, client_ca='keysca')
        return tls.Connection(version, client, server, server_hostname=host,
                              **options)
    return connect


def der(name):
    with open(tls.cert(name)) as stream:
        pem = stream.read()
    return ssl.PEM_cert_to_DER_cert(pem[pem.index(ssl.PEM_HEADER):])


@pytest.mark.parametrize('chunk', [None, 1, 1000])
def test_conversation(both, kind, version, chunk):
    connection = both(chunk=chunk).handshake()
    connection.settle()
    for end in connection.client, connection.server:
        assert end.obj.version() == version
        assert end.obj.getpeercert(True) == der(kind)
        subject = dict(item for name in end.obj.getpeercert()['subject']
                       for item in name)
        assert subject['commonName'] == u'keys.test'
    data = b'0123456789abcdef' * 2000
    assert connection.send(connection.client, data) == data
    assert connection.send(connection.server, data) == data
    connection.close()


def test_another_name(both):
    with pytest.raises(ssl.SSLCertVerificationError):
        both(host='other.test').handshake()


def test_another_authority(both, kind, version):
    """The client knows an authority that has not signed this."""
    connection = tls.Connection(
        version, tls.client_context(version, 'ca'),
        tls.server_context(version, kind))
    with ssl_error(ssl.SSLError, 'CERTIFICATE_VERIFY_FAILED'):
        connection.handshake()


def key_exchange_end(flight):
    """Where the signature in ServerKeyExchange ends, an index of *flight*."""
    at = 0
    while at < len(flight):
        end = at + 5 + (flight[at + 3] << 8 | flight[at + 4])
        at += 5
        while at < end:
            kind, size = flight[at], flight[at + 2] << 8 | flight[at + 3]
            at += 4 + size
            if kind == 12:
                return at
    raise AssertionError('no ServerKeyExchange')


def test_altered_signature(both, version):
    """A bit of the server's signature is another: no connection."""
    if version != 'TLSv1.2':
        pytest.skip('signatures are encrypted')
    connection = both()
    client, server = connection.client, connection.server
    connection.step(client, client.obj.do_handshake)
    with pytest.raises(ssl.SSLWantReadError):
        server.obj.do_handshake()
    flight = bytearray(server.outgoing.read())
    flight[key_exchange_end(flight) - 3] ^= 1
    client.incoming.write(bytes(flight))
    with pytest.raises(ssl.SSLError) as info:
        client.obj.do_handshake()
        client.obj.read()
    assert info.type is not ssl.SSLWantReadError
    client.flush_to(server)
    with pytest.raises(ssl.SSLError) as info:
        server.obj.do_handshake()
        server.obj.read()
    assert info.type is not ssl.SSLWantReadError
