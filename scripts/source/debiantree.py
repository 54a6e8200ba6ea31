"""A tree of Debian's or Ubuntu's: the pinned source with their patches."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.base.aliases import AnyPath
from scripts.series import quilt, walk
from scripts.source import aptsource, pins
from scripts.source.trees import Tree

#: Their own series are written for quilt's default.
DEFAULT_FUZZ = 2


class TreeError(Exception):
    """The tree cannot be had; the message says why and what to do."""


def find_diff(tree: Tree, folders: Iterable[AnyPath], cache: AnyPath) -> Path:
    """The Path of the packaging of *tree* (trees.Tree): in one of *folders*
    or in the folder *cache*, where apt puts it otherwise."""
    pin = tree.pin
    for folder in [*folders, cache]:
        path = Path(folder, tree.diff)
        if path.exists():
            break
    else:
        try:
            aptsource.fetch(pin, path, part='diff')
        except aptsource.AptError as error:
            raise TreeError(
                'needs {}, which apt does not have here ({}): put it into the '
                'DISTFILES folder'.format(tree.diff, error)) from None
    try:
        pin.verify(path)
    except pins.MismatchError as error:
        raise TreeError('{}: replace the file'.format(
            ', '.join(str(error).splitlines()))) from None
    return path


def series_text(tree: Tree, series_in: str) -> str:
    """The series of *tree* (trees.Tree), made of the file *series_in* as
    its debian/rules does, without what it drops."""
    result = subprocess.run(
        ['cpp', '-E'] + ['-D' + name for name in tree.defines] +
        ['-o', '-', series_in], capture_output=True, text=True)
    # Its exit status tells nothing: "# name" comments in the file are
    # errors to the preprocessor, and debian/rules does not look at it.
    names = [line for line in result.stdout.splitlines()
             if line and not line.startswith('#')]
    if not names:
        raise TreeError('cpp: ' + result.stderr.strip())
    missing = set(tree.drop) - {name.split()[0] for name in names}
    if missing:
        raise TreeError('its series has no {}: correct "drop" of {}'.format(
            ', '.join(sorted(missing)), tree.name))
    return ''.join(name + '\n' for name in names
                   if name.split()[0] not in tree.drop)


def make(tree: Tree, pristine: str, diff: str, dest: str) -> str:
    """Make *dest* (str), the fully patched source of *tree* (trees.Tree),
    of the folder *pristine* and of its packaging, the file *diff*.

    It keeps debian/patches with the series that was applied."""
    walk.copy_tree(pristine, dest)
    with gzip.open(diff) as file:
        result = subprocess.run(
            ['patch', '-p1', '-s', '-f'], cwd=dest, input=file.read(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        raise TreeError('{} does not apply to the pinned source: {}'.format(
            tree.diff, result.stdout.decode(errors='replace').strip()[:300]))
    patches = os.path.join(dest, 'debian', 'patches')
    series = os.path.join(patches, 'series')
    with open(series, 'w', encoding='utf-8') as file:
        file.write(series_text(tree, os.path.join(patches, 'series.in')))
    pushed = quilt.quilt(
        dest, 'push', '-a', '--fuzz={}'.format(DEFAULT_FUZZ), '-q',
        patches_dir=patches, series_file=series, check=False)
    if pushed.returncode != 0:
        last = re.sub(r'\s+', ' ', pushed.stdout.strip()[-200:])
        raise TreeError('its own series fails: ' + last)
    shutil.rmtree(os.path.join(dest, '.pc'))
    return dest


def find(tree: Tree, context: Any) -> str:
    """make() in the scratch of *context* (the lint rules' Context), when it
    is first asked for: a folder (str) that must not be changed."""
    dest = os.path.join(context.scratch, 'tree-' + tree.name)
    if not os.path.isdir(dest):
        diff = find_diff(tree, context.options.get('distfiles', []),
                         context.options.get('cache') or context.scratch)
        partial = make(tree, context.pristine, str(diff), dest + '.partial')
        os.replace(partial, dest)
    return dest
