"""make clean: remove a variant's folder, or all of build/."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

from scripts.base import console, locking, paths
from scripts.build import variables
from scripts.build.variant import Variant


def _going(folder: Path) -> Path:
    """The name to which *folder* is taken away, in one step: half of a tree
    might pass for a whole one."""
    return folder.with_name(folder.name + '.going')


def _open(path: str) -> None:
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        os.chmod(path, 0o700)


def _raise(error: OSError) -> NoReturn:
    raise error


def _open_all(folder: Path) -> None:
    """Let what is in *folder* be removed, also what a build left without
    write permission.  OSError if that cannot be, as where it is another
    user's: then it is not to be taken away either."""
    _open(str(folder))
    for path, names, _ in os.walk(folder, onerror=_raise):
        for name in names:
            if not os.path.islink(os.path.join(path, name)):
                _open(os.path.join(path, name))


def remove(folder: Path) -> None:
    """Remove *folder* (Path), or nothing of it; says what is done."""
    name = paths.shown(folder)
    try:
        # Of a clean that was killed.
        for left in (*paths.BUILD.glob('*.going'), _going(paths.BUILD)):
            if left.is_symlink():
                left.unlink()
            elif left.exists():
                _open_all(left)
                shutil.rmtree(left)
        if folder.is_symlink():
            console.fail('{} is a symbolic link'.format(name),
                         'remove what it points to by hand')
        if not folder.exists():
            console.note('{} is not there: nothing to remove'.format(name))
            return
        with locking.all_below(folder):
            _open_all(folder)
            os.replace(folder, _going(folder))
        shutil.rmtree(_going(folder))
    except OSError as error:
        console.fail('cannot remove {}: {}'.format(error.filename,
                                                   error.strerror),
                     'was it made by another user, root perhaps? Run this '
                     'command as that user')
    console.note('removed {}'.format(name))


def main(args: list[str]) -> None:
    variables.check(existing=False)
    if args == ['--all']:
        remove(paths.BUILD)
    else:
        remove(Variant.from_env().root)
