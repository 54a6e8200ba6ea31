"""An RPM of 2.7.18 with the series: `make rpm`.

The commands are those of docs/packaging/rpm.md.
"""

import os
import shutil
import subprocess

from scripts.base import console
from scripts.source import fetch
from scripts.build import variant as layout
from scripts.base import locking
from scripts.series import groups as series
from scripts.dev.package import freshroot, installed, steps, take

WORK = layout.BUILD / 'rpm'
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
         'TARBALL': fetch.fetch('python'), 'JOBS': layout.jobs(),
         'NODEPS': nodeps}, 'rpmbuild')
    for path in sorted(top.glob('RPMS/*/*.rpm')):
        console.note('{} ({})'.format(os.path.relpath(path, layout.ROOT),
                                      console.seconds_text(seconds)))


def main():
    freshroot.check_host('rpm')
    with locking.lock(WORK / 'lock'):
        shutil.rmtree(WORK / 'logs', ignore_errors=True)
        top = WORK / 'top'
        build(take.unpack(WORK), top)
        root = freshroot.make(WORK / 'root')
        console.step('Installing it in {}'.format(
            os.path.relpath(root, layout.ROOT)))
        _step(['install'], {'TOP': top, 'ROOT': root}, 'rpm -i')
        python = freshroot.wrapper(root, PYTHON, WORK)
        return installed.check(
            python, series.read_series(layout.SERIES_FILE), layout.Variant(),
            WORK / 'logs' / 'tests', 'the RPM, installed')


if __name__ == '__main__':
    console.interruptible(main)
