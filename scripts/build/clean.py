"""make clean: remove a variant's folder, or all of build/."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.base import console, locking, paths
from scripts.build import variables
from scripts.build.variant import Variant


def _going(folder: Path) -> Path:
    """The name to which *folder* is taken away, in one step: half of a tree
    might pass for a whole one."""
    return folder.with_name(folder.name + '.going')


def _delete(folder: Path) -> None:
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)
    shutil.rmtree(folder)


def remove(folder: Path) -> None:
    """Remove *folder* (Path), also what a build left without write
    permission; says what is done."""
    name = paths.shown(folder)
    try:
        # Of a clean that was killed.
        for left in (*paths.BUILD.glob('*.going'), _going(paths.BUILD)):
            if left.exists():
                _delete(left)
        if folder.is_symlink():
            console.fail('{} is a symbolic link'.format(name),
                         'remove what it points to by hand')
        if not folder.exists():
            console.note('{} is not there: nothing to remove'.format(name))
            return
        with locking.all_below(folder):
            os.replace(folder, _going(folder))
        _delete(_going(folder))
    except OSError as error:
        console.fail('cannot remove {}: {}'.format(error.filename,
                                                   error.strerror),
                     'was it made by another user, root perhaps?')
    console.note('removed {}'.format(name))


def main(args: list[str]) -> None:
    variables.check(existing=False)
    if args == ['--all']:
        remove(paths.BUILD)
    else:
        remove(Variant.from_env().root)
