"""Apply patches one by one with quilt and keep what each of them did.

`tree.prepare_tree` is what a build uses.  The checks need more: the output
of each push, and every touched file before and after it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence

from scripts.base.aliases import AnyPath
from scripts.series import quilt

_LINE_RE = re.compile(
    r'^(?:patching file (?P<file>.+)|\|\+\+\+ (?:b/)?(?P<named>\S+).*|'
    r'(?P<missing>No file to patch)\..*|'
    r'.*would create the file (?P<existing>.+),|'
    r'Hunk #(?P<hunk>\d+) (?P<result>.*))$', re.MULTILINE)


class WalkError(Exception):
    """quilt itself could not do what was asked for."""


class Step:
    """What applying one patch did.

    ``name``: the patch; ``ok``: it applied; ``output``: what quilt said;
    ``rejected``, ``fuzzy``, ``moved``: lists of "file: hunk …" strings for
    hunks that failed, that needed fuzz and that were found at an offset;
    ``missing``: the paths of files that it changes and that are not there;
    ``files``: {path: (bytes before or None, bytes after or None)}.
    """

    def __init__(self, name: str, ok: bool, output: str) -> None:
        self.name = name
        self.ok = ok
        self.output = output
        self.files: dict[str, tuple[bytes | None, bytes | None]] = {}
        self.rejected = []
        self.fuzzy = []
        self.moved = []
        self.missing = []
        path = '?'
        for match in _LINE_RE.finditer(output):
            if match['file'] or match['named']:
                path = match['file'] or match['named']
                continue
            if match['missing']:
                self.missing.append(path)
                self.rejected.append(path + ': there is no such file')
                continue
            if match['existing']:
                self.rejected.append(match['existing'] + ': it is there')
                continue
            text = '{}: hunk #{} {}'.format(
                path, match['hunk'], match['result'].rstrip('.'))
            if 'FAILED' in match['result']:
                self.rejected.append(text)
            if 'fuzz' in match['result']:
                self.fuzzy.append(text)
            if 'offset' in match['result']:
                self.moved.append(text)
        if not ok and not self.rejected:
            lines = output.strip().splitlines()
            self.rejected.append(lines[-1] if lines else 'no output')


def copy_tree(source: str, dest: str) -> str:
    """Copy the source tree *source* to *dest*, without quilt's state."""
    os.makedirs(os.path.dirname(dest), exist_ok=True)
    shutil.copytree(source, dest, symlinks=True,
                    ignore=lambda folder, names: {'.pc', '.git'} & set(names)
                    if folder == source else ())
    return dest


def copy_files(source: str, dest: str, paths: Iterable[str]) -> str:
    """Copy those of *paths* that are in the tree *source* to *dest*."""
    os.makedirs(dest)
    for path in paths:
        target = os.path.join(dest, path)
        if os.path.exists(os.path.join(source, path)):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(source, path), target)
    return dest


def read_bytes(path: AnyPath) -> bytes | None:
    """The content of *path*, None if there is no such file."""
    try:
        with open(path, 'rb') as file:
            return file.read()
    except FileNotFoundError:
        return None


class Stack:
    """The patches *names* of *patches_dir* on the fresh source tree *tree*.

    *tree* must not have been under quilt before.
    """

    def __init__(self, tree: str, patches_dir: AnyPath,
                 names: Sequence[str]) -> None:
        self.tree = tree
        self.patches_dir = os.path.abspath(patches_dir)
        self.names = list(names)
        self._series = tree.rstrip('/') + '.series'
        with open(self._series, 'w', encoding='utf-8') as file:
            file.writelines(name + '\n' for name in self.names)

    def quilt(self, *args: object) -> subprocess.CompletedProcess[str]:
        """Run quilt with *args* on the tree; a CompletedProcess, text."""
        return quilt.quilt(self.tree, *args, patches_dir=self.patches_dir,
                           series_file=self._series, check=False)

    def push(self, name: str, fuzz: int = 0) -> Step:
        """Apply *name*, the next patch.  Returns a Step."""
        result = self.quilt('push', '--fuzz={}'.format(fuzz), name)
        return Step(name, result.returncode == 0, result.stdout)

    def refresh(self) -> None:
        """Write the topmost patch anew, into the patches folder."""
        result = self.quilt('refresh')
        if result.returncode != 0:
            raise WalkError('quilt refresh failed: ' + result.stdout.strip())

    def walk(self, paths_of: Callable[[str], Iterable[str]] | None = None,
             fuzz: int = 0) -> Iterator[Step]:
        """Apply all patches, yield a Step each; ends with the first failure.

        *paths_of* is called with a patch name and returns the paths whose
        content is to be kept in the Step.
        """
        for name in self.names:
            paths = paths_of(name) if paths_of else ()
            before = dict((path, read_bytes(os.path.join(self.tree, path)))
                          for path in paths)
            step = self.push(name, fuzz)
            for path in paths:
                step.files[path] = (
                    before[path], read_bytes(os.path.join(self.tree, path)))
            yield step
            if not step.ok:
                return
