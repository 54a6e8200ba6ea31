"""make install: put the built interpreter to PREFIX, below DESTDIR."""

from __future__ import annotations

import os
from pathlib import Path

from scripts import options
from scripts.base import console, locking
from scripts.base.aliases import Environ
from scripts.build import interpreter, optimized, sslprefix
from scripts.build.variant import Variant


def check_writable(destination: str) -> None:
    """End the program unless the folder *destination* (str) can be made
    or written to."""
    path = destination
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        console.fail('cannot install to {}: {} is no folder'.format(
                         destination, path),
                     'name another folder with PREFIX=')
    if not os.access(path, os.W_OK | os.X_OK):
        console.fail('cannot install to {}: no permission to write in {}'
                     .format(destination, path),
                     'name a folder of your own with PREFIX=, or run '
                     '"make install" as root')


def install(variant: Variant, prefix: str, destdir: str,
            environ: Environ = os.environ) -> str:
    """Install *variant* with the *prefix* (str) below *destdir* (str)."""
    destination = destdir + prefix
    check_writable(destination)
    # Others are to use it: the compiled modules get what the umask leaves.
    os.umask(0o022)
    ssl = sslprefix.inspect(variant.openssl, environ)

    def _make(*words: str, **given: str) -> float:
        return interpreter.make(variant.src, variant, variant.log_dir,
                                *words, environ=environ, **given)

    with locking.lock(variant.root / 'lock'), interpreter.changing(
            variant, interpreter.recorded(variant)):
        # Another prefix than the last time is compiled into a few files.
        interpreter.configure(variant.src, variant, ssl, variant.log_dir,
                              prefix, environ)
        if variant.config == 'optimized':
            optimized.relink(variant.src, _make)
        target = ['install'] + ['DESTDIR=' + destdir] * bool(destdir)
        if not variant.shared:
            _make('installing', *target)
        else:
            # The installed executable finds libpython in PREFIX, the one
            # that stays here in the build folder.
            variant.python.unlink()
            try:
                _make('installing', *target, rpath=prefix + '/lib')
            finally:
                if variant.python.exists():
                    variant.python.unlink()
                _make('linking', 'python')
    if variant.config == 'optimized':
        optimized.tidy(Path(destination))
    return destination


def main() -> None:
    variant = Variant.from_env()
    prefix = options.prefix()
    destdir = options.DESTDIR.read()
    console.step('Installing {} to {}'.format(variant.name, destdir + prefix))
    destination = install(variant, prefix, destdir)
    if not destdir:
        interpreter.check_build(os.path.join(prefix, 'bin', 'python2.7'),
                                variant)
    console.note('installed: {}/bin/python2.7'.format(destination))
