"""Debian's own package with our patches: `make debian`.

The commands are those of docs/packaging/debian.md.  A package that was
built is not built again until the patches change.
"""

import os
import shutil

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.base.files import sha256_of
from scripts.build.variant import Variant
from scripts.dev.package import (
    debdeps,
    debsource,
    freshroot,
    installed,
    lintiandiff,
    steps,
    take,
)
from scripts.dev.run.testreport import Row
from scripts.series import groups

WORK = paths.BUILD / 'debian'
SOURCE = WORK / 'package' / 'python2.7-2.7.18'
RULES = {False: 'debian/rules with_pgo= with_lto=', True: 'debian/rules'}
_CHANGED = 'python2.7_2.7.18-8+deb11u1+memorybio1.dsc'


def patch_names():
    """The patches that Debian's package gets."""
    return groups.select_other(groups.read_series(paths.SERIES_FILE),
                               'cve-2023-40217')


def _identity(full):
    page = (steps.FOLDER / 'debian.md').read_text()
    return '\n'.join([RULES[full]] + list(steps.parse(page).values()) + [
        '{} {}'.format(name, sha256_of(paths.PATCHES_DIR / name))
        for name in patch_names()])


def _step(names, cwd, variables, title, env=None, hint=''):
    return steps.run('debian', names, cwd, variables,
                     WORK / 'logs' / (names[-1] + '.log'), title, env, hint)


def _build_env():
    """The environ of the build: make's own variables are not for it."""
    return {name: value for name, value in os.environ.items()
            if name not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL',
                            'MAKEOVERRIDES', 'PREFIX', 'CONFIG', 'PATCHES',
                            'OPENSSL', 'SHARED', 'DESTDIR', 'CC')}


def prepare(taken):
    """Unpack Debian's package, add our patches, make the source package."""
    shutil.rmtree(WORK / 'package', ignore_errors=True)
    console.step("Adding {} patches to Debian's package".format(
        len(patch_names())))
    debsource.gather(WORK / 'package')
    _step(['names', 'unpack', 'add', 'version', 'openssl', 'source'],
          WORK / 'package',
          {'TAKE': taken, 'DEBFULLNAME': 'Local Build',
           'DEBEMAIL': 'root@localhost'}, 'unpacking, adding')


def build(full):
    """Build the packages; returns the seconds."""
    console.step('Building the packages ({})'.format(RULES[full]))
    seconds = _step(['build'], SOURCE,
                    {'JOBS': options.JOBS.read(), 'RULES': RULES[full]},
                    'dpkg-buildpackage', _build_env())
    _step(['testsuite'], SOURCE, {}, 'the package with the tests',
          _build_env())
    return seconds


def compare_lintian():
    """A Row: lintian finds nothing new."""
    console.step("lintian, Debian's package and ours")
    folder = WORK / 'package'
    new, uploader = lintiandiff.new_tags(
        lintiandiff.tags(folder / debsource.DSC_NAME),
        lintiandiff.tags(folder / _CHANGED))
    for line in uploader:
        console.note('about the entry in the changelog: ' + line)
    return Row('lintian: nothing new',
               {line: 'failed' for line in new} or {'new tags': 'passed'},
               {line: line for line in new})


def install(root):
    """Install the packages in the fresh *root* (Path)."""
    console.step('Installing the packages in {}'.format(
        paths.shown(root)))
    freshroot.make(root)
    console.run(
        freshroot.command(root, 'sh', '-c', steps.script(
            'debian', ['install'], {'DEBS': WORK / 'package'})),
        log=WORK / 'logs' / 'install.log', title='dpkg -i',
        cwd=paths.ROOT,
        env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8',
             'DEBIAN_FRONTEND': 'noninteractive'})


def main():
    full = options.DEBIAN_FULL.read(os.environ)
    freshroot.check_host('debian')
    with locking.lock(WORK / 'lock'):
        shutil.rmtree(WORK / 'logs', ignore_errors=True)
        debdeps.ensure_tools(WORK / 'logs' / 'apt.log')
        stamp = WORK / 'package.made-of'
        if files.read(stamp) != _identity(full):
            stamp.unlink(missing_ok=True)
            prepare(take.unpack(WORK))
            debdeps.ensure(SOURCE, WORK / 'logs' / 'apt.log')
            seconds = build(full)
            console.note('built in {}'.format(console.seconds_text(seconds)))
            files.write(stamp, _identity(full))
        for path in sorted((WORK / 'package').glob('*.deb')):
            console.note(paths.shown(path))
        root = WORK / 'root'
        install(root)
        row = compare_lintian()
        python = freshroot.wrapper(root, '/usr/bin/python2.7', WORK)
        return installed.check(
            python, patch_names(), Variant(), WORK / 'logs' / 'tests',
            "Debian's package with the patches, installed", [row])
