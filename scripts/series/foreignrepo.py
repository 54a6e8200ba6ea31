"""A git repository of someone else, read without its settings.

These can name programs, which git runs for a diff, a signature or a changed
file.  So its commits are lent to a repository of our own, which has none.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.base.aliases import AnyPath
from scripts.series import gitrepo

#: How files are checked out: what a status has to know, and no programs.
_CHECKOUT = ('core.autocrlf', 'core.eol', 'core.fileMode', 'core.symlinks')


class RepositoryError(Exception):
    """git does not read the repository; the message has its words."""


def _ask(folder: AnyPath, *args: object) -> bytes:
    done = gitrepo.look(folder, *args)
    if done.returncode:
        raise RepositoryError(
            done.stderr.decode(errors='replace').strip())
    return done.stdout


@contextlib.contextmanager
def borrowed(folder: AnyPath) -> Iterator[Path]:
    """A repository (Path, for gitrepo.git) that has the commits and the
    HEAD of the one in *folder*.  RepositoryError if that cannot be read."""
    objects = os.path.abspath(os.path.join(folder, os.fsdecode(_ask(
        folder, 'rev-parse', '--git-path', 'objects')).rstrip('\n')))
    head = gitrepo.look(folder, 'rev-parse', '--verify', '-q', 'HEAD')
    with tempfile.TemporaryDirectory(prefix='borrowed-') as name:
        gitrepo.git(name, 'init', '-q', '--bare', check=True)
        alternates = Path(name, 'objects', 'info', 'alternates')
        alternates.write_bytes(os.fsencode(objects) + b'\n')
        if head.returncode == 0:
            done = gitrepo.git(name, 'update-ref', 'HEAD',
                               head.stdout.decode().strip())
            if done.returncode:
                raise RepositoryError(done.stdout.strip())
        yield Path(name)


def _how_checked_out(folder: AnyPath) -> list[str]:
    """Options of git (str list) by which our repository sees the files of
    *folder* as its own one does."""
    options = []
    for name in _CHECKOUT:
        found = gitrepo.look(folder, 'config', '--get', name)
        if found.returncode == 0:
            options += ['-c', '{}={}'.format(
                name, os.fsdecode(found.stdout).strip())]
    return options


def files(folder: AnyPath) -> tuple[list[str], str]:
    """(the names of the tracked files of the checkout *folder*, what "git
    status" says of changes to them)."""
    folder = os.path.abspath(folder)
    index = _ask(folder, 'ls-files', '-s', '-z')
    names = [os.fsdecode(entry.partition(b'\t')[2])
             for entry in index.split(b'\0') if entry]
    with borrowed(folder) as repository:
        gitrepo.git(repository, 'update-index', '-z', '--index-info',
                    text=False, input=index, check=True)
        status = gitrepo.git(
            repository, '-C', folder, '--git-dir={}'.format(repository),
            '--work-tree=' + folder, *_how_checked_out(folder), 'status',
            '--porcelain', '--untracked-files=no')
    if status.returncode:
        raise RepositoryError(status.stdout.strip())
    return names, status.stdout
