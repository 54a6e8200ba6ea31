"""Why a patch of ours is refused: the patch, of the tree or of the series,
that changed the lines it looks for."""

import os
import re
import subprocess

import unidiff

from scripts.base import console
from scripts.series import foreignrepo, gitrepo

_GIT_COMMITS = 50       # the newest that touch the file


def _pairs(lines):
    """The pairs of neighbours in *lines*, without those of empty ones."""
    return {pair for pair in zip(lines, lines[1:])
            if pair[0].strip() or pair[1].strip()}


def _before(hunk):
    return [line.value.rstrip() for line in hunk
            if line.is_context or line.is_removed]


def _after(hunk):
    return [line.value.rstrip() for line in hunk
            if line.is_context or line.is_added]


class Culprit:
    """The patches *changes*, a list of (name, text of a diff), and what
    they take apart."""

    def __init__(self, changes):
        self._broken = []       # (name, path, pairs of lines)
        for name, text in changes:
            for path, hunks in _hunks(text):
                broken = set()
                for hunk in hunks:
                    broken |= _pairs(_before(hunk)) - _pairs(_after(hunk))
                self._broken.append((name, path, broken))

    def of(self, path, hunks):
        """The name of the change that took most apart of what *hunks*
        (unidiff.Hunk) look for in *path*, '' if none did."""
        wanted = set().union(*(_pairs(_before(hunk)) for hunk in hunks))
        best, most = '', 0
        for name, other, broken in self._broken:
            if _same_file(path, other) and len(wanted & broken) > most:
                best, most = name, len(wanted & broken)
        return best


def _same_file(path, other):
    # The diffs of packages are made with all kinds of prefixes.
    return other == path or other.endswith('/' + path)


def _hunks(text):
    """(path, list of unidiff.Hunk) for each file of the diff *text*."""
    start = re.search(r'^(?:diff |--- \S)', text, re.MULTILINE)
    try:
        return [(file.path, list(file)) for file in
                unidiff.PatchSet(text[start.start():] if start else '')]
    except unidiff.UnidiffParseError:
        return []


def depends_on(path, hunks, earlier):
    """The name of the first of *earlier*, patches of ours (Patch) that are
    not applied, whose lines *hunks* of *path* look for, '' if there is
    none."""
    wanted = {line for hunk in hunks for line in _before(hunk)
              if len(line.strip()) > 3}
    for other in earlier:
        for file in other.files:
            added = {line.value.rstrip() for hunk in file for line in hunk
                     if line.is_added}
            if file.path == path and wanted & added:
                return other.name
    return ''


def adds(path, earlier):
    """The name of the one of *earlier*, as in depends_on(), that adds the
    file *path*, '' if none does."""
    return next((patch.name for patch in earlier for file in patch.files
                 if file.path == path and file.is_added_file), '')


def downstream(tree, paths):
    """The tree's own patches, as far as the folder *tree* tells them: a
    list of (name, text of a diff) in their order.

    They are those of debian/patches, or the newest commits that touch
    *paths*, if it is a git checkout."""
    patches = os.path.join(tree, 'debian', 'patches')
    for series in ('series', 'series.in'):
        if os.path.exists(os.path.join(patches, series)):
            return list(_quilt_series(patches, series))
    if os.path.exists(os.path.join(tree, '.git')):
        return list(_commits(tree, paths))
    return []


def _quilt_series(patches, series):
    with open(os.path.join(patches, series), encoding='utf-8') as file:
        names = [line.split()[0] for line in file
                 if line.strip() and not line.startswith('#')]
    for name in names:
        try:
            with open(os.path.join(patches, name), encoding='utf-8',
                      errors='replace') as file:
                yield name, file.read()
        except OSError:
            continue


def _commits(tree, paths):
    try:
        with foreignrepo.borrowed(tree) as repository:
            log = gitrepo.git(
                repository, 'log', '--no-merges', '-n', _GIT_COMMITS, '-p',
                '--abbrev=12', '--format=%x00%h %s', 'HEAD', '--', *paths,
                text=False, stderr=subprocess.DEVNULL).stdout
    except foreignrepo.RepositoryError as error:
        console.note('its commits are not looked at: {}'.format(error))
        return
    entries = log.decode('utf-8', errors='replace').split('\0')[1:]
    for entry in reversed(entries):
        name, _, text = entry.partition('\n')
        yield name, text
