"""Make a patched source tree: unpack or copy the source, push the series.

A tree is made under a temporary name and renamed when it is complete, so it
is either not there or whole, whenever the work is interrupted.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from scripts.base import console, files, paths, unpacking
from scripts.base.aliases import AnyPath, Environ
from scripts.series import foreignrepo, quilt, seriesfile
from scripts.series import groups as series
from scripts.source import fetch, pins, treeupdate

VERSION = '2.7.18'


class Patched(Protocol):
    """What is needed of a build.Variant here, which comes later."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups of patches."""

    @property
    def cpython(self) -> str:
        """The source, '' for the pinned one."""

    @property
    def src(self) -> Path:
        """The patched source."""


def check_version(tree: Path, variable: str = 'CPYTHON') -> None:
    """End the program unless *tree* (Path) is CPython 2.7.18's source."""
    header = tree / 'Include' / 'patchlevel.h'
    try:
        text = header.read_text(errors='replace')
    except OSError:
        console.fail(
            '{}={} is not a CPython source folder: no '
            'Include/patchlevel.h'.format(variable, tree),
            'name the tarball of {0}, or a checkout or export of the tag '
            'v{0}'.format(VERSION))
    match = re.search(r'#define\s+PY_VERSION\s+"([^"]+)"', text)
    seen = match[1] if match else 'unknown'
    if seen != VERSION:
        console.fail(
            '{}={} is CPython {}, not {}'.format(variable, tree, seen,
                                                 VERSION),
            'the patches are made for {0}: use its tarball, or in a '
            'checkout\n"git worktree add ../cpython-{0} v{0}"'.format(
                VERSION))


def _git_files(tree: Path) -> list[str] | None:
    """The tracked files of the git checkout *tree* (str list), or None
    where it is none.  Changes that are not committed end the program."""
    if not (tree / '.git').exists():
        return None
    try:
        names, dirty = foreignrepo.files(tree)
    except foreignrepo.RepositoryError as error:
        console.fail('git cannot read CPYTHON={}: {}'.format(tree, error),
                     'is it a complete checkout? An export of the tag needs '
                     'no git')
    if not names:
        console.fail(
            'CPYTHON={} is a git checkout with no files in it'.format(tree),
            'add and commit them there, or remove its .git to have all files '
            'taken')
    if dirty:
        console.fail(
            'CPYTHON={} has changes that are not committed:\n{}'.format(
                tree, dirty.rstrip()),
            'commit them, or undo them with "git checkout HEAD -- ." there')
    return names


def _plain_files(tree: Path) -> list[str]:
    """All files under the folder *tree* (str list, sorted)."""
    names = []
    for folder, folders, found in os.walk(tree):
        folders.sort()
        names += [os.path.relpath(os.path.join(folder, name), tree)
                  for name in found]
    return sorted(names)


def source_files(tree: Path) -> list[str]:
    """The files of the source folder *tree* that belong to the source."""
    tracked = _git_files(tree)
    if tracked is not None:
        return tracked
    if (tree / 'pyconfig.h').exists() or (tree / '.pc').exists():
        console.fail(
            'CPYTHON={} was configured, built or patched before'.format(tree),
            'use a fresh export, or "make distclean" (and "quilt pop -a") '
            'in it')
    return _plain_files(tree)


def source_id(source: Path) -> str:
    """What identifies the content of *source* (Path): a str."""
    if source.is_file():
        return files.sha256_of(source)
    digest = hashlib.sha256()
    for name in source_files(source):
        path = source / name
        digest.update(os.fsencode(name) + b'\0')
        if path.is_symlink():
            digest.update(os.fsencode(os.readlink(path)))
        elif path.is_file():
            digest.update(files.sha256_of(path).encode())
    return digest.hexdigest()


def tree_id(source: str, patches: Sequence[str],
            patches_dir: AnyPath = paths.PATCHES_DIR, more: str = '') -> str:
    """What identifies a tree made of *patches*, of the source that has the
    id *source*, and of *more*: a str."""
    return json.dumps({
        'source': source,
        'more': hashlib.sha256(more.encode()).hexdigest(),
        'patches': [[name, files.sha256_of(_patch(patches_dir, name))]
                    for name in patches]}, indent=1)


def _patch(patches_dir: AnyPath, name: str) -> Path:
    path = Path(patches_dir, name)
    if not path.is_file():
        console.fail('the series names {}, but {} has no such file'.format(
                         name, patches_dir),
                     'take the name out of the file "series", or restore '
                     'the patch with "git checkout"')
    return path


def _unpack(tarball: Path, folder: Path) -> Path:
    """Unpack *tarball*, a verified file, into *folder* (new), without its
    outermost folder."""
    console.note('unpacking ' + tarball.name)
    unpacking.unpack(tarball, folder, pinned=True)
    inner, = folder.iterdir()
    return inner


def _copy(source: Path, folder: Path) -> Path:
    console.note('copying {}'.format(source))
    inner = folder / 'source'
    for name in source_files(source):
        target = inner / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, target, follow_symlinks=False)
        if not target.is_symlink():
            # As of a tarball: nobody else is to write to it.
            target.chmod(target.stat().st_mode & 0o755)
    return inner


def _push(tree: Path, patches: Sequence[str], patches_dir: AnyPath,
          series_file: Path) -> None:
    series_file.write_text(''.join(name + '\n' for name in patches))
    for name in patches:
        _patch(patches_dir, name)
    if not patches:
        console.note('no patch is selected: the source stays as it is')
        return
    try:
        moved = quilt.push_all(tree, patches_dir=patches_dir,
                               series_file=series_file)
    except quilt.PushError as error:
        if os.strerror(errno.ENOSPC) in error.output:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC),
                          str(tree)) from None
        console.fail('{}\n{}'.format(error, error.output.rstrip()),
                     'the series is made for the pristine source of {}: is '
                     'CPYTHON= something else, or the\npatch out of step '
                     'with the ones before it? Nothing was left half '
                     'patched'.format(VERSION))
    console.note('{} {} applied'.format(
        len(patches), 'patch' if len(patches) == 1 else 'patches'))
    if len(patches) < len(list(Path(patches_dir).glob('*.patch'))):
        # Of what is left out, lines are missing in front of others.
        if moved:
            console.note('hunks at other lines, as some patches are left '
                         'out: {}'.format(len(moved)))
        return
    for line in moved:
        console.note('not at its place: ' + line)


def prepare_tree(dest: AnyPath, patches: Sequence[str], source: AnyPath,
                 patches_dir: AnyPath = paths.PATCHES_DIR,
                 update: bool = False) -> None:
    """Make *dest* (Path), the *source* (Path of a verified tarball or of a
    source folder) with *patches* (list of names) applied.

    Whatever is at *dest* is replaced; with *update*, what was built there
    is kept if possible.  ``DEST.series`` is the series file for further
    quilt commands in the tree.  A patch that does not apply ends the
    program and leaves *dest* as it was.
    """
    dest, source = Path(dest), Path(source)
    partial = dest.with_name(dest.name + '.partial')
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    make = _unpack if source.is_file() else _copy
    try:
        inner = make(source, partial)
        _push(inner, patches, patches_dir, series_file(dest))
        if not (update and treeupdate.update(dest, inner)):
            shutil.rmtree(dest, ignore_errors=True)
            os.replace(inner, dest)
    finally:
        # Also of what was interrupted, or filled the disk.
        shutil.rmtree(partial, ignore_errors=True)


def series_file(dest: Path) -> Path:
    """The series file of the tree *dest*."""
    return dest.with_name(dest.name + '.series')


def stamp_file(dest: Path) -> Path:
    """The file that tells what the tree *dest* was made of."""
    return dest.with_name(dest.name + '.made-of')


def find_source(cpython: str = '', environ: Environ = os.environ) -> Path:
    """The Path of the source to build: *cpython* (str), a tarball or a
    folder, after it was checked, or else the fetched pinned tarball."""
    if not cpython:
        return fetch.fetch('python', environ)
    source = Path(cpython)
    if source.is_file():
        fetch.verify_given(pins.get('python'), source, 'CPYTHON')
    elif source.is_dir():
        check_version(source)
    else:
        console.fail('CPYTHON={}: there is no such file or folder'.format(
                         source),
                     'name a tarball, checkout or export of CPython {}'
                     .format(VERSION))
    return source


def select(groups: Sequence[str]) -> list[str]:
    """The names of the patches that *groups* (names) consist of."""
    try:
        return series.select(series.read_series(paths.SERIES_FILE), groups)
    except series.SeriesError as error:
        return console.fail(str(error), 'fix the file "series", or take it '
                            'back with "git checkout series"')


def has_patches(variant: Patched, group: str) -> bool:
    """True if *variant* has patches of the group of that name (str)."""
    return group in variant.groups and any(
        series.group_of(name) == group for name in select(variant.groups))


def _applied(src: Path) -> list[str]:
    """The names of the patches that quilt has applied to the tree *src*:
    somebody may have popped some."""
    return files.read(src / '.pc' / 'applied-patches').split()


def prepare(variant: Patched, environ: Environ = os.environ,
            update: bool = False) -> str:
    """Bring the patched source of *variant* up to date; returns its id.

    The tree is made anew if the source or one of the patches changed; with
    *update*, what was built in it is kept if possible.  The caller holds
    the variant's lock.
    """
    patches = select(variant.groups)
    for name in patches:
        _patch(paths.PATCHES_DIR, name)
    # The pin is enough to know that nothing changed: no need of the tarball.
    source = variant.cpython and find_source(variant.cpython)
    series_text = seriesfile.text(patches) if patches else ''
    identity = tree_id(source_id(source) if source else
                       pins.get('python').sha256, patches, more=series_text)
    stamp = stamp_file(variant.src)
    before = files.read(stamp)
    if before == identity and (variant.src / 'configure').exists() and \
            _applied(variant.src) == patches:
        return identity
    # Without a stamp an earlier update may have ended half way.
    update = update and bool(before) and (
        json.loads(before)['source'] == json.loads(identity)['source'])
    console.step('Preparing {}'.format(
        paths.shown(variant.src)))
    source = source or find_source(environ=environ)
    if before:
        stamp.unlink()
    prepare_tree(variant.src, patches, source, update=update)
    seriesfile.write(variant.src, series_text)
    files.write(stamp, identity)
    return identity
