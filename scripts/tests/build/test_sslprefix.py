"""sslprefix: which OpenSSL is asked for, and if it can be used."""

import pytest

from scripts.build import sslprefix
from scripts.tests import minicheckout
from scripts.tests.failing import failing


@pytest.fixture
def prefix(tmp_path):
    """A function that makes an OpenSSL prefix out of a header's text."""
    def make(header, library='lib/libssl.so.3'):
        minicheckout.write(tmp_path / 'p', {
            'include/openssl/opensslv.h': header, library: ''})
        return str(tmp_path / 'p')
    return make


OLD = ('# define OPENSSL_VERSION_NUMBER  {}L\n'
       '# define OPENSSL_VERSION_TEXT    "OpenSSL {}"\n')
NEW = '''\
# define OPENSSL_VERSION_MAJOR 3
# define OPENSSL_VERSION_MINOR 5
# define OPENSSL_VERSION_PATCH 7
# define OPENSSL_VERSION_TEXT "OpenSSL 3.5.7 " "9 Jun 2026"
# define OPENSSL_VERSION_NUMBER \\
    ((OPENSSL_VERSION_MAJOR << 28) | (OPENSSL_VERSION_MINOR << 20) \\
     | (OPENSSL_VERSION_PATCH << 4))
'''


def test_new_openssl(prefix):
    found = sslprefix.inspect(prefix(NEW))
    assert found.number == 0x30500070
    assert found.text == 'OpenSSL 3.5.7 9 Jun 2026'
    assert found.libdir.endswith('/p/lib')
    assert found.configure_args == [
        'CPPFLAGS=-I{}/include'.format(found.prefix),
        'LDFLAGS=-L{0}/lib -Wl,-rpath,{0}/lib'.format(found.prefix)]


@pytest.mark.parametrize('number, text, expected', [
    ('0x20000000', 'LibreSSL 4.3.2', 'LibreSSL 4.3.2'),
    ('0x1010107f', 'OpenSSL 1.1.1 (compatible; AWS-LC 5.5.0)',
     'AWS-LC 5.5.0')])
def test_other_libraries(prefix, number, text, expected):
    header = OLD.format(number, '').replace('OpenSSL ', text)
    found = sslprefix.inspect(prefix(header))
    assert (found.text, found.number) == (expected, int(number, 16))


@pytest.mark.parametrize('library, folder', [
    ('lib64/libssl.so', 'lib64'), ('lib/libssl.a', 'lib')])
def test_place_of_the_library(prefix, library, folder):
    found = sslprefix.inspect(prefix(OLD.format('0x1010117f', '1.1.1w'),
                                     library))
    assert found.libdir.endswith('/p/' + folder)
    assert found.number == 0x1010117f


def test_host_openssl():
    found = sslprefix.inspect()
    assert found.text.startswith('OpenSSL ')
    assert found.configure_args == []
    assert found.number >= sslprefix.OLDEST


def test_openssl_is_too_old(prefix, capsys):
    path = prefix(OLD.format('0x1000115f', '1.0.1u'))
    text = failing(lambda: sslprefix.inspect(path), capsys)
    assert 'OPENSSL={}: OpenSSL 1.0.1u is too old'.format(path) in text
    assert 'the oldest that can be used is 1.0.2' in text


def test_oldest_openssl(prefix):
    assert sslprefix.inspect(prefix(OLD.format('0x1000200fL'[:-1], '1.0.2')))


def test_no_openssl(prefix, tmp_path, capsys):
    text = failing(lambda: sslprefix.inspect(str(tmp_path / 'no')), capsys)
    assert 'no include/openssl/opensslv.h' in text
    path = prefix(NEW, 'lib/libcrypto.so')
    assert 'no libssl' in failing(lambda: sslprefix.inspect(path), capsys)


def test_unreadable_header(prefix, capsys):
    path = prefix('#error broken on purpose\n')
    text = failing(lambda: sslprefix.inspect(path), capsys)
    assert 'broken on purpose' in text


def test_no_compiler(capsys):
    text = failing(lambda: sslprefix.inspect(environ={'CC': 'no-such-cc'}),
                   capsys)
    assert 'cannot run the C compiler no-such-cc' in text
