"""quilt, always with the repository's own settings."""

from __future__ import annotations

import os
import re
import subprocess

from scripts.base import console, paths
from scripts.base.aliases import AnyPath

QUILTRC = paths.SCRIPTS / 'quiltrc'

_APPLYING = re.compile(r'Applying patch (?P<name>\S+)')
_PATCHING = re.compile(r'patching file (?P<file>\S+)')
_FAILED = re.compile(r'Hunk #(?P<hunk>\d+) FAILED at (?P<line>\d+)')
_MOVED = re.compile(r'Hunk #\d+ succeeded at .*(?:offset|fuzz)')


class PushError(Exception):
    """A patch does not apply.  patch, file: str; hunk: int or None."""

    def __init__(self, patch: str, file: str | None, hunk: int | None,
                 output: str) -> None:
        where = '' if file is None else ' to ' + file
        if hunk is not None:
            where += ', hunk #{}'.format(hunk)
        super().__init__('{} does not apply{}'.format(patch, where))
        self.patch = patch
        self.file = file
        self.hunk = hunk
        self.output = output


def environment(patches_dir: AnyPath, series_file: AnyPath) -> dict[str, str]:
    """The environ for quilt: nothing of the user's settings in it."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith('QUILT')}
    env.update(LC_ALL='C', QUILT_PATCHES=os.path.abspath(patches_dir),
               QUILT_SERIES=os.path.abspath(series_file))
    return env


def quilt(tree: AnyPath, *args: object,
          patches_dir: AnyPath = paths.PATCHES_DIR,
          series_file: AnyPath = paths.SERIES_FILE,
          check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run ``quilt ARGS`` in *tree*; returns a CompletedProcess with text.

    With *check*, a failure raises subprocess.CalledProcessError.
    """
    words = [str(arg) for arg in args]
    try:
        return subprocess.run(
            ['quilt', '--quiltrc', str(QUILTRC)] + words, cwd=tree,
            env=environment(patches_dir, series_file),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors='replace',
            check=check)
    except FileNotFoundError:
        console.needs_folder(tree)
        return console.fail('quilt is not installed',
                            '"make bootstrap" installs what is missing')


def _first_failure(output: str) -> tuple[str | None, str | None, int | None]:
    """(patch, file, hunk) of the first failure in what quilt printed."""
    patch = file = hunk = None
    for line in output.splitlines():
        match = _APPLYING.match(line)
        if match:
            patch = os.path.basename(match['name'])
            file = hunk = None
            continue
        match = _PATCHING.match(line)
        if match:
            file = match['file']
            continue
        match = _FAILED.match(line)
        if match:
            hunk = int(match['hunk'])
            break
        if re.search(r'does not exist|NOT (?:at )?MERGE|garbage|malformed|'
                     r"can't find file", line):
            break
    return patch, file, hunk


def push_all(tree: AnyPath, *, patches_dir: AnyPath = paths.PATCHES_DIR,
             series_file: AnyPath = paths.SERIES_FILE) -> list[str]:
    """Apply the whole series to *tree* without any fuzz.

    Returns the lines of quilt's output that tell of an offset (str list,
    empty if every hunk was where it was expected).  PushError names the
    first patch, file and hunk that do not apply.
    """
    done = quilt(tree, 'push', '-a', '--fuzz=0', patches_dir=patches_dir,
                 series_file=series_file, check=False)
    if done.returncode:
        patch, file, hunk = _first_failure(done.stdout)
        raise PushError(patch or 'the series', file, hunk, done.stdout)
    return moved_hunks(done.stdout)


def moved_hunks(output: str) -> list[str]:
    """Lines ``PATCH: FILE: Hunk ...`` for hunks not at their place."""
    patch = file = ''
    moved = []
    for line in output.splitlines():
        match = _APPLYING.match(line)
        if match:
            patch = os.path.basename(match['name'])
        match = _PATCHING.match(line)
        if match:
            file = match['file']
        if _MOVED.match(line):
            moved.append('{}: {}: {}'.format(patch, file, line))
    return moved
