"""make install: put the built interpreter to PREFIX, below DESTDIR."""

from __future__ import annotations

import os
import re
from pathlib import Path

from scripts import options
from scripts.base import console, locking, paths
from scripts.base.aliases import Environ
from scripts.build import interpreter, optimized, sslprefix
from scripts.build.variant import Variant
from scripts.series import seriesfile

#: The files of the library that a patch adds
_ADDED = re.compile(r'^--- /dev/null\n\+\+\+ [^/\n]+/(Lib/\S+)',
                    re.MULTILINE)


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
                     'name another folder with PREFIX= or DESTDIR='
                     if os.geteuid() == 0 else
                     'name a folder of your own with PREFIX=, or run '
                     '"make install" as root')


def left_behind(src: Path, library: Path) -> list[Path]:
    """What an earlier install put into *library* (Path, lib/python2.7) and
    the build in *src* (Path) does not have, so that this one would not
    replace it: files of the series, modules.  A Python of somebody else has
    no ssl_series.py, and is not looked at."""
    if not (library / Path(seriesfile.NAME).name).exists():
        return []
    names = {Path(name).relative_to('Lib')
             for path in paths.PATCHES_DIR.glob('*.patch')
             for name in _ADDED.findall(path.read_text(encoding='utf-8'))}
    names.add(Path(seriesfile.NAME).relative_to('Lib'))
    found = [library / name for name in names if not (src / 'Lib' / name)
             .exists()]
    found += [path.with_suffix(end) for path in found
              for end in ('.pyc', '.pyo') if path.suffix == '.py']
    found += [library / 'lib-dynload' / (name + '.so')
              for name in ('_ssl', '_hashlib')
              if not list(src.glob('build/lib.*/{}.so'.format(name)))]
    return [path for path in found if path.is_file()]


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
        room = 'make room in {}, then "make install" again'.format(destination)
        if not variant.shared:
            _make('installing', *target, room=room)
        else:
            # The installed executable finds libpython in PREFIX, the one
            # that stays here in the build folder.
            variant.python.unlink()
            try:
                _make('installing', *target, rpath=prefix + '/lib',
                      room=room)
            finally:
                if variant.python.exists():
                    variant.python.unlink()
                _make('linking', 'python')
    for path in left_behind(variant.src,
                            Path(destination, 'lib', 'python2.7')):
        path.unlink()
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
