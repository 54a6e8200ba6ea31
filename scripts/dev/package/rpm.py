"""An RPM of 2.7.18 with the series: `make rpm`.

The commands are those of docs/packaging/rpm.md.
"""

import os
import shutil
import subprocess

from scripts import options
from scripts.base import console, locking, paths
from scripts.build.variant import Variant
from scripts.dev.package import freshroot, installed, steps, take
from scripts.series import groups
from scripts.source import fetch

WORK = paths.BUILD / 'rpm'
PYTHON = '/opt/python2.7-memorybio/bin/python2.7'


def _step(names, variables, title):
    env = {name: value for name, value in os.environ.items()
           if name not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL',
                           'MAKEOVERRIDES', 'PREFIX', 'CONFIG', 'PATCHES',
                           'OPENSSL', 'SHARED', 'DESTDIR', 'CC')}
    return steps.run('rpm', names, WORK, variables,
                     WORK / 'logs' / (names[-1] + '.log'), title, env)


def _without_database():
    """True where rpm knows of no package: another manager has them."""
    done = subprocess.run(['rpm', '-q', 'rpm'], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    return done.returncode != 0


def build(taken, top):
    """Build the package below *top* (Path) out of the release *taken*."""
    shutil.rmtree(top, ignore_errors=True)
    nodeps = '--nodeps' if _without_database() else ''
    console.step('Building the package with rpmbuild')
    seconds = _step(
        ['names', 'tree', 'sources', 'build'],
        {'TAKE': taken, 'TOP': top, 'SOURCES': top / 'SOURCES',
         'TARBALL': fetch.fetch('python'), 'JOBS': options.JOBS.read(),
         'NODEPS': nodeps}, 'rpmbuild')
    for path in sorted(top.glob('RPMS/*/*.rpm')):
        console.note('{} ({})'.format(paths.shown(path),
                                      console.seconds_text(seconds)))


def main():
    freshroot.check_host('rpm')
    with locking.lock(WORK / 'lock'):
        shutil.rmtree(WORK / 'logs', ignore_errors=True)
        top = WORK / 'top'
        build(take.unpack(WORK), top)
        root = freshroot.make(WORK / 'root')
        console.step('Installing it in {}'.format(
            paths.shown(root)))
        _step(['install'], {'TOP': top, 'ROOT': root}, 'rpm -i')
        python = freshroot.wrapper(root, PYTHON, WORK)
        return installed.check(
            python, groups.read_series(paths.SERIES_FILE), Variant(),
            WORK / 'logs' / 'tests', 'the RPM, installed')
