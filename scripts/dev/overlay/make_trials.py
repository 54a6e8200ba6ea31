"""make overlay-test: overlays and wheels, tried in roots of the releases that
have a python2.7, and on upstream's interpreters.

Option by variable: OVERLAY_TRIALS, some of roots.RELEASES and STOCK.
"""

import itertools
import shutil
import time

from scripts import options
from scripts.base import console, locking
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import record
from scripts.dev.matrix import skips
from scripts.dev.overlay import (
    certificatetrial,
    clienttrial,
    existing,
    make_overlay,
    make_wheel,
    place,
    roots,
    snapshot,
    sources,
    suites,
    trial,
    variables,
    wheeltrial,
)
from scripts.dev.run import debianroot, examples27, intree, testreport
from scripts.dev.run.testreport import Row

FOLDER = sources.FOLDER / 'trial'

#: Interpreters as upstream has them.
STOCK = {'stock': make_wheel.STOCK[0], 'stock-ucs2': make_wheel.STOCK[1]}

#: How many times as long an emulator may take.
EMULATED = 6


def wheel_for(python):
    """The wheel (Path) that "make wheel" wrote for *python*
    (existing.Interpreter)."""
    found = sorted(make_wheel.FOLDER.glob('*-cp27-{}-*.whl'.format(
        python.abi)))
    if not found:
        console.fail('there is no wheel for {}'.format(python.abi),
                     'run "make wheel" first')
    return found[-1]


class Trial:
    """One existing.  name: of OVERLAY_TRIALS.  Has rows() to judge."""

    def __init__(self, name, groups, cpython):
        self.name = name
        self.groups = groups
        self.cpython = cpython
        self.folder = FOLDER / name
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def old(self):
        """True if its OpenSSL is older than what the series is for."""
        return self.name in roots.RELEASES and \
            roots.RELEASES[self.name].old

    @property
    def foreign(self):
        """True if it is for another architecture than this machine's."""
        return self.name in roots.RELEASES and bool(
            roots.RELEASES[self.name].arch)

    @property
    def emulated(self):
        """True if this machine's processor cannot run its programs: that
        takes many times as long."""
        return self.name in roots.RELEASES and bool(
            roots.RELEASES[self.name].qemu)

    @property
    def failing(self):
        """The ids of the tests (list of str) that an emulator fails."""
        return skips.Allowed().failing[roots.RELEASES[self.name].arch] \
            if self.emulated else []

    def prepare(self):
        """Make what the interpreter is in; sets admin and user (places) and
        program (Path), the interpreter as a program of this machine."""
        if self.name in STOCK:
            variant = STOCK[self.name]
            interpreter.ensure(variant)
            copy = self.folder / 'installed'
            shutil.rmtree(copy, ignore_errors=True)
            installed = examples27.installed(variant)
            shutil.copytree(installed.parents[1], copy, symlinks=True)
            self.program = copy / 'bin' / 'python2.7'
            self.admin = self.user = place.Place(
                self.name, self.program, self.folder / 'home')
            self.protected = copy / 'lib' / 'python2.7'
            return
        release = roots.RELEASES[self.name]
        root = debianroot.make(self.folder / 'root', release.kind)
        self.program = debianroot.wrapper(
            self.folder / 'python2.7',
            debianroot.command(root, release.python, arch=release.arch))
        self.admin = place.RootPlace(release, root, user=False)
        self.user = place.RootPlace(release, root)
        self.protected = root / 'usr'

    def rows(self):
        """Try everything.  Yields Rows."""
        self.prepare()
        before = snapshot.digests(self.protected)
        python = existing.inspect(str(self.program))
        yield from self.wheels(python)
        if self.old:
            # The series is for OpenSSL 1.1.1 and later: with the wheel's.
            yield from self.installed_for_all(python, wheel_for(python),
                                              True)
        else:
            built = make_overlay.make(python, '', False, self.groups,
                                      self.cpython)
            yield from self.installed_for_all(python, built.wheel)
        changed = snapshot.differences(before,
                                       snapshot.digests(self.protected))
        yield _row(self.name + ': files of the interpreter', changed)

    def installed_for_all(self, python, wheel, bundled=False):
        """The suites, with *wheel* (Path) where all see it; then without.
        python: existing.Interpreter.  bundled: True if OpenSSL is in it."""
        make_overlay.install_for_all(self.admin, wheel,
                                     self.admin.environment())
        found = trial.facts(self.admin, self.admin.python,
                            self.admin.environment())
        # That of ssl_overlay/NAME-front/ssl.py.
        site = self.admin.outside(found['in_use']['ssl']).parents[2]
        env = intree.clean_env(Variant())
        src = sources.prepare(self.groups, self.cpython)
        rows = itertools.chain(
            # Lib_tests reach for the functions of the library.
            suites.by_pytest(self.name, self.program, self.groups, env,
                             self.folder,
                             not bundled and not self.emulated),
            suites.in_tree(self.name, self.program, src,
                           suites.modules(self.groups, python,
                                          not self.emulated),
                           env, self.folder, site, intree.TIMEOUT *
                           (EMULATED if self.emulated else 1)))
        yield from suites.with_known(
            rows, found['in_use']['openssl'],
            suites.patches_of(self.groups), self.failing)
        if 'pep546' in self.groups and not self.foreign:
            # Its clock is set with a library of this machine's kind.
            yield clienttrial.run(self.name, self.program, self.groups,
                                  self.folder)
        make_overlay.remove_for_all(self.admin, self.admin.environment())

    def wheels(self, python):
        """The wheel and the sdist, for an ordinary user."""
        env = self.user.environment()
        sdist, = make_wheel.FOLDER.glob('*.tar.gz')
        console.step('{}: the sdist in a virtualenv'.format(self.name))
        found = wheeltrial.from_sdist(self.user, sdist, self.groups, env)
        yield _row('{}: sdist, {}'.format(
            self.name, found['in_use']['openssl']), [])
        if self.foreign:
            return      # its wheel is made on its own machines
        wheel = wheel_for(python)
        console.step('{}: the wheel in a virtualenv'.format(self.name))
        versions = wheeltrial.with_each_pip(self.user, wheel, self.groups,
                                            env)
        yield _row('{}: wheel with pip {}'.format(
            self.name, ', '.join(versions)), [])
        wheeltrial.over_https(self.user, wheel, env, self.folder / 'index')
        yield _row(self.name + ': pip over HTTPS', [])
        if self.name in roots.RELEASES:
            # It changes the root, not what belongs to the existing.
            folder = trial.virtualenv(self.user, env)
            self.user.run(trial.pip(folder) + [
                'install', '--no-index', self.user.put(wheel)], env)
            certificatetrial.run(self.user, folder / 'bin' / 'python', env)
            yield _row(self.name + ': certificates', [])


def _row(name, wrong):
    """A Row of one check, which failed if *wrong* has something (strs)."""
    return Row(name, {name: 'failed' if wrong else 'passed'},
               {name: ', '.join(wrong)})


def main():
    names = options.OVERLAY_TRIALS.read()
    groups, cpython = variables.groups()
    if set(names) & set(roots.RELEASES):
        debianroot.check_host(
            'make overlay-test', [roots.RELEASES[name].kind for name in names
                                  if name in roots.RELEASES],
            'run it as root, or leave these out: OVERLAY_TRIALS=')
    rows, found = [], {}
    every = [name for name in options.OVERLAY_TRIALS.known()
             if name not in options.OVERLAY_TRIALS.special]
    taking = record.Taking('overlay', Variant(groups=groups, cpython=cpython))
    with locking.lock(FOLDER / 'lock'):
        for name in names:
            begin = time.monotonic()
            own = list(Trial(name, groups, cpython).rows())
            found[name] = testreport.part(own, begin)
            taking.write(found, parts=every)
            rows += own
    out = terminal.output()
    return testreport.report(rows, 'overlays', out)
