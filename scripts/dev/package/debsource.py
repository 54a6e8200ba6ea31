"""A source package of Debian or Ubuntu: its three files, verified."""

import gzip
import hashlib
import os
import re
import shutil
from pathlib import Path

from scripts import options
from scripts.base import console
from scripts.source import debiantree, fetch

ORIG_NAME = 'python2.7_2.7.18.orig.tar.gz'


def _maintainer(diff):
    """Who maintains the package with the packaging *diff* (Path): a str."""
    # Not all files in it are in UTF-8.
    with gzip.open(diff, 'rt', encoding='utf-8', errors='replace') as file:
        return re.search(r'^\+Maintainer: (.+)$', file.read(),
                         re.MULTILINE)[1]


def _dsc_text(version, diff, orig):
    """A .dsc (str) of the verified files, without a signature."""
    lines = ['Format: 1.0', 'Source: python2.7', 'Architecture: any all',
             'Version: ' + version, 'Maintainer: ' + _maintainer(diff)]
    for field, kind in (('Checksums-Sha256', 'sha256'), ('Files', 'md5')):
        lines.append(field + ':')
        for path in (orig, diff):
            data = path.read_bytes()
            lines.append(' {} {} {}'.format(
                hashlib.new(kind, data, usedforsecurity=False).hexdigest(),
                len(data), path.name))
    return '\n'.join(lines) + '\n'


def gather(folder, tree, environ=os.environ):
    """Put the source package of *tree* (trees.Tree) into *folder* (Path,
    new).

    The tarball and the diff are verified against the pins; they come from
    DISTFILES, the cache or apt.  The .dsc is the distribution's where
    DISTFILES has it, else one made for these two files.
    """
    folder.mkdir(parents=True)
    orig = folder / ORIG_NAME
    shutil.copyfile(fetch.fetch('python', environ), orig)
    distfiles = options.DISTFILES.read(environ)
    try:
        found = debiantree.find_diff(
            tree, [distfiles] if distfiles else [], fetch.cache_dir(environ))
    except debiantree.TreeError as reason:
        console.fail('the source package of {}: {}'.format(
                         tree.title, reason),
                     'DISTFILES=folder names the folder with {}'.format(
                         tree.diff))
    diff = folder / tree.diff
    shutil.copyfile(found, diff)
    dsc = folder / 'python2.7_{}.dsc'.format(tree.version)
    given = Path(distfiles, dsc.name)
    if distfiles and given.exists():
        shutil.copyfile(given, dsc)
    else:
        dsc.write_text(_dsc_text(tree.version, diff, orig))
