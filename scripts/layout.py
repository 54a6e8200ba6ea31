"""Where things are, and what one build is made of.

A *variant* is one combination of options.  Each has its own folder under
``build/``, so that switching between them never rebuilds the other one.
"""

import hashlib
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import console
import series

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / 'build'
PATCHES_DIR = ROOT / 'patches'
SERIES_FILE = ROOT / 'series'

#: The values of CONFIG and what each is for.
CONFIGS = {
    'default': 'what distributions ship: UCS4, optimised',
    'debug': 'assertions and reference counts (--with-pydebug)',
    'asan': 'AddressSanitizer and UndefinedBehaviorSanitizer',
    'tsan': 'ThreadSanitizer',
    'fuzz': '_ssl instrumented for libFuzzer (make fuzz uses it)',
    'coverage': '_ssl instrumented for gcov (make coverage uses it)',
}

#: Where ``make install`` puts the interpreter unless PREFIX says otherwise.
DEFAULT_PREFIX = '/opt/python2.7-memorybio'

ALL_GROUPS = series.parse_groups('')

_YES = ('yes', 'y', '1', 'true', 'on')
_NO = ('no', 'n', '0', 'false', 'off', '')


def _slug(path):
    """A short readable name for *path* (str): its last part and a hash."""
    words = re.sub(r'[^A-Za-z0-9.]+', '-', os.path.basename(path)).strip('-')
    digest = hashlib.sha256(path.encode()).hexdigest()[:6]
    return '-'.join(filter(None, (words, digest)))


def absolute(path):
    """*path* (str) made absolute, ``~`` expanded; '' stays ''."""
    return os.path.abspath(os.path.expanduser(path)) if path else ''


def yes_or_no(name, environ):
    """The variable *name* as a bool; ends the program on other words."""
    value = environ.get(name, '').strip().lower()
    if value in _YES:
        return True
    if value in _NO:
        return False
    return console.fail(
        '{}={}: neither yes nor no'.format(name, value),
        'write {0}=yes or {0}=no'.format(name))


@dataclass(frozen=True)
class Variant:
    """One combination of build options.

    config: a key of CONFIGS.  groups: the names of the groups of patches
    to apply, in series order, with those that they need.  openssl: absolute
    prefix of an OpenSSL, '' for the host's.  cpython: absolute path of a
    tarball or source folder, '' for the pinned source.  configure_args:
    tuple of str, handed to configure behind our own.  shared: build
    libpython as a shared library.
    """

    config: str = 'default'
    groups: tuple = ALL_GROUPS
    openssl: str = ''
    cpython: str = ''
    configure_args: tuple = ()
    shared: bool = False

    @classmethod
    def from_env(cls, environ=os.environ):
        """The variant that CONFIG, PATCHES, OPENSSL, CPYTHON,
        CONFIGURE_ARGS and SHARED in *environ* ask for."""
        config = environ.get('CONFIG', '').strip() or 'default'
        if config not in CONFIGS:
            console.fail('CONFIG={}: there is no such configuration'.format(
                             config),
                         'use one of: ' + ', '.join(CONFIGS))
        try:
            groups = series.with_needed(
                series.parse_groups(environ.get('PATCHES', '')))
        except series.SeriesError as error:
            console.fail('PATCHES: {}'.format(error),
                         'write for example PATCHES="compat pep546"')
        try:
            configure_args = tuple(
                shlex.split(environ.get('CONFIGURE_ARGS', '')))
        except ValueError as error:
            console.fail('CONFIGURE_ARGS: {}'.format(error),
                         'quote it as for the shell')
        variant = cls(config, groups,
                      absolute(environ.get('OPENSSL', '').strip()),
                      absolute(environ.get('CPYTHON', '').strip()),
                      configure_args, yes_or_no('SHARED', environ))
        for path in (str(variant.root), variant.openssl):
            if re.search(r'\s', path):
                console.fail(
                    'a path with white space: {!r}'.format(path),
                    "CPython 2.7's makefiles cannot deal with that; use a "
                    'path without it')
        return variant

    @property
    def name(self):
        """The name of the variant's folder: readable and unique."""
        parts = [self.config]
        if self.groups != ALL_GROUPS:
            # What is only there because another group needs it is left out.
            top = [name for name in self.groups
                   if not any(name in series.GROUP_BY_NAME[other].needs
                              for other in self.groups)]
            parts += top or ['none']
        if self.shared:
            parts.append('shared')
        if self.openssl:
            parts.append('openssl-' + self._openssl_slug())
        if self.cpython:
            parts.append('cpython-' + _slug(self.cpython))
        if self.configure_args:
            text = '\0'.join(self.configure_args)
            parts.append('args-' +
                         hashlib.sha256(text.encode()).hexdigest()[:6])
        return '-'.join(parts)

    def _openssl_slug(self):
        path = Path(self.openssl)
        if path.parent == BUILD / 'openssl':
            return path.name
        return _slug(self.openssl)

    @property
    def root(self):
        return BUILD / self.name

    @property
    def src(self):
        """The patched source, in which the interpreter is built."""
        return self.root / 'src'

    @property
    def python(self):
        """The built interpreter."""
        return self.src / 'python'

    @property
    def log_dir(self):
        return self.root / 'logs'

    @property
    def userbase(self):
        """PYTHONUSERBASE of the packages the tests need on 2.7."""
        return self.root / 'userbase'


def jobs(environ=os.environ):
    """The number of compilers to run at once: JOBS, or one per CPU."""
    text = environ.get('JOBS', '').strip()
    if not text:
        return len(os.sched_getaffinity(0))
    if not text.isdigit() or int(text) < 1:
        console.fail('JOBS={}: not a number from 1 on'.format(text),
                     'write for example JOBS=2')
    return int(text)


def cache_dir(environ=os.environ):
    """Where fetched tarballs are kept: CACHE, or build/cache."""
    return Path(absolute(environ.get('CACHE', '').strip()) or BUILD / 'cache')


def prefix(environ=os.environ):
    """The asked PREFIX or the default one, absolute (str)."""
    return absolute(environ.get('PREFIX', '').strip()) or DEFAULT_PREFIX
