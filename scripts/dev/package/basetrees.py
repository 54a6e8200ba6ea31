"""The trees that the series is tried on, and the one that BASE names."""

import os
import re
import tarfile
from pathlib import Path

from scripts import options
from scripts.base import console, unpacking
from scripts.source import debiantree, trees

PRISTINE = 'CPython 2.7.18'

_NEEDED = ('Include/patchlevel.h', 'Modules/_ssl.c', 'Lib/ssl.py')


def label(tree):
    """What a table calls *tree* (trees.Tree)."""
    return '{} ({})'.format(tree.title, tree.version)


def chosen(environ=os.environ):
    """The trees.Trees that BASES in *environ* names, or all that apt can
    have."""
    options.BASES.check(environ)
    found = trees.load()
    return [found[name] for name in options.BASES.read(environ)]


def which(environ=os.environ):
    """The trees.Tree that BASE is, as BASES in *environ* says, or None."""
    named = chosen(environ) if options.BASES.raw(environ) else []
    return named[0] if len(named) == 1 else None


def find(tree, context):
    """The folder (str) of *tree* (trees.Tree) in the scratch of *context*.
    Where it cannot be had, a debiantree.TreeError says so."""
    if not tree.diff:
        raise debiantree.TreeError(tree.get)
    return debiantree.find(tree, context)


def _unpacked(tarball, folder):
    """The tree in *tarball* (str), unpacked into *folder* (Path, new)."""
    try:
        unpacking.unpack(tarball, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        console.fail('BASE={} cannot be unpacked: {}'.format(tarball, error),
                     'name a tarball, or the folder that is in it')
    inner = list(folder.iterdir())
    return str(inner[0] if len(inner) == 1 else folder)


def given(scratch, environ=os.environ):
    """(label, folder) of the tree that BASE in *environ* names, or None.

    A folder is looked at only, a tarball is unpacked in the folder
    *scratch*.  What is no CPython source ends the program.
    """
    options.BASE.check(environ)
    text = options.BASE.read(environ)
    if not text:
        return None
    folder = text if os.path.isdir(text) else _unpacked(
        text, Path(scratch, 'given'))
    missing = [name for name in _NEEDED
               if not os.path.isfile(os.path.join(folder, name))]
    if missing:
        console.fail('BASE={} is no CPython 2.7 source: no {}'.format(
                         text, ', no '.join(missing)),
                     'name the folder that has Modules/ and Lib/ in it')
    if b'\r\n' in Path(folder, 'Modules', '_ssl.c').read_bytes():
        console.fail('BASE={} has lines that end in CRLF'.format(text),
                     'no patch applies to such; in a clone: git config '
                     'core.autocrlf false, then check the files out anew')
    header = Path(folder, _NEEDED[0]).read_text(errors='replace')
    version = re.search(r'#define\s+PY_VERSION\s+"([^"]+)"', header)
    return ('BASE ({})'.format(version[1] if version else 'unknown version'),
            folder)


def unapplied_series(folder):
    """A sentence if *folder* has a Debian series of its own that is not
    applied, '' otherwise."""
    if os.path.exists(os.path.join(folder, 'debian/patches/series.in')) and \
            not os.path.exists(os.path.join(folder, '.pc')):
        return ('{} has patches in debian/patches that seem not to be '
                'applied: "debian/rules patch" applies them'.format(folder))
    return ''
