"""pyopenssl_names, without Twisted: two Connections in memory, or one and an
SSLObject of the standard library."""

import glob
import os
import re
import ssl
import stat
import subprocess
import sys
import tempfile

import pytest

import peers
from pyopenssl_names import SSL, crypto, identity
from pyopenssl_names.asn1 import items

PEM, DER = crypto.FILETYPE_PEM, crypto.FILETYPE_ASN1
# Everything in pyOpenSSL 19.0.0.
CONTEXT = '''load_verify_locations set_passwd_cb set_default_verify_paths
use_certificate_chain_file use_certificate_file use_certificate
add_extra_chain_cert use_privatekey_file use_privatekey check_privatekey
load_client_ca set_session_id set_session_cache_mode get_session_cache_mode
set_verify set_verify_depth get_verify_mode get_verify_depth load_tmp_dh
set_tmp_ecdh set_cipher_list set_client_ca_list add_client_ca set_timeout
get_timeout set_info_callback get_app_data set_app_data get_cert_store
set_options set_mode set_tlsext_servername_callback set_tlsext_use_srtp
set_npn_advertise_callback set_npn_select_callback set_alpn_protos
set_alpn_select_callback set_ocsp_server_callback set_ocsp_client_callback
'''.split()
CONNECTION = '''get_context set_context get_servername set_tlsext_host_name
pending send sendall recv recv_into bio_read bio_write renegotiate
do_handshake renegotiate_pending total_renegotiations connect connect_ex
accept bio_shutdown shutdown get_cipher_list get_client_ca_list makefile
get_app_data set_app_data get_shutdown set_shutdown get_state_string
server_random client_random master_key export_keying_material sock_shutdown
get_certificate get_peer_certificate get_peer_cert_chain want_read want_write
set_accept_state set_connect_state get_session set_session get_finished
get_peer_finished get_cipher_name get_cipher_bits get_cipher_version
get_protocol_version_name get_protocol_version get_next_proto_negotiated
set_alpn_protos get_alpn_proto_negotiated request_ocsp'''.split()
CRYPTO = '''X509Req X509Extension Revoked NetscapeSPKI PKCS7 PKCS12
X509StoreContext dump_certificate_request dump_crl load_certificate_request
load_pkcs12 load_pkcs7_data load_publickey sign verify PKey X509 CRL X509Store
'''.split()


def read(name):
    with open(peers.cert(name), 'rb') as source:
        return source.read()


def server_context(name='server'):
    context = SSL.Context(SSL.SSLv23_METHOD)
    context.use_certificate_chain_file(peers.cert(name))
    context.use_privatekey_file(peers.cert(name))
    return context


def client_context(ca='ca'):
    context = SSL.Context(SSL.SSLv23_METHOD)
    context.load_verify_locations(peers.cert(ca))
    context.set_verify(SSL.VERIFY_PEER, None)
    return context


def connection(context, server=False, name='localhost'):
    made = SSL.Connection(context, None)
    if server:
        made.set_accept_state()
    else:
        made.set_connect_state()
        made.set_tlsext_host_name(name)
    return made


def pump(*ends):
    """Move bytes until there are none."""
    moved = True
    while moved:
        moved = False
        for source, target in (ends, ends[::-1]):
            try:
                target.bio_write(source.bio_read(1 << 16))
                moved = True
            except SSL.WantReadError:
                pass


def shake(*ends):
    """Handshakes; [None or the error] of each end."""
    errors = [None, None]
    for _ in range(6):
        for number, end in enumerate(ends):
            try:
                if not errors[number]:
                    end.do_handshake()
            except SSL.WantReadError:
                pass
            except Exception as error:
                errors[number] = error
            pump(*ends)
    return errors


@pytest.fixture
def pair():
    ends = connection(client_context()), connection(server_context(), True)
    assert shake(*ends) == [None, None]
    return ends


def words(error):
    return [reason for _, _, reason in error.args[0]]


# install()

def run(code):
    process = subprocess.Popen(
        [sys.executable, '-B', '-c', 'import sys; sys.path.insert(0, {!r})\n'
         .format(peers.EXAMPLES) + code], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    output = process.communicate()[0]
    assert process.returncode == 0, output
    return output


def test_install():
    assert run('''
import pyopenssl_names
pyopenssl_names.install()
pyopenssl_names.install()
import OpenSSL, service_identity.pyopenssl
from OpenSSL import SSL
from OpenSSL.crypto import X509Req, load_certificate
from OpenSSL._util import lib
try:
    import OpenSSL.rand
except ImportError:
    pass
assert SSL is pyopenssl_names.SSL is OpenSSL.SSL
try:
    X509Req()
except NotImplementedError as error:
    print(error)
''').startswith('X509Req(): ')


def test_install_comes_too_late():
    assert 'earlier' in run('''
import types
sys.modules['OpenSSL'] = types.ModuleType('OpenSSL')
import pyopenssl_names
try:
    pyopenssl_names.install()
except RuntimeError as error:
    print(error)
assert 'OpenSSL.SSL' not in sys.modules
''')


def test_it_is_short():
    """That which takes the place of OpenSSL.SSL; OpenSSL.crypto and
    service_identity are in the other files."""
    count = 0
    for name in ('__init__', 'SSL', 'missing'):
        with open(os.path.join(peers.EXAMPLES, 'pyopenssl_names',
                               name + '.py')) as source:
            count += len(source.readlines())
    assert count < 500


def test_install_needs_memory_bios():
    assert 'patched' in run('''
import pyopenssl_names, ssl
del ssl.MemoryBIO
try:
    pyopenssl_names.install()
except ImportError as error:
    print(error)
''')


@pytest.mark.parametrize('made, names, kind', [
    (SSL.Context(SSL.SSLv23_METHOD), CONTEXT, SSL.Context),
    (SSL.Connection(SSL.Context(SSL.SSLv23_METHOD)), CONNECTION,
     SSL.Connection)], ids=['Context', 'Connection'])
def test_all_names(made, names, kind):
    """Each is there and documented, or raises NotImplementedError."""
    for name in names:
        if hasattr(made, name):
            assert name in SSL.__doc__, name
        else:
            with pytest.raises(NotImplementedError) as info:
                getattr(made, name)
            assert '; ' in str(info.value)
            assert getattr(made, name, 'default') == 'default'
    public = [name for name in vars(kind) if not name.startswith('_')]
    assert set(public) - set(names) == {'HINT'}


@pytest.mark.parametrize('name', CRYPTO)
def test_nothing_is_made(name):
    with pytest.raises(NotImplementedError) as info:
        getattr(crypto, name)()
    assert '; ' in str(info.value)


# Data.

def test_data_both_ways(pair):
    client, server = pair
    data = os.urandom(100000)
    for sender, receiver in (pair, pair[::-1]):
        assert sender.send(data) == len(data)
        pump(*pair)
        received = b''
        while len(received) < len(data):
            received += receiver.recv(1000)
        assert received == data
        with pytest.raises(SSL.WantReadError):
            receiver.recv(1)
    with pytest.raises(TypeError):
        client.send(u'text')
    assert client.send(b'') == 0
    assert client.get_protocol_version_name().startswith('TLSv1.')
    assert client.get_cipher_name() == server.get_cipher_name() != ''
    assert client.get_cipher_bits() in (128, 256)


def test_before_the_handshake():
    client = connection(client_context())
    assert client.get_peer_certificate() is None
    assert client.get_cipher_name() is client.get_cipher_bits() is None
    assert client.get_alpn_proto_negotiated() == b''
    assert client.get_protocol_version_name() == 'Unknown'
    for call in (lambda: client.recv(1), lambda: client.send(b'x')):
        with pytest.raises(SSL.WantReadError):
            call()
    with pytest.raises(SSL.Error) as info:
        SSL.Connection(client_context(), None).do_handshake()
    assert words(info.value) == ['connection type not set']
    with pytest.raises(NotImplementedError):
        client.set_tlsext_host_name('late')
    with pytest.raises(SSL.Error):
        client.shutdown()


def test_shutdown(pair):
    client, server = pair
    assert client.shutdown() is False
    assert client.get_shutdown() == SSL.SENT_SHUTDOWN
    pump(*pair)
    for _ in range(2):
        with pytest.raises(SSL.ZeroReturnError):
            server.recv(1)
    assert server.get_shutdown() == SSL.RECEIVED_SHUTDOWN
    assert server.shutdown() is True
    pump(*pair)
    assert client.shutdown() is True
    with pytest.raises(SSL.Error) as info:
        client.send(b'x')
    assert info.value.args[0] == [
        ('SSL routines', 'SSL_write', 'protocol is shutdown')]


@pytest.mark.parametrize('closes', [False, True])
def test_shutdown_loses_nothing(pair, closes):
    """What came before is still read, and in order; also with what the peer
    sent before it knew."""
    client, server = pair
    for data in (b'one', b'two'):
        server.send(data)
        pump(*pair)
    server.send(b'three')
    if closes:
        server.shutdown()
    assert client.shutdown() is False
    assert client.pending() == 6
    pump(*pair)
    assert client.shutdown() is closes
    assert client.recv(4) == b'onet'
    assert client.recv(100) == b'wothree'
    with pytest.raises(SSL.ZeroReturnError if closes else SSL.WantReadError):
        client.recv(1)


def test_an_end_without_close_notify(pair):
    client, server = pair
    server.send(b'last')
    pump(*pair)
    client.bio_shutdown()
    assert client.recv(10) == b'last'
    with pytest.raises(SSL.SysCallError) as info:
        client.recv(10)
    # Twisted looks for these words.
    assert info.value.args == (-1, 'Unexpected EOF')


def test_a_damaged_record(pair):
    client, server = pair
    server.send(b'data')
    damaged = bytearray(server.bio_read(1000))
    damaged[-1] ^= 1
    client.bio_write(bytes(damaged))
    with pytest.raises(SSL.Error) as info:
        client.recv(10)
    assert words(info.value) == [
        'decryption failed or bad record mac']
    with pytest.raises(SSL.Error):
        client.recv(10)


# Callbacks.

def test_info_callback():
    context, seen = client_context(), []
    context.set_info_callback(lambda *args: seen.append(args))
    ends = connection(context), connection(server_context(), True)
    assert shake(*ends) == [None, None]
    ends[0].do_handshake()
    assert seen == [(ends[0], SSL.SSL_CB_HANDSHAKE_START, 1),
                    (ends[0], SSL.SSL_CB_HANDSHAKE_DONE, 1)]


def test_nothing_passes_a_failing_info_callback():
    """Neither by doing it again nor by not doing the handshake at all."""
    context = client_context()

    def refuse(connection, where, result):
        if where == SSL.SSL_CB_HANDSHAKE_DONE:
            assert connection.get_peer_certificate() is not None
            raise ZeroDivisionError

    context.set_info_callback(refuse)
    ends = connection(context), connection(server_context(), True)
    assert [type(error) for error in shake(*ends)] == [
        ZeroDivisionError, type(None)]
    ends[1].send(b'secret')
    pump(*ends)
    for call in (ends[0].do_handshake, lambda: ends[0].recv(10),
                 lambda: ends[0].send(b'x')):
        with pytest.raises(ZeroDivisionError):
            call()
    with pytest.raises(SSL.WantReadError):
        ends[1].recv(10)


@pytest.mark.parametrize('callback', [
    lambda conn, cert, number, depth, ok: True,
    lambda conn, cert, number, depth, ok: False,
    lambda conn, cert, number, depth, ok: ok and depth < 2,
    lambda conn, cert, number, ok, depth: ok,
    lambda *args: args[-1], lambda conn, cert, number, depth, *ok: ok,
    lambda ok: ok, bool], ids=str)
def test_a_verify_callback_is_refused(callback):
    with pytest.raises(NotImplementedError) as info:
        client_context().set_verify(SSL.VERIFY_PEER, callback)
    assert 'SSL_CB_HANDSHAKE_DONE' in str(info.value)


def test_verify_modes():
    context = SSL.Context(SSL.SSLv23_METHOD)
    tls = context._context
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_NONE, False)

    def as_twisted(conn, cert, errno, depth, preverify_ok):
        return preverify_ok

    for mode, expected in (
            (SSL.VERIFY_PEER, ssl.CERT_OPTIONAL),
            (SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT |
             SSL.VERIFY_CLIENT_ONCE, ssl.CERT_REQUIRED),
            (SSL.VERIFY_NONE, ssl.CERT_NONE)):
        context.set_verify(mode, as_twisted)
        assert tls.verify_mode == expected


def test_verify_depth():
    context = client_context()
    context.set_verify_depth(SSL.DEPTH)
    with pytest.raises(NotImplementedError):
        context.set_verify_depth(SSL.DEPTH - 1)


def test_it_verifies():
    ends = connection(client_context('wrongca')), \
        connection(server_context(), True)
    errors = shake(*ends)
    assert words(errors[0]) == ['certificate verify failed']
    assert 'unknown ca' in words(errors[1])[0]


def test_without_the_crl():
    context = client_context()
    context.get_cert_store().set_flags(crypto.X509StoreFlags.CRL_CHECK)
    errors = shake(connection(context), connection(server_context(), True))
    assert words(errors[0]) == ['certificate verify failed']


@pytest.mark.parametrize('ours, select, fits', [
    (['h2', 'http/1.1'], lambda c, theirs: 'h2' if 'h2' in theirs else
     'http/1.1' if 'http/1.1' in theirs else '', True),
    (['h2', 'http/1.1'], lambda c, theirs: 'http/1.1' if 'http/1.1' in theirs
     else 'h2' if 'h2' in theirs else '', False),
    (['h2'], lambda c, theirs: theirs[0], False),
    ([], lambda c, theirs: '', False)])
def test_alpn_callback(ours, select, fits):
    context, client = server_context(), client_context()
    context.set_alpn_select_callback(select)
    if ours:
        context.set_alpn_protos(ours)
    client.set_alpn_protos(['http/1.1', 'h2'])
    ends = connection(client), connection(context, True)
    errors = shake(*ends)
    assert isinstance(errors[1], NotImplementedError) is not fits
    if fits:
        assert [end.get_alpn_proto_negotiated() for end in ends] == \
            [b'h2', b'h2']


def test_server_name():
    first, second, seen = server_context(), server_context('other'), []

    def received(connection):
        seen.append(connection.get_servername())
        connection.set_context(second)

    first.set_tlsext_servername_callback(received)
    ends = connection(client_context(), name='xn--h-bga.example'), \
        connection(first, True)
    assert shake(*ends) == [None, None]
    assert seen == [b'xn--h-bga.example']
    assert ends[1].get_context() is second
    assert crypto.dump_certificate(PEM, ends[0].get_peer_certificate()) in \
        read('other')


@pytest.mark.parametrize('which', [0, 1])
def test_server_name_and_verification(which):
    """The first context's settings would be in force."""
    contexts = server_context(), server_context('other')
    contexts[which].set_verify(SSL.VERIFY_PEER, None)
    contexts[0].set_tlsext_servername_callback(
        lambda connection: connection.set_context(contexts[1]))
    errors = shake(connection(client_context()),
                   connection(contexts[0], True))
    assert all(isinstance(error, SSL.Error) for error in errors)


# Certificates and keys.

def test_certificate():
    cert = crypto.load_certificate(PEM, read('server'))
    data = crypto.dump_certificate(DER, cert)
    assert data == ssl.PEM_cert_to_DER_cert(
        crypto.dump_certificate(PEM, cert))
    text = subprocess.check_output([
        'openssl', 'x509', '-in', peers.cert('server'), '-noout', '-serial',
        '-fingerprint', '-sha256', '-subject', '-issuer', '-nameopt',
        'sep_multiline,utf8']).decode('utf-8')
    number, = re.findall('serial=(.*)', text)
    assert cert.get_serial_number() == int(number, 16)
    assert cert.digest('sha256') in text
    for name in (cert.get_subject(), cert.get_issuer()):
        assert 'CN=' + name.CN in text and name.commonName == name.CN
        assert name.emailAddress is None
        with pytest.raises(NotImplementedError):
            name.CN = 'other'
    with pytest.raises(NotImplementedError):
        cert.get_extension(0)


@pytest.mark.parametrize('name', ['server', 'ecdsa'])
@pytest.mark.parametrize('form', ['pkcs8', 'pkcs8 -topk8 -nocrypt',
                                  'pkey -traditional'])
def test_public_keys(name, form):
    """That of the certificate is that of the private key in any form."""
    if form == 'pkcs8':
        data = read(name)
    else:
        data = subprocess.check_output(
            ['openssl'] + form.split() + ['-in', peers.cert(name)])
    key = crypto.load_privatekey(PEM, data)
    cert = crypto.load_certificate(PEM, read(name))
    expected = subprocess.check_output([
        'openssl', 'pkey', '-pubout', '-in', peers.cert(name)])
    for found in (key, cert.get_pubkey()):
        assert crypto.dump_publickey(PEM, found) == expected
        assert found.type() == (crypto.TYPE_EC if name == 'ecdsa' else
                                crypto.TYPE_RSA)
    again = crypto.load_privatekey(DER, crypto.dump_privatekey(DER, key))
    assert crypto.dump_privatekey(PEM, again) == \
        crypto.dump_privatekey(PEM, key)
    with pytest.raises(TypeError):
        crypto.dump_privatekey(PEM, cert.get_pubkey())


@pytest.mark.parametrize('form', ['pkey -aes128', 'rsa -traditional -aes128'])
def test_encrypted_keys_are_refused(form):
    data = subprocess.check_output(
        ['openssl'] + form.split() + ['-passout', 'pass:secret', '-in',
                                      peers.cert('server')])
    with pytest.raises(NotImplementedError) as info:
        crypto.load_privatekey(PEM, data, 'secret')
    assert 'openssl pkey' in str(info.value)


def test_malformed_data():
    """crypto.Error, wherever it is cut or changed."""
    data = crypto.dump_certificate(DER, crypto.load_certificate(
        PEM, read('server')))
    for size in range(len(data)):
        with pytest.raises(crypto.Error):
            crypto.load_certificate(DER, data[:size])
    key = crypto.dump_privatekey(DER, crypto.load_privatekey(
        PEM, read('server')))
    for size in range(len(key)):
        with pytest.raises(crypto.Error):
            crypto.load_privatekey(DER, key[:size])
    for text in (b'', b'nothing', read('server')[:-1000].replace(
            b'CERTIFICATE', b'OTHER'), u'\xe9'):
        with pytest.raises(crypto.Error):
            crypto.load_certificate(PEM, text)
    for start in range(0, len(data), 3):
        damaged = data[:start] + chr(ord(data[start]) ^ 0x81) + \
            data[start + 1:]
        try:
            cert = crypto.load_certificate(DER, damaged)
            cert.get_serial_number()
            str(cert.get_subject().CN)
        except (crypto.Error, ValueError, IndexError):
            pass


def test_key_and_certificate_belong_together(tmpdir):
    context = SSL.Context(SSL.SSLv23_METHOD)
    with pytest.raises(SSL.Error):
        context.check_privatekey()
    context.use_certificate_file(peers.cert('server'))
    with pytest.raises(SSL.Error) as info:
        context.use_privatekey_file(peers.cert('other'))
    assert words(info.value) == ['key values mismatch']
    for method in (context.use_certificate_file,
                   context.use_privatekey_file,
                   context.use_certificate_chain_file):
        for path in (tmpdir.join('none'), tmpdir.join('empty').ensure()):
            with pytest.raises(SSL.Error):
                method(str(path))


def test_chain(tmpdir):
    """The file's other certificates are sent, too, once."""
    chain = tmpdir.join('chain.pem')
    chain.write(read('server') + read('ca') + read('wrongca'))
    context = SSL.Context(SSL.SSLv23_METHOD)
    for _ in range(2):
        context.use_certificate_chain_file(str(chain))
    context.use_privatekey_file(peers.cert('server'))
    context.set_options(SSL.OP_NO_TLSv1_3)      # in which they are encrypted
    ends = connection(client_context()), connection(context, True)
    for end in (ends[0], ends[1]):
        with pytest.raises(SSL.WantReadError):
            end.do_handshake()
        if end is ends[0]:
            ends[1].bio_write(end.bio_read(1 << 16))
    sent = ends[1].bio_read(1 << 16)
    for name in ('server', 'ca', 'wrongca'):
        assert sent.count(crypto.dump_certificate(
            DER, crypto.load_certificate(PEM, read(name)))) == 1


def test_trust_one_certificate():
    for name, good in (('ca', True), ('wrongca', False)):
        context = SSL.Context(SSL.SSLv23_METHOD)
        context.set_verify(SSL.VERIFY_PEER, None)
        context.get_cert_store().add_cert(crypto.load_certificate(
            PEM, read(name)))
        errors = shake(connection(context),
                       connection(server_context(), True))
        assert (errors == [None, None]) is good


def test_the_key_is_kept_from_others(tmpdir, monkeypatch):
    """In a file of its own, for as long as OpenSSL reads it."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmpdir))
    seen = []
    real = ssl.SSLContext.load_cert_chain

    class Context(ssl.SSLContext):
        def load_cert_chain(self, path):
            seen.append((os.path.dirname(path),
                         stat.S_IMODE(os.stat(path).st_mode)))
            return real(self, path)

    monkeypatch.setattr(ssl, 'SSLContext', Context)
    server_context()
    assert set(seen) == {(str(tmpdir), 0o600)}
    context = SSL.Context(SSL.SSLv23_METHOD)
    context.use_certificate_file(peers.cert('server'))
    with pytest.raises(SSL.Error):
        context.use_privatekey_file(peers.cert('other'))
    assert glob.glob(str(tmpdir.join('*'))) == []


# Options.

def test_versions():
    client = client_context()
    client.set_options(SSL.OP_NO_TLSv1_3)
    server = SSL.Context(SSL.SSLv23_METHOD)
    server.set_options(SSL.OP_NO_TLSv1 | SSL.OP_NO_TLSv1_1 |
                       SSL.OP_NO_TLSv1_2)
    server.use_certificate_file(peers.cert('server'))
    server.use_privatekey_file(peers.cert('server'))
    errors = shake(connection(client), connection(server, True))
    assert words(errors[1]) == ['unsupported protocol']
    assert 'protocol version' in words(errors[0])[0]
    with pytest.raises(ValueError):
        SSL.Context(SSL.SSLv3_METHOD)


def test_modes():
    context = client_context()
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    with pytest.raises(NotImplementedError):
        context.set_mode(1)


def test_ciphers():
    context = client_context()
    for wrong in (b'rubbish', b'TLS_AES_128_GCM_SHA256'):
        with pytest.raises(SSL.Error) as info:
            context.set_cipher_list(wrong)
        assert words(info.value) == ['no cipher match']
    wanted = ['ECDHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-GCM-SHA256']
    context.set_cipher_list(':'.join(wanted))
    options = context._context.options
    found = connection(context).get_cipher_list()
    assert [name for name in found if not name.startswith('TLS_')] == wanted
    assert (u'TLS_AES_128_GCM_SHA256' in found) == ssl.HAS_TLSv1_3
    assert context._context.options == options


# Names of hosts; more are in scripts' test_refused_peers.py.

class Peer(object):
    def __init__(self, *names, **subject):
        self.cert = {'subjectAltName': names, 'subject': tuple(
            ((key, value),) for key, value in subject.items())}

    def _verified_certificate(self):
        return self.cert


GOOD = [
    (u'a.example', ('DNS', 'a.example')), (u'A.example', ('DNS', 'a.EXAMPLE')),
    (u'a.b.example', ('DNS', '*.b.example'))]
BAD = [
    (u'a.example', ('DNS', 'b.example')), (u'a.example', ('DNS', '*.example')),
    (u'example', ('DNS', '*')), (u'a.b.example', ('DNS', 'a.*.example')),
    (u'a.b.example', ('DNS', '*.*.example')),
    (u'ab.b.example', ('DNS', 'a*.b.example')),
    (u'xn--a.b.example', ('DNS', '*.b.example')),
    (u'a.b.example', ('IP Address', 'a.b.example')),
    (u'a.b.example', ('DNS', 'a.b.example\0.evil')),
    (u'b.example', ('DNS', '.b.example')), (u'b.example.', ('DNS', '*.')),
    (u'.b.example', ('DNS', '*.b.example')), (u'a.b', ('DNS', ''))]


@pytest.mark.parametrize('host, name', GOOD)
def test_good_names(host, name):
    identity.verify_hostname(Peer(('DNS', 'x.example'), name), host)


@pytest.mark.parametrize('host, name', BAD)
def test_bad_names(host, name):
    with pytest.raises((identity.VerificationError, ValueError)):
        identity.verify_hostname(Peer(name, commonName=host), host)


def test_common_name():
    identity.verify_hostname(Peer(commonName='a.example'), u'a.example')
    for kind in ('DNS', 'IP Address', 'URI', 'othername'):
        with pytest.raises(identity.VerificationError):
            identity.verify_hostname(
                Peer((kind, 'x'), commonName='a.example'), u'a.example')
    identity.verify_hostname(
        Peer(('email', 'x'), commonName='a.example'), u'a.example')


def test_addresses():
    for host, name in ((u'127.0.0.1', '127.0.0.1'),
                       (u'::1', '0:0:0:0:0:0:0:1\n')):
        identity.verify_ip_address(Peer(('IP Address', name)), host)
    for host, name in ((u'127.0.0.1', ('IP Address', '127.0.0.2')),
                       (u'127.0.0.1', ('DNS', '127.0.0.1')),
                       (u'other', ('IP Address', 'other'))):
        with pytest.raises(identity.VerificationError):
            identity.verify_ip_address(Peer(name, commonName=host), host)
    with pytest.raises(ValueError):
        identity.verify_hostname(Peer(('DNS', '127.0.0.1')), u'127.0.0.1')


def test_who_was_not_verified_is_nobody():
    context = SSL.Context(SSL.SSLv23_METHOD)
    ends = connection(context), connection(server_context(), True)
    for _ in range(2):
        with pytest.raises(identity.VerificationError):
            identity.verify_hostname(ends[0], u'localhost')
        shake(*ends)
    assert ends[0].get_peer_certificate() is not None


def test_a_length_that_lies():
    for data in (b'\x30\x84\xff\xff\xff\xff', b'\x30\x80', b'\x30\xff',
                 b'\x30'):
        with pytest.raises((ValueError, IndexError)):
            items(data)
