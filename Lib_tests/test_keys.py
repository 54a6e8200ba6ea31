"""Certificates with keys of every kind that the library knows, at both ends:
long flights, and signatures that are not made from a digest."""

import ssl

import pytest

import tls
from expect import ssl_error

#: Whether TLS 1.2 can use it, too.
KINDS = {'p384': True, 'p521': True, 'rsapss': True, 'ed25519': True,
         'ed448': True, 'mldsa44': False, 'mldsa65': False, 'mldsa87': False}


VERSIONS = ['TLSv1.2'] + ['TLSv1.3'] * ssl.HAS_TLSv1_3


def both(kind, version, host='keys.test', **options):
    """A connection of two ends that show such certificates."""
    client = tls.client_context(version, 'keysca', check_hostname=True,
                                name=kind)
    server = tls.server_context(version, kind, client_ca='keysca')
    return tls.Connection(version, client, server, server_hostname=host,
                          **options)


def is_taken(kind, version):
    """Does the library know such keys, and use them by itself?"""
    try:
        both(kind, version).handshake()
    except ssl.SSLError:
        return False
    return True


#: Each kind with each version of TLS that has it.
CASES = [(kind, version) for kind in sorted(KINDS) for version in VERSIONS
         if version == 'TLSv1.3' or KINDS[kind] if is_taken(kind, version)]


def der(name):
    with open(tls.cert(name)) as stream:
        pem = stream.read()
    return ssl.PEM_cert_to_DER_cert(pem[pem.index(ssl.PEM_HEADER):])


def test_kinds():
    """What is newer than a library is not taken, and nothing else."""
    assert ('p384', 'TLSv1.2') in CASES
    if tls.is_openssl():
        assert len(CASES) == (13 if ssl.OPENSSL_VERSION_INFO >= (3, 5) else
                              10 if ssl.HAS_TLSv1_3 else 2)


@pytest.mark.parametrize('chunk', [None, 1, 1000])
@pytest.mark.parametrize('kind, version', CASES)
def test_conversation(kind, version, chunk):
    connection = both(kind, version, chunk=chunk).handshake()
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


@pytest.mark.parametrize('kind, version', CASES)
def test_another_name(kind, version):
    with pytest.raises(ssl.SSLCertVerificationError):
        both(kind, version, host='other.test').handshake()


@pytest.mark.parametrize('kind, version', CASES)
def test_another_authority(kind, version):
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


@pytest.mark.parametrize('kind', [kind for kind, version in CASES
                                  if version == 'TLSv1.2'])
def test_altered_signature(kind):
    """A bit of the server's signature, which TLS 1.3 would encrypt, is
    another: no connection."""
    connection = both(kind, 'TLSv1.2')
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
