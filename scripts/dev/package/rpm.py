"""An RPM of 2.7.18 with the series: `make rpm`.

RPM says whose rpm: this host's, or that of a release which `make debian` has
roots of, in such roots.  The commands are those of docs/packaging/rpm.md.
"""

import os
import shutil
import subprocess

from scripts import options
from scripts.base import console, locking, paths
from scripts.build.variant import Variant
from scripts.dev.package import debreleases, installed, steps, take
from scripts.dev.run import debianroot
from scripts.series import groups
from scripts.source import fetch

FOLDER = paths.BUILD / 'rpm'
PYTHON = '/opt/python2.7-memorybio/bin/python2.7'

#: What the host's is tried in: with what Debian's python2.7 depends on, and
#: what the demo needs.
FRESH = debianroot.Kind('fresh', packages=(
    'libssl3', 'openssl', 'libdb5.3', 'libsqlite3-0', 'libbz2-1.0',
    'libreadline8', 'libffi8', 'libncursesw6', 'libtinfo6', 'zlib1g',
    'libexpat1', 'libnsl2', 'libtirpc3', 'mime-support', 'net-tools',
    'netbase', 'tzdata', 'gcc', 'libc6-dev', 'libssl-dev'))

_NOT_FOR_RPM = ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES', 'PREFIX',
                'CONFIG', 'PATCHES', 'OPENSSL', 'SHARED', 'DESTDIR', 'CC')


class Package:
    """The package, built by the rpm of *name* (str, a choice of RPM)."""

    kind = FRESH
    title = 'the RPM'

    def __init__(self, name):
        self.work = FOLDER / name
        self.top = self.work / 'top'
        #: What it is installed in.
        self.root = self.work / 'root'
        self.tarball = fetch.fetch('python')

    @property
    def env(self):
        """The environ (dict) of the commands."""
        return {name: value for name, value in os.environ.items()
                if name not in _NOT_FOR_RPM}

    def command(self, *words):
        """The command (list) that runs *words* where rpm is."""
        return words

    def step(self, names, variables, title):
        """Run steps of the page; returns the seconds."""
        return steps.run('rpm', names, self.work, variables,
                         self.work / 'logs' / (names[-1] + '.log'), title,
                         self.env, root=self.command())

    def prepare(self):
        """Bring rpm, and what the package is built with, where it is not."""

    def _ask(self, *words):
        return subprocess.run(
            self.command('rpm', *words), cwd=self.work, env=self.env,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def build(self, taken):
        """Build it out of the release *taken* (Path)."""
        shutil.rmtree(self.top, ignore_errors=True)
        console.step('Building the package with rpmbuild')
        console.note(self._ask('--version').stdout.strip())
        # Where another manager has the packages, rpm knows of none.
        nodeps = '--nodeps' if self._ask('-q', 'rpm').returncode else ''
        seconds = self.step(
            ['names', 'tree', 'sources', 'build'],
            {'TAKE': taken, 'TOP': self.top, 'SOURCES': self.top / 'SOURCES',
             'TARBALL': self.tarball, 'JOBS': options.JOBS.read(),
             'NODEPS': nodeps}, 'rpmbuild')
        for path in sorted(self.top.glob('RPMS/*/*.rpm')):
            console.note('{} ({})'.format(paths.shown(path),
                                          console.seconds_text(seconds)))

    def install(self):
        """Install it in a fresh root; returns the program (Path) that is its
        interpreter."""
        debianroot.make(self.root, self.kind)
        console.step('Installing it in {}'.format(paths.shown(self.root)))
        self.step(['install'], {'TOP': self.top, 'ROOT': self.root}, 'rpm -i')
        return debianroot.wrapper(self.work / 'python-in-root',
                                  debianroot.command(self.root, PYTHON))


class PackageInRoot(Package):
    """The same by the rpm of another release, in a root of its own."""

    def __init__(self, name):
        super().__init__(name)
        release = debreleases.load()[name]
        self.kind = release.kind
        self.title = 'the RPM made on {}'.format(release.title)
        self.build_root = self.work / 'build-root'

    @property
    def env(self):
        return dict(debianroot.environment(),
                    INROOT_FOLDERS=str(self.tarball.parent))

    def command(self, *words):
        return debianroot.command(self.build_root, *words)

    def prepare(self):
        debianroot.make(self.build_root, self.kind)
        self.step(['depends'], {}, 'what it is built with')

    def install(self):
        python = super().install()
        shutil.rmtree(self.build_root)
        return python


def main():
    debianroot.check_host('make rpm')
    name = options.RPM.read(os.environ)
    package = (Package if name == 'host' else PackageInRoot)(name)
    with locking.lock(package.work / 'lock'):
        logs = package.work / 'logs'
        shutil.rmtree(logs, ignore_errors=True)
        package.prepare()
        package.build(take.unpack(package.work))
        return installed.check(
            package.install(), groups.read_series(paths.SERIES_FILE),
            Variant(), logs / 'tests', package.title + ', installed')
