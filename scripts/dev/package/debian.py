"""A distribution's own package with our patches: `make debian`.

Which one, DEBIAN says: an entry of debian.json.  The commands are those of
docs/packaging/debian.md and ubuntu.md, run in roots of the release.  A
package that was built is not built again until the patches change.
"""

import os
import shutil

from scripts import options
from scripts.base import console, locking, once, paths
from scripts.base.files import sha256_of
from scripts.build.variant import Variant
from scripts.dev.package import (
    debreleases,
    debsource,
    installed,
    lintiandiff,
    steps,
    take,
)
from scripts.dev.run import debianroot
from scripts.dev.run.testreport import Row

FOLDER = paths.BUILD / 'debian'
RULES = {False: 'debian/rules with_pgo= with_lto=', True: 'debian/rules'}


class Package:
    """The package of *release* (debreleases.Release); *full*: True if it is
    built with profiling and LTO."""

    def __init__(self, release, full):
        self.release = release
        self.rules = RULES[full]
        self.work = FOLDER / release.name
        #: The source package as it was, and ours with what is built of it.
        self.before = self.work / 'before'
        self.folder = self.work / 'package'
        self.source = self.folder / 'python2.7-2.7.18'
        self.root = self.work / 'root'

    @property
    def identity(self):
        """What the packages are made of (str)."""
        parts = [self.rules, self.release.suite, self.release.source.sha256]
        for page in ('debian', 'ubuntu'):
            text = (steps.FOLDER / (page + '.md')).read_text()
            parts += steps.parse(text).values()
        return '\n'.join(parts + [
            '{} {}'.format(name, sha256_of(paths.PATCHES_DIR / name))
            for name in self.release.patches])

    def _step(self, names, cwd, variables, title, root):
        return steps.run(
            'debian', names, cwd, variables,
            self.work / 'logs' / (names[-1] + '.log'), title,
            debianroot.environment(), root=debianroot.command(root))

    def build(self, taken):
        """Add our patches to the distribution's package and build it, in a
        root of its own; *taken* (Path) is the release that they are of."""
        shutil.rmtree(self.before, ignore_errors=True)
        root = debianroot.make(self.work / 'build-root', self.release.kind)
        console.step('Adding {} patches to the package of {}'.format(
            len(self.release.patches), self.release.title))
        version = {'VERSION': self.release.source.version}
        debsource.gather(self.before, self.release.source)
        # Packed by the same tools as ours, for lintian to compare.
        self._step(['unpack', 'source'], self.before, version,
                   'the package as it was', root)
        debsource.gather(self.folder, self.release.source)
        self._step(self.release.steps, self.folder,
                   dict(version, TAKE=taken, DEBFULLNAME='Local Build',
                        DEBEMAIL='root@localhost'), 'unpacking, adding', root)
        console.step('Building the packages ({})'.format(self.rules))
        self._step(['depends'], self.source, {}, 'what it is built with',
                   root)
        seconds = self._step(
            ['build'], self.source,
            {'JOBS': options.JOBS.read(), 'RULES': self.rules},
            'dpkg-buildpackage', root)
        self._step(['testsuite'], self.source, {},
                   'the package with the tests', root)
        console.note('built in {}'.format(console.seconds_text(seconds)))
        shutil.rmtree(root)

    def ensure(self):
        """Build the packages unless they are there."""
        for _ in once.made(self.folder, self.identity):
            self.build(take.unpack(self.work))
        for path in sorted(self.folder.glob('*.deb')):
            console.note(paths.shown(path))

    def compare_lintian(self):
        """A Row: lintian finds nothing new."""
        console.step('lintian, the package as it was and ours')
        new, uploader = lintiandiff.new_tags(
            lintiandiff.tags(self.before / self.release.dsc),
            lintiandiff.tags(self.folder / self.release.changed_dsc))
        for line in uploader:
            console.note('about the entry in the changelog: ' + line)
        return Row('lintian: nothing new',
                   {line: 'failed' for line in new} or
                   {'new tags': 'passed'}, {line: line for line in new})

    def install(self):
        """Install the packages in a fresh root; returns the program (Path)
        that is their interpreter."""
        console.step('Installing the packages in {}'.format(
            paths.shown(self.root)))
        debianroot.make(self.root, self.release.kind)
        self._step(['install'], self.folder, {'DEBS': self.folder},
                   'apt-get install', self.root)
        return debianroot.wrapper(
            self.work / 'python-in-root',
            debianroot.command(self.root, '/usr/bin/python2.7'))


def main():
    release = debreleases.load()[options.DEBIAN.read(os.environ)]
    package = Package(release, options.DEBIAN_FULL.read(os.environ))
    debianroot.check_host('make debian')
    with locking.lock(package.work / 'lock'):
        logs = package.work / 'logs'
        shutil.rmtree(logs, ignore_errors=True)
        package.ensure()
        python = package.install()
        row = package.compare_lintian()
        return installed.check(
            python, release.patches, Variant(), logs / 'tests',
            'the package of {}, with the patches, installed'.format(
                release.title), [row], release.failing)
