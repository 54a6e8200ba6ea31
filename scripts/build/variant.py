"""What one build is made of.

A *variant* is one combination of options.  Each has its own folder under
``build/``, so that switching between them never rebuilds the other one.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from scripts import options
from scripts.base import console, paths
from scripts.base.aliases import Environ
from scripts.series.groups import GROUP_BY_NAME

ALL_GROUPS = options.PATCHES.read({})


def _slug(path: str) -> str:
    """A short readable name for *path* (str): its last part and a hash."""
    words = re.sub(r'[^A-Za-z0-9.]+', '-', os.path.basename(path)).strip('-')
    digest = hashlib.sha256(path.encode()).hexdigest()[:6]
    return '-'.join(filter(None, (words, digest)))


@dataclass(frozen=True)
class Variant:
    """One combination of build options.

    config: one of options.CONFIG.  groups: the names of the groups of patches
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
    def from_env(cls, environ: Environ = os.environ) -> Variant:
        """The variant that CONFIG, PATCHES, OPENSSL, CPYTHON,
        CONFIGURE_ARGS and SHARED in *environ* ask for."""
        variant = cls(options.CONFIG.read(environ),
                      options.PATCHES.read(environ),
                      options.OPENSSL.read(environ),
                      options.CPYTHON.read(environ),
                      options.CONFIGURE_ARGS.read(environ),
                      options.SHARED.read(environ))
        for path in (str(variant.root), variant.openssl):
            if re.search(r'\s', path):
                console.fail(
                    'a path with white space: {!r}'.format(path),
                    "CPython 2.7's makefiles cannot deal with that; use a "
                    'path without it')
        return variant

    @property
    def name(self) -> str:
        """The name of the variant's folder: readable and unique."""
        parts = [self.config]
        if self.groups != ALL_GROUPS:
            # What is only there because another group needs it is left out.
            top = [name for name in self.groups
                   if not any(name in GROUP_BY_NAME[other].needs
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

    def _openssl_slug(self) -> str:
        path = Path(self.openssl)
        if path.parent == paths.BUILD / 'openssl':
            return path.name
        return _slug(self.openssl)

    @property
    def root(self) -> Path:
        return paths.BUILD / self.name

    @property
    def src(self) -> Path:
        """The patched source, in which the interpreter is built."""
        return self.root / 'src'

    @property
    def python(self) -> Path:
        """The built interpreter."""
        return self.src / 'python'

    @property
    def log_dir(self) -> Path:
        return self.root / 'logs'

    @property
    def userbase(self) -> Path:
        """PYTHONUSERBASE of the packages the tests need on 2.7."""
        return self.root / 'userbase'
