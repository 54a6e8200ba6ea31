"""make clean: remove a variant's folder, or all of build/."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.base import console, paths
from scripts.build import variables
from scripts.build.variant import Variant


def remove(folder: Path) -> None:
    """Remove *folder* (Path), also what a build left without write
    permission; says what is done."""
    name = paths.shown(folder)
    if not folder.exists():
        console.note('{} is not there: nothing to remove'.format(name))
        return
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)
    try:
        shutil.rmtree(folder)
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
