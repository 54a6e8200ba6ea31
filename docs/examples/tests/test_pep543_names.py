"""pep543: what does not depend on a backend, and that nothing shows it."""

import ast
import os
import socket
import ssl
import subprocess
import sys

import pytest

import peers
import pep543
from pep543 import (
    DEFAULT_CIPHER_LIST,
    CipherSuite,
    NextProtocol,
    TLSConfiguration,
    TLSVersion,
    openssl,
)

PACKAGE = os.path.dirname(os.path.abspath(pep543.__file__))
BACKENDS = {'stdlib': 'ssl', 'pyopenssl': 'OpenSSL'}


def test_defaults():
    configuration = TLSConfiguration()
    assert configuration.validate_certificates is True
    assert configuration.ciphers == DEFAULT_CIPHER_LIST
    assert configuration.lowest_supported_version == TLSVersion.TLSv1_2
    assert configuration.highest_supported_version == (
        TLSVersion.MAXIMUM_SUPPORTED)
    assert configuration.inner_protocols == ()
    assert configuration.sni_callback is configuration.trust_store is None


def test_a_value(ends):
    one, two = ends.server(), ends.server()
    assert one == two and hash(one) == hash(two)
    assert one != ends.server('other')
    with pytest.raises(AttributeError):
        one.trust_store = None


def test_update(ends):
    one = ends.server()
    two = one.update(inner_protocols=(b'x',))
    assert two.inner_protocols == (b'x',) and one.inner_protocols == ()
    assert two.update(inner_protocols=()) == one
    with pytest.raises(TypeError):
        one.update(inner_protocol=())


def test_a_password_is_not_shown(ends):
    assert 'secret' not in repr(ends.server(password=b'secret'))


def test_backend(ends):
    backend = ends.client_backend
    assert issubclass(backend.client_context, pep543.ClientContext)
    assert issubclass(backend.server_context, pep543.ServerContext)
    assert issubclass(backend.certificate, pep543.Certificate)
    assert issubclass(backend.private_key, pep543.PrivateKey)
    assert issubclass(backend.trust_store, pep543.TrustStore)
    assert backend.trust_store.system() == backend.trust_store.system()


@pytest.mark.parametrize('kind', [
    pep543.ClientContext, pep543.ServerContext, pep543.TLSWrappedBuffer])
def test_abstract_classes(kind):
    with pytest.raises(TypeError):
        kind(TLSConfiguration())


@pytest.mark.parametrize('call', [
    pep543.Certificate.from_buffer, pep543.Certificate.from_file,
    pep543.PrivateKey.from_buffer, pep543.PrivateKey.from_file,
    pep543.TrustStore.from_pem_file])
def test_a_backend_may_lack_ways_to_load(call):
    with pytest.raises(NotImplementedError):
        call(b'')
    with pytest.raises(NotImplementedError):
        pep543.TrustStore.system()


def test_names():
    assert repr(CipherSuite.TLS_AES_128_GCM_SHA256) == (
        '<CipherSuite.TLS_AES_128_GCM_SHA256>')
    assert repr(NextProtocol.H2) == '<NextProtocol.H2>'
    assert TLSVersion.TLSv1_2 < TLSVersion.TLSv1_3
    assert len(set(DEFAULT_CIPHER_LIST)) == 14
    assert len(CipherSuite.members) == 112
    assert CipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA == 0x002f


@pytest.mark.skipif(not hasattr(ssl.SSLContext, 'get_ciphers'),
                    reason='it needs SSLContext.get_ciphers()')
def test_names_of_cipher_suites():
    """OpenSSL's own, for all that it has."""
    context = ssl.SSLContext(ssl.PROTOCOL_SSLv23)
    try:
        context.set_ciphers('ALL:COMPLEMENTOFALL:@SECLEVEL=0')
    except ssl.SSLError:        # a library without such levels
        context.set_ciphers('ALL:COMPLEMENTOFALL')
    known = [(cipher['id'] & 0xffff, cipher['name'])
             for cipher in context.get_ciphers()]
    found = [(CipherSuite.members[number], name) for number, name in known
             if number in CipherSuite.members]
    assert len(found) > 30
    for suite, name in found:
        assert openssl.suite_name(suite) == name


def test_nothing_of_a_backend_shows_through():
    """Only the backends themselves import what they are over."""
    seen = {}
    for name in sorted(os.listdir(PACKAGE)):
        base, extension = os.path.splitext(name)
        if extension != '.py':
            continue
        with open(os.path.join(PACKAGE, name)) as source:
            tree = ast.parse(source.read())
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(
                node, ast.Import) else [node.module] if isinstance(
                node, ast.ImportFrom) else []
            for each in names:
                if each.split('.')[0] in BACKENDS.values():
                    seen.setdefault(base, set()).add(each)
    assert seen == dict((base, {module})
                        for base, module in BACKENDS.items())
    assert subprocess.check_output([
        sys.executable, '-B', '-c', 'import sys; sys.path.insert(0, {!r})\n'
        'before = set(sys.modules); import pep543\n'
        'print("ssl" in set(sys.modules) - before)'.format(peers.EXAMPLES)
        ]) in (b'False\n', b'False\r\n')
    public = [value for name, value in vars(pep543).items()
              if name in pep543.__all__]
    for value in public:
        assert not issubclass(type(value), type(ssl))
        for base in getattr(value, '__mro__', ()):
            assert base.__module__.split('.')[0] not in ('ssl', '_ssl')
    assert not issubclass(pep543.TLSError, (ssl.SSLError, socket.error))
