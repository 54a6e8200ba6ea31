"""The variables of make, each declared once.

From here come "make help", the checks before any work is done and what the
rest of scripts/ reads; a test holds the Makefile and docs/building.md
against it.
"""

from __future__ import annotations

import json
import os
import re

from scripts.base import paths
from scripts.base.aliases import Environ
from scripts.base.option import (
    Arguments,
    Choice,
    Existing,
    ExistingFolder,
    Flag,
    Folder,
    NewFolder,
    Number,
    Program,
    Programs,
    Text,
    Url,
    Words,
)
from scripts.series import groups


class _Groups(Text):
    """Groups of patches, with those that they need, as a tuple of str."""

    def read(self, environ: Environ = os.environ) -> tuple[str, ...]:
        try:
            return groups.with_needed(groups.parse_groups(self.raw(environ)))
        except groups.SeriesError as error:
            return self.fail(environ, str(error),
                             'write for example PATCHES="compat pep546"')


#: What CONFIGURE_ARGS must not say, as variables do: configure takes the
#: last of several, and what comes after it would look in the wrong place.
#: Each is a pattern for the argument, without what is in front of its name,
#: and the variable to use.
_SAID_ELSEWHERE = (
    # configure knows its own options by their beginnings.
    (r'p|pr|pre|prefi?|prefix|ex|exec?|exec-.*|bindir|libdir',
     'PREFIX=folder'),
    (r'srcdir', 'CPYTHON=source'),
    (r'(enable|disable)-shared', 'SHARED=yes or SHARED=no'),
    (r'without-(pydebug|lto)|disable-optimizations|with-pymalloc|'
     r'(with-(pydebug|lto)|enable-optimizations)=no|without-pymalloc=no',
     'another CONFIG'))


class _ConfigureArguments(Arguments):
    """Arguments of configure, as a tuple of str."""

    def read(self, environ: Environ = os.environ) -> tuple[str, ...]:
        words = super().read(environ)
        for word in words:
            name, equals, value = word.lstrip('-').partition('=')
            name = name.replace('_', '-')
            for pattern, instead in _SAID_ELSEWHERE:
                if re.fullmatch(pattern, name) or \
                        re.fullmatch(pattern, name + equals + value):
                    self.fail(environ, word + ' is what a variable says',
                              'leave it out, and use {}'.format(instead))
        return words


class _Mutants(Text):
    """'all', or how many: an int."""

    def read(self, environ: Environ = os.environ) -> int | str:
        text = self.raw(environ) or self.default
        if text == 'sample':
            return 200
        if text == 'all':
            return text
        if not (text.isascii() and text.isdigit() and int(text)):
            self.fail(environ, 'neither sample, all nor a number from 1 on',
                      'write for example {}=40'.format(self.name))
        return int(text)


def _openssl_versions() -> list[str]:
    pins = json.loads((paths.SCRIPTS / 'pins.json').read_text())
    return [name[len('openssl-'):] for name in pins
            if name.startswith('openssl-')]


def _trees(without_apt: bool) -> tuple[str, ...]:
    trees = json.loads((paths.SCRIPTS / 'source' / 'trees.json').read_text())
    return tuple(name for name, tree in trees.items()
                 if not (without_apt and tree.get('suite')))


def _clients() -> list[str]:
    folder = paths.SCRIPTS / 'dev' / 'clients' / 'definitions'
    return sorted(path.stem for path in folder.glob('*.json'))


def _debian() -> list[str]:
    return list(json.loads((paths.SCRIPTS / 'dev' / 'package' /
                            'debian.json').read_text()))


#: The interpreters that "make overlay-test" has: of releases, and two that
#: are built here.
_OVERLAY_TRIALS = ('ubuntu16.04', 'ubuntu18.04', 'debian11', 'ubuntu20.04',
                   'ubuntu22.04', 'debian11-i386', 'debian11-arm64', 'stock',
                   'stock-ucs2')
_BARE = ('bookworm', 'trixie', 'sid')
_PIN = 'a line in scripts/pins.json adds one'

CONFIG = Choice(
    'CONFIG', '', 'default', choices={
        'default': 'UCS4 and -O3, as distributions have them',
        'optimized': 'with profiling and LTO, as distributions build',
        'debug': 'assertions and reference counts (--with-pydebug)',
        'asan': 'AddressSanitizer and UndefinedBehaviorSanitizer',
        'tsan': 'ThreadSanitizer',
        'fuzz': '_ssl instrumented for libFuzzer (make fuzz uses it)',
        'coverage': '_ssl instrumented for gcov (make coverage uses it)'})
PATCHES = _Groups(
    'PATCHES', 'groups to apply, as "compat pep546"; or none', 'all')
OPENSSL = Folder(
    'OPENSSL', 'prefix of the OpenSSL to build against', "the host's")
CPYTHON = Existing(
    'CPYTHON', 'tarball, checkout or export of CPython 2.7.18', 'the pin')
CONFIGURE_ARGS = _ConfigureArguments(
    'CONFIGURE_ARGS', 'more arguments for configure')
SHARED = Flag('SHARED', 'yes builds libpython2.7.so', 'no')
PREFIX = NewFolder(
    'PREFIX', 'where make install puts it', '/opt/python2.7-memorybio')
DESTDIR = NewFolder('DESTDIR', 'staging folder in front of PREFIX')
BUNDLE_OPENSSL = Flag(
    'BUNDLE_OPENSSL', 'yes adds the OpenSSL in use', 'no', ('tarball',))
PYTHON27 = Program(
    'PYTHON27', 'the Python it is for', '/usr/bin/python2.7',
    ('overlay',), 'name the CPython 2.7 that the overlay is for; Debian 11 '
    'and Ubuntu 20.04 and 22.04\nhave one in the package python2.7')
HASHLIB = Flag(
    'HASHLIB', 'yes puts _hashlib in front too', 'no', ('overlay',))
OVERLAY_TRIALS = Words(
    'OVERLAY_TRIALS', 'some, as "debian11 stock"', 'all', ('overlay-test',),
    choices=_OVERLAY_TRIALS, special=('debian11-arm64',))
CHECK = Flag('CHECK', 'yes fails if a patch changed', 'no', ('refresh',))
JOBS = Number(
    'JOBS', 'compilers at once (bisect: trees)', 'one per CPU',
    unset=lambda: len(os.sched_getaffinity(0)))
DISTFILES = ExistingFolder(
    'DISTFILES', 'folder with the tarballs, looked at first')
CACHE = NewFolder('CACHE', 'where fetched tarballs are kept', 'build/cache')
BOOTSTRAP = Flag(
    'BOOTSTRAP', 'no installs nothing, only says what is missing', 'yes')
OPENSSL_VERSION = Choice(
    'OPENSSL_VERSION', 'one of scripts/pins.json', targets=('openssl',),
    choices=_openssl_versions, more=_PIN)
SUITES = Words(
    'SUITES', 'some, as "Lib_tests examples"', 'all', ('test',),
    choices=('in-tree', 'Lib_tests', 'oracle', 'examples', 'tooling'))
ORACLE = Choice(
    'ORACLE', 'strict fails if Python 3 differs', 'report', ('test',),
    choices=('report', 'strict'))
TESTS = Words(
    'TESTS', 'these modules', '',
    ('test', 'sanitize', 'refleak', 'variations'))
BENCH = Words(
    'BENCH', 'some parts, as "bulk handshakes"', 'all', ('bench',),
    special=('instructions',), choices={
        'bulk': 'messages on one verified connection',
        'handshakes': 'full handshakes, RSA-2048 and ECDSA P-256',
        'bio': 'MemoryBIO alone, also after a backlog',
        'sslsocket': 'SSLSocket, patched against stock 2.7.18',
        'threads': 'two threads with a connection each',
        'fairness': 'turns of a second thread while one writes',
        'memory': 'resident memory of idle pairs, and after a burst',
        'echo': 'an echo server with epoll and MemoryBIO',
        'programs': 'Twisted, trollius, httplib, urllib2, and pyOpenSSL',
        'startup': 'import ssl, patched against stock 2.7.18',
        'pyperformance': "CPython 2.7's own, patched against stock",
        'instructions': 'where the instructions go (valgrind)'})
QUICK = Flag('QUICK', 'yes takes under two minutes', 'no', ('bench',))
PYTHON3S = Programs(
    'PYTHON3S', 'to compare with', 'python3', ('bench', 'review'))
PYTHON27S = Programs(
    'PYTHON27S', 'other 2.7s', 'the built one', ('bench', 'review'))
EVIDENCE = Words(
    'EVIDENCE', 'some, as "test bisect"; or none', 'all', ('evidence',),
    choices=('test', 'bisect', 'coverage', 'matrix', 'clients', 'sanitize',
             'refleak', 'fuzz', 'bench', 'conformance', 'linetests',
             'overlay', 'soak', 'variations', 'mutants'),
    empty=True)
LINETESTS = Flag(
    'LINETESTS', 'yes finds which tests run what', 'no', ('review',))
OPENSSL_VERSIONS = Words(
    'OPENSSL_VERSIONS', 'some, as "host 4.0.2"', 'all', ('matrix',),
    choices=lambda: ['host'] + _openssl_versions(), empty=True, more=_PIN)
MATRIX_EXTRA = Words(
    'MATRIX_EXTRA', 'more sections, or all of them', '', ('matrix',),
    unset='none',
    choices=('faketime', 'gcc', 'clang', 'sid', 'experimental', 'i386',
             'arm64', 's390x', 'musl', 'fips', 'prefix', 'libressl',
             'aws-lc'))
CLIENTS = Words(
    'CLIENTS', 'some, as "trollius spoof"', 'all', ('clients',),
    choices=_clients)
CLIENTS_STOCK = Flag(
    'CLIENTS_STOCK', 'no runs the patched one only', 'yes', ('clients',))
PEP543 = ExistingFolder(
    'PEP543', 'a clone of python-hyper/pep543', '', ('clients',))
SANITIZE = Words(
    'SANITIZE', 'asan, tsan, valgrind', 'all', ('sanitize',),
    choices=('asan', 'tsan', 'valgrind'))
REFLEAK = Words(
    'REFLEAK', 'in-tree, Lib_tests, connections', 'all', ('refleak',),
    choices=('in-tree', 'Lib_tests', 'connections'))
FUZZ = Words(
    'FUZZ', 'bytes, machine', 'all', ('fuzz',), choices=('bytes', 'machine'))
FUZZ_SECONDS = Number(
    'FUZZ_SECONDS', 'how long each of them', '60', ('fuzz',),
    unset=lambda: 60)
FUZZ_INPUT = Existing(
    'FUZZ_INPUT', 'a file to replay, a folder to merge', '', ('fuzz',))
MUTANTS = _Mutants(
    'MUTANTS', '200 as a sample, all, or a number', 'sample',
    ('mutants',))
SOAK_SECONDS = Number(
    'SOAK_SECONDS', 'how long', '120', ('soak',), unset=lambda: 120)
VARIATIONS = Words(
    'VARIATIONS', 'some, as "OO random"', 'all', ('variations',),
    choices=('3', 'OO', 'Qnew', 'tt', 'R', 'C', 'tr_TR', 'random', 'alone',
             'no-multiprocessing', 'no-threads', 'read-only-home',
             'not-root', 'clock-2037', 'busy'))
DEBIAN_MIRROR = Url(
    'DEBIAN_MIRROR', 'where Debian roots are made from', "the host's")
BASE = Existing(
    'BASE', 'a patched tree of 2.7, or its tarball', '',
    ('bases',))
BASES = Words(
    'BASES', 'some of trees.json, as "debian11"', "apt's", ('bases',),
    choices=_trees(without_apt=False), special=_trees(without_apt=True))
PREVIOUS = Existing(
    'PREVIOUS', 'the tarball of an earlier release', '', ('compare',))
RELEASE_KEY = Folder(
    'RELEASE_KEY', 'file with the secret key', '', ('release-key', 'dist'))
BARE = Words(
    'BARE', 'some roots, as "bookworm trixie-user"', 'all', ('bare',),
    choices=[name for suite in _BARE
             for name in (suite, suite + '-root', suite + '-user')])
DEBIAN = Choice(
    'DEBIAN', 'whose package, as ubuntu22.04', 'debian11', ('debian',),
    choices=_debian,
    more='an entry of scripts/dev/package/debian.json adds one')
DEBIAN_FULL = Flag(
    'DEBIAN_FULL', 'yes builds with profiling, LTO', 'no', ('debian',))
RPM = Choice(
    'RPM', 'whose rpm, as ubuntu20.04', 'host', ('rpm',),
    choices=('host', 'ubuntu20.04'))
PYTHON3 = Text(
    'PYTHON3', 'the Python 3 (3.9 or later) to run scripts/', 'python3')

#: By name, in the order in which "make help" lists them.
ALL = {option.name: option for option in list(globals().values())
       if isinstance(option, Text)}


def prefix(environ: Environ = os.environ) -> str:
    """The asked PREFIX or the default one, absolute (str)."""
    return PREFIX.read(environ) or PREFIX.default


def line(option: Text) -> str:
    """What "make help" says about *option* (str)."""
    text = option.help
    if option.targets:
        text = 'for make {}: {}'.format(', '.join(option.targets), text)
    if option is CONFIG:
        text += ' '.join(CONFIG.known())
    return text + (' [{}]'.format(option.default) if option.default else '')
