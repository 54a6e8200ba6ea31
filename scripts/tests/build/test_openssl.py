"""make openssl: a pinned OpenSSL, built once."""

import json
import tarfile

from scripts import options
from scripts.base import files
from scripts.build import openssl, sslprefix
from scripts.tests import minicheckout

NEW = '''\
# define OPENSSL_VERSION_MAJOR 3
# define OPENSSL_VERSION_MINOR 5
# define OPENSSL_VERSION_PATCH 7
# define OPENSSL_VERSION_TEXT "OpenSSL 3.5.7 " "9 Jun 2026"
# define OPENSSL_VERSION_NUMBER \\
    ((OPENSSL_VERSION_MAJOR << 28) | (OPENSSL_VERSION_MINOR << 20) \\
     | (OPENSSL_VERSION_PATCH << 4))
'''


def test_openssl_versions(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    assert '3.5.7' in options.OPENSSL_VERSION.known()
    status, output = checkout.run('openssl')
    assert status == 1 and 'use one of: 1.1.1w, 3.5.7' in output
    status, output = checkout.run('openssl', OPENSSL_VERSION='0.9.8')
    assert status == 1
    assert 'OPENSSL_VERSION=0.9.8: there is no such one' in output


def test_openssl_config():
    assert openssl.config_args('1.1.1w', '/p') == [
        'shared', 'no-tests', '--prefix=/p', '--openssldir=/p/ssl',
        '--libdir=lib']
    assert 'no-docs' in openssl.config_args('3.5.7', '/p')
    assert 'no-docs' in openssl.config_args('4.0.2', '/p')
    args = openssl.config_args('3.5.7', '/p', openssl.FIPS)
    assert args[-1] == 'enable-fips'
    assert args[:-1] == openssl.config_args('3.5.7', '/p')


OPENSSL_CONFIG = '''\
#!/bin/sh
for word; do
    case $word in --prefix=*) prefix=${word#--prefix=} ;; esac
done
cat >Makefile <<END
all:
install_sw:
\tmkdir -p $prefix/include/openssl $prefix/lib
\tcp opensslv.h $prefix/include/openssl
\ttouch $prefix/lib/libssl.so.3
\techo once >>$prefix/../installed
install_ssldirs:
\tmkdir $prefix/ssl
END
'''


def pin_openssl(checkout, folder, header):
    """Pin a small "OpenSSL 3.5.7" that *checkout* finds in *folder*."""
    source = minicheckout.write(folder / 'openssl-3.5.7', {
        'config': OPENSSL_CONFIG, 'opensslv.h': header})
    (source / 'config').chmod(0o755)
    tarball = folder / 'openssl-3.5.7.tar.gz'
    with tarfile.open(tarball, 'w:gz') as archive:
        archive.add(source, 'openssl-3.5.7')
    path = checkout.root / 'scripts' / 'pins.json'
    table = json.loads(path.read_text())
    table['openssl-3.5.7'].update(size=tarball.stat().st_size,
                                  sha256=files.sha256_of(tarball))
    path.write_text(json.dumps(table))


def test_openssl_is_built_once(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    pin_openssl(checkout, tmp_path, NEW)
    variables = dict(OPENSSL_VERSION='3.5.7', DISTFILES=str(tmp_path))
    status, output = checkout.run('openssl', **variables)
    assert status == 0, output
    assert 'make OPENSSL=build/openssl/3.5.7' in output
    folder = checkout.root / 'build' / 'openssl'
    assert sslprefix.inspect(str(folder / '3.5.7')).number == 0x30500070
    assert not (folder / '3.5.7.work').exists()
    status, output = checkout.run('openssl', **variables)
    assert status == 0 and 'nothing to build' in output
    assert (folder / 'installed').read_text() == 'once\n'


def test_openssl_that_is_another_one(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    pin_openssl(checkout, tmp_path, NEW.replace('3.5.7', '3.5.8'))
    status, output = checkout.run('openssl', OPENSSL_VERSION='3.5.7',
                                  DISTFILES=str(tmp_path))
    assert status == 1 and 'is OpenSSL 3.5.8' in output
