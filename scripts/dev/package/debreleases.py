"""The releases for which `make debian` builds a package: debian.json.

An entry is one source package, changed in one way, on one release.  What it
has in debian.json:

title: for people.
tree: the source, an entry of scripts/source/trees.json, which says too what
    is dropped of its own patches and left out of ours.
suite: the release that it is built and tried in, as debootstrap knows it.
names, drop: steps of docs/packaging/: "PAGE/STEP" of the one that sets
    NAMES to what trees.json leaves, and of the one that drops patches.
fails: tests that fail because of what the package does itself, by reason.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from scripts.base import paths
from scripts.dev.run import debianroot
from scripts.series import groups
from scripts.source import trees

FILE = Path(__file__).resolve().with_name('debian.json')

#: What a package is built from and tried with, beside what it depends on.
_PACKAGES = ('build-essential', 'libssl-dev', 'openssl', 'netbase')


@dataclass(frozen=True)
class Release:
    """An entry of debian.json.  fails is {reason: list of test ids}, all
    else str."""

    name: str
    title: str
    tree: str
    suite: str
    names: str = 'debian/names'
    drop: str = ''
    fails: dict = field(default_factory=dict)

    @property
    def source(self):
        """The source package: a trees.Tree."""
        return trees.get(self.tree)

    @property
    def kind(self):
        """What it is built and tried in: a debianroot.Kind."""
        return debianroot.Kind(
            'package-' + self.suite, self.suite, by_apt=_PACKAGES,
            ubuntu='Ubuntu' in self.source.defines)

    @property
    def dsc(self):
        """The name of the source package's .dsc (str), as it was."""
        return 'python2.7_{}.dsc'.format(self.source.version)

    @property
    def changed_dsc(self):
        """The same of the one with our patches."""
        return 'python2.7_{}+memorybio1.dsc'.format(self.source.version)

    @property
    def patches(self):
        """The names of the patches (list of str) that it gets."""
        names = groups.read_series(paths.SERIES_FILE)
        for topic in self.source.apart:
            names = groups.select_other(names, topic)
        return names

    @property
    def failing(self):
        """The ids of all tests of fails (set of str)."""
        return {test for tests in self.fails.values() for test in tests}

    @property
    def steps(self):
        """The steps that make the package's source ours (list of str)."""
        return [self.names, 'unpack', *filter(None, [self.drop]), 'add',
                'version', 'openssl', 'source']


def load(path=FILE):
    """All entries, a dict by name."""
    return {name: Release(name=name, **fields)
            for name, fields in json.loads(path.read_text()).items()}
