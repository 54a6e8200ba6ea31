"""Debian's source package: its three files, verified."""

import hashlib
import os
import shutil
from pathlib import Path

from scripts import options
from scripts.base import console
from scripts.source import debiantree, fetch, trees

TREE = trees.get('debian11')
DSC_NAME = 'python2.7_{}.dsc'.format(TREE.version)
ORIG_NAME = 'python2.7_2.7.18.orig.tar.gz'


def _dsc_text(diff, orig):
    """A .dsc (str) of the verified files, without a signature."""
    lines = ['Format: 1.0', 'Source: python2.7', 'Architecture: any all',
             'Version: ' + TREE.version,
             'Maintainer: Matthias Klose <doko@debian.org>']
    for field, kind in (('Checksums-Sha256', 'sha256'), ('Files', 'md5')):
        lines.append(field + ':')
        for path in (orig, diff):
            data = path.read_bytes()
            lines.append(' {} {} {}'.format(
                hashlib.new(kind, data, usedforsecurity=False).hexdigest(),
                len(data), path.name))
    return '\n'.join(lines) + '\n'


def gather(folder, environ=os.environ):
    """Put the source package into *folder* (Path, new).

    The tarball and the diff are verified against the pins; they come from
    DISTFILES, the cache or apt.  The .dsc is Debian's where DISTFILES has
    it, else one made for these two files.
    """
    folder.mkdir(parents=True)
    orig = folder / ORIG_NAME
    shutil.copyfile(fetch.fetch('python', environ), orig)
    distfiles = options.DISTFILES.read(environ)
    try:
        found = debiantree.find_diff(
            TREE, [distfiles] if distfiles else [], fetch.cache_dir(environ))
    except debiantree.TreeError as reason:
        console.fail("Debian's source package: {}".format(reason),
                     'DISTFILES=folder names the folder with {}'.format(
                         TREE.diff))
    diff = folder / TREE.diff
    shutil.copyfile(found, diff)
    given = Path(distfiles, DSC_NAME)
    if distfiles and given.exists():
        shutil.copyfile(given, folder / DSC_NAME)
    else:
        (folder / DSC_NAME).write_text(_dsc_text(diff, orig))
