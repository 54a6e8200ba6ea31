"""What another release changes: `make compare`.

The patches of the release that PREVIOUS names, its tarball or the folder
that it unpacks to, are compared with those of build/dist.  Patches are told
by ``git patch-id``: one that has only been moved, or whose description
alone is another, does the same as before.
"""

import collections
import difflib
import json
import os
import shutil
import tarfile
from pathlib import Path

from rich.markup import escape

from scripts import options
from scripts.base import console, paths, unpacking
from scripts.dev import terminal
from scripts.dev.package import dist, take

DIFF = paths.BUILD / 'series.diff'

#: How a patch of two releases differs.  word: what it is called; old, new:
#: names of the patch, '' where it is not in that release.
Change = collections.namedtuple('Change', 'word old new')


def read(folder):
    """The content of patches.json in *folder* (Path) and its texts:
    (version, {name: patch-id}, {name: text})."""
    try:
        index = json.loads((folder / 'patches.json').read_text('utf-8'))
        texts = {entry['name']: (folder / 'patches' / entry['name']
                                 ).read_text('utf-8')
                 for entry in index['patches']}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return console.fail(
            '{} is no release of the series: {}'.format(folder, error),
            'name its tarball, or the folder that it unpacks to')
    return index['version'], {entry['name']: entry['patch_id']
                              for entry in index['patches']}, texts


def changes(old_ids, new_ids, old_texts, new_texts):
    """A list of Change, in the order of the new series, with what is gone
    at the end."""
    by_id = {patch_id: name for name, patch_id in old_ids.items()}
    found, seen = [], set()
    for name, patch_id in new_ids.items():
        old = by_id.get(patch_id, name if name in old_ids else '')
        if old in seen:
            old = ''
        seen.add(old)
        if not old:
            word = 'new'
        elif old_ids[old] != patch_id:
            word = 'changed'
        elif old != name:
            word = 'renamed'
        elif old_texts[old] != new_texts[name]:
            word = 'same, other words or lines'
        else:
            continue
        found.append(Change(word, old, name))
    return found + [Change('gone', name, '') for name in old_ids
                    if name not in seen]


def diff(found, old_texts, new_texts):
    """The differences (str) of the patches in *found*, as ``diff -u`` shows
    them."""
    lines = []
    for change in found:
        lines += difflib.unified_diff(
            old_texts.get(change.old, '').splitlines(keepends=True),
            new_texts.get(change.new, '').splitlines(keepends=True),
            'a/' + change.old if change.old else '/dev/null',
            'b/' + change.new if change.new else '/dev/null')
    return ''.join(line if line.endswith('\n') else line + '\n'
                   for line in lines)


def _unpacked(given, folder):
    if given.is_dir():
        return given
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        unpacking.unpack(given, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        console.fail('PREVIOUS={} cannot be unpacked: {}'.format(
            given, error), 'name the tarball of a release')
    return next(iter(sorted(folder.iterdir())), folder)


def report(old_version, new_version, found, out):
    """Print what *found* tells."""
    for change in found:
        name = change.new or change.old
        if change.old and change.new and change.old != change.new:
            name = '{} (was {})'.format(change.new, change.old)
        out.print('{:26}  {}'.format(change.word, escape(name)),
                  highlight=False, soft_wrap=True)
    counts = collections.Counter(change.word for change in found)
    out.print('{} to {}: {}'.format(
        old_version, new_version, ', '.join(
            '{} {}'.format(count, word) for word, count in counts.items())
        or 'no difference'), highlight=False, soft_wrap=True)


def main():
    options.PREVIOUS.check(os.environ)
    given = options.PREVIOUS.read()
    if not given:
        console.fail('which release to compare with?',
                     'make compare PREVIOUS=tarball of that release')
    work = paths.BUILD / 'compare.work'
    try:
        old = read(_unpacked(Path(given), work / 'old'))
        # It takes minutes: not before the other release has been read.
        dist.main()
        new = read(take.unpack(work))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    found = changes(old[1], new[1], old[2], new[2])
    DIFF.write_text(diff(found, old[2], new[2]))
    report(old[0], new[0], found, terminal.output(100))
    console.step('The differences of the patches are in {}'.format(
        paths.shown(DIFF)))
    return 0
