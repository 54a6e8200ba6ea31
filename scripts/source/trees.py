"""The source trees of others that the series is tried on: trees.json.

An entry is one tree with one choice of the patches of its own.  What a tree
has in trees.json:

title, version: for people.
suite, archive: where apt has the source package python2.7: the suite, and
    the address that is asked if the host's own archive has no such suite.
diff, sha256, size: the file with the packaging, Debian's format 1.0; it
    goes onto the pinned source.
defines: what its debian/rules defines for the preprocessor.
drop: patches of its own that are not applied.
apart: what becomes of the patches of ours that do not go on as they are, by
    topic: "other" or "refused".  All others have to apply at zero fuzz.
get: for a tree that no mirror of apt has: how to make it, for BASE.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from scripts.base import console, paths
from scripts.base.aliases import AnyPath
from scripts.source.pins import Pin

TREES_FILE = paths.SCRIPTS / 'source' / 'trees.json'


@dataclass(frozen=True)
class Tree:
    """An entry of trees.json.  size in bytes; defines and drop are lists
    of str, apart is a dict, all else str."""

    name: str
    title: str
    version: str
    suite: str = ''
    archive: str = ''
    diff: str = ''
    sha256: str = ''
    size: int = 0
    defines: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    apart: dict[str, str] = field(default_factory=dict)
    get: str = ''

    @property
    def pin(self) -> Pin:
        """What identifies the file with the packaging: a pins.Pin."""
        return Pin(name=self.name, file=self.diff, version=self.version,
                   sha256=self.sha256, size=self.size, url='',
                   debian_file=self.diff, debian_source='python2.7',
                   debian_version=self.version, debian_suite=self.suite,
                   archive=self.archive)


def load(path: AnyPath = TREES_FILE) -> dict[str, Tree]:
    """All entries, a dict by name."""
    with open(path, encoding='utf-8') as file:
        return {name: Tree(name=name, **fields)
                for name, fields in json.load(file).items()}


def get(name: str, path: AnyPath = TREES_FILE) -> Tree:
    """The entry called *name*; ends the program where there is none."""
    trees = load(path)
    if name not in trees:
        console.fail('no tree is called {}'.format(name),
                     'there are: {}; more can be added in {}'.format(
                         ', '.join(trees), path))
    return trees[name]
