"""What `make matrix` consists of: the sections and their runs.

A *section* is a set of conditions.  Each is run with every OpenSSL version
that is picked, but for those with versions of their own.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts import options
from scripts.base import console
from scripts.dev.matrix import conditions

HOST = 'host'
#: The library that OPENSSL= names
PREFIX = 'OPENSSL'
#: For the sections that need a build of their own
PINNED = '3.5.7'
CLOCK = '2037-01-01 00:00:00'

#: For faketime: what the issue of expired certificates concerns.  The
#: modules that the series adds are run, too.
CLOCK_MODULES = ('test_ssl', 'test_ftplib', 'test_httplib',
                 'test_urllib2_localnet')


@dataclass(frozen=True)
class Section:
    """name: for MATRIX_EXTRA and file names.  title: for people.  conf: what
    OPENSSL_CONF has about TLS, '' for none.  versions: the versions to run
    it with, () for those that are picked.  full: False leaves the compiler
    and the names of errors out, which do not depend on the conditions."""

    name: str
    title: str
    conf: str = ''
    versions: tuple = ()
    full: bool = False


STANDARD = (
    Section('plain', 'no configuration of OpenSSL', full=True),
    Section('tls12', 'MinProtocol = TLSv1.2, security level 2',
            'MinProtocol = TLSv1.2\nCipherString = DEFAULT:@SECLEVEL=2\n'),
    Section('level1', "security level 1, as in Debian's build",
            'CipherString = DEFAULT:@SECLEVEL=1\n'),
)

EXTRA = (
    Section('faketime', 'the clock at 2037-01-01 (libfaketime)'),
    Section('gcc', 'the newest gcc', versions=(HOST,), full=True),
    Section('clang', 'the newest clang', versions=(HOST,), full=True),
    Section('sid', "Debian's newest: gcc and OpenSSL of sid", versions=(HOST,),
            full=True),
    Section('experimental', "sid with the OpenSSL of Debian's experimental",
            versions=(HOST,), full=True),
    Section('i386', '32 bits: Debian bookworm, i386', versions=(HOST,),
            full=True),
    Section('arm64', 'Debian bookworm, arm64, in qemu-user',
            versions=(HOST,), full=True),
    Section('s390x', 'big-endian: Debian bookworm, s390x, in qemu-user',
            versions=(HOST,), full=True),
    Section('musl', 'musl in place of glibc (musl-gcc)', versions=(PINNED,),
            full=True),
    Section('fips', "OpenSSL's FIPS provider and no default provider",
            versions=(PINNED,)),
    Section('prefix', 'the OpenSSL that OPENSSL= names', versions=(PREFIX,),
            full=True),
    Section('libressl', 'the LibreSSL that OPENSSL= names',
            versions=(PREFIX,), full=True),
    Section('aws-lc', 'the AWS-LC that OPENSSL= names', versions=(PREFIX,),
            full=True),
)

#: What the library says first, where OPENSSL= names it
LIBRARIES = {'prefix': 'OpenSSL', 'libressl': 'LibreSSL', 'aws-lc': 'AWS-LC'}

BY_NAME = {section.name: section for section in STANDARD + EXTRA}


def plan(environ=os.environ):
    """The runs that *environ* asks for: a list of (Section, version)."""
    versions = options.OPENSSL_VERSIONS.read(environ)
    extra = options.MATRIX_EXTRA.read(environ)
    prefix = options.OPENSSL.read(environ)
    if options.MATRIX_EXTRA.raw(environ).strip() == 'all':
        # They exclude each other.
        extra = [name for name in extra if name not in LIBRARIES]
    for name in extra:
        if name in LIBRARIES and not prefix:
            console.fail('MATRIX_EXTRA={}: which one?'.format(name),
                         'name the folder that it was installed to: '
                         'OPENSSL=')
    return [(section, version)
            for section in STANDARD + tuple(BY_NAME[name] for name in extra)
            for version in section.versions or versions]


def openssl_conf(section, folder, prefix=''):
    """Write the OPENSSL_CONF of *section* into *folder* (Path).  Returns the
    variables for it (dict).  prefix: of the OpenSSL that is used."""
    if section.name == 'fips':
        return conditions.fips_conf(prefix, folder / 'fips.cnf')
    if not section.conf:
        return {}
    return conditions.openssl_conf(section.conf,
                                   folder / (section.name + '.cnf'))


def clock_variables():
    """The variables (dict) that set the clock by libfaketime."""
    return conditions.clock_variables(CLOCK, 'MATRIX_EXTRA=faketime')


def newest_compiler(name, path=None):
    """The command of the newest *name* ('gcc' or 'clang') in *path*."""
    pattern = re.compile(r'{}(-[0-9.]+)?'.format(name))
    found = {}
    path = os.environ.get('PATH', '') if path is None else path
    for folder in path.split(os.pathsep):
        for file in sorted(Path(folder or '.').glob(name + '*')):
            if pattern.fullmatch(file.name) and os.access(file, os.X_OK):
                found.setdefault(file.name, file)
    best = None
    for command in sorted(found):
        version = subprocess.run(
            [str(found[command]), '-dumpfullversion' if name == 'gcc'
             else '-dumpversion'], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL).stdout.strip()
        numbers = tuple(int(word) for word in re.findall(r'\d+', version))
        if numbers and (best is None or numbers > best[0]):
            best = numbers, command, version
    if best is None:
        console.fail('MATRIX_EXTRA={0}: there is no {0}'.format(name),
                     'install it: apt-cache search --names-only '
                     "'^{}-[0-9]+$' lists what there is".format(name))
    return best[1], best[2]
