"""The OpenSSL that the wheel has in it: static, and without a path of the
machine that it was built on."""

import os
import shutil

from scripts import options
from scripts.base import console, files, locking
from scripts.build import openssl
from scripts.dev.package import tarball
from scripts.source import fetch, pins, tree

#: The LTS release that is bundled.
VERSION = '3.5.7'

#: Compiled into the library as the place of openssl.cnf.  Not the system's
#: folder: its openssl.cnf belongs to another version of OpenSSL.  Certificates
#: are looked for elsewhere, see package/src/certificates.c.
AREA = '/etc/python2.7-ssl-overlay'

#: Nothing is loaded at run time (no-dso, no-engine, no-module): a provider
#: or engine of the system is made for the system's OpenSSL.  _ssl has no
#: QUIC and no DTLS.
CONFIG_ARGS = (
    'no-shared', 'no-module', 'no-dso', 'no-engine', 'no-apps', 'no-tests',
    'no-docs', 'no-quic', 'no-dgram', '--prefix=' + AREA,
    '--openssldir=' + AREA, '--libdir=lib',
    'CFLAGS=-O3 -fPIC -fvisibility=hidden -ffunction-sections '
    '-fdata-sections')


def ensure(environ=os.environ):
    """Build it once; returns its prefix (Path) with include and lib."""
    prefix = openssl.FOLDER / (VERSION + '-static')
    stamp = openssl.FOLDER / (VERSION + '-static.built')
    pin = pins.get('openssl-' + VERSION)
    seconds = str(tarball.epoch(environ))
    wanted = '\n'.join((pin.sha256, seconds) + CONFIG_ARGS)
    with locking.lock(openssl.FOLDER / (VERSION + '-static.lock')):
        if files.read(stamp) == wanted and prefix.is_dir():
            return prefix
        console.step('Building OpenSSL {} to be bundled'.format(VERSION))
        work = openssl.FOLDER / (VERSION + '-static.work')
        logs = openssl.FOLDER / (VERSION + '-static.logs')
        for folder in (prefix, work, logs):
            shutil.rmtree(folder, ignore_errors=True)
        tree.prepare_tree(work, [], fetch.fetch_pin(pin, environ))
        env = openssl.build_env(environ)
        # Its "built on" is a part of ssl's answers.
        env['SOURCE_DATE_EPOCH'] = seconds
        console.run(('./config',) + CONFIG_ARGS, cwd=work, env=env,
                    log=logs / 'config.log', title='configuring',
                    hint='OpenSSL needs perl to configure itself')
        console.run(['make', '-j{}'.format(options.JOBS.read(environ)),
                     'build_libs'], cwd=work, env=env,
                    log=logs / 'make.log', title='compiling')
        _take(work, prefix)
        shutil.rmtree(work)
        tree.series_file(work).unlink()
        files.write(stamp, wanted)
    return prefix


def _take(work, prefix):
    """Copy headers, libraries and the licence from *work* to *prefix*."""
    shutil.copytree(work / 'include' / 'openssl',
                    prefix / 'include' / 'openssl',
                    ignore=shutil.ignore_patterns('*.in'))
    (prefix / 'lib').mkdir()
    for name in ('libssl.a', 'libcrypto.a'):
        shutil.copy(work / name, prefix / 'lib')
    shutil.copy(work / 'LICENSE.txt', prefix)
