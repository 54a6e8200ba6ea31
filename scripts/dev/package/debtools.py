"""What the source package is built with."""

import os
import re
import shutil
import subprocess

from scripts import options
from scripts.base import console

_PROFILES = {'DEB_BUILD_PROFILES': 'nocheck'}


def missing(source):
    """What the unpacked *source* (Path) needs and this host lacks: a str,
    '' if nothing."""
    done = subprocess.run(['dpkg-checkbuilddeps'], cwd=source, text=True,
                          env=dict(os.environ, LC_ALL='C', **_PROFILES),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    match = re.search(r'build dependencies: (.*)', done.stdout)
    return match[1].strip() if match else ''


def tools_missing():
    """Names of the packages with programs that are used here but lack."""
    return [package for program, package in (
        ('dpkg-buildpackage', 'dpkg-dev'), ('lintian', 'lintian'),
        ('debootstrap', 'debootstrap')) if not shutil.which(program)]


def _changes(argv):
    """What the apt-get command *argv* would upgrade or remove (str list)."""
    output = subprocess.run(
        argv + ['-s'], env=dict(os.environ, LC_ALL='C'), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return re.findall(r'^(?:Inst (?=\S+ \[)|Remv )(\S+)', output,
                      re.MULTILINE)


def _apt(log, *words):
    argv = ['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=600',
            '--no-upgrade', '--no-install-recommends', *words]
    changes = _changes(argv)
    if changes:
        console.fail('nothing was installed, since that would upgrade or '
                     'remove what is: ' + ' '.join(changes),
                     'if that is all right, type: ' + ' '.join(argv))
    console.run(argv, log=log, title='apt-get ' + words[0],
                env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'))


def _may_install(environ):
    return os.geteuid() == 0 and options.BOOTSTRAP.read(environ)


def ensure_tools(log, environ=os.environ):
    """Install the programs that lack; where that is not to be done, end
    the program with what to type."""
    packages = tools_missing()
    if not packages:
        return
    if not _may_install(environ) or not shutil.which('apt-get'):
        console.fail('make debian needs: ' + ', '.join(packages),
                     'type, as root: apt-get install -y --no-upgrade '
                     '--no-install-recommends ' + ' '.join(packages))
    console.step('Installing what is missing: ' + ' '.join(packages))
    _apt(log, 'install', *packages)


def ensure(source, log, environ=os.environ):
    """The same for the build dependencies of *source* (Path)."""
    lacking = missing(source)
    if not lacking:
        return
    console.note('missing: ' + lacking)
    if not _may_install(environ):
        console.fail('the package cannot be built without what is missing',
                     'type, as root: apt-get build-dep -y '
                     '--no-install-recommends -P nocheck {}/'.format(source))
    console.step('Installing the build dependencies')
    _apt(log, 'build-dep', '-P', 'nocheck', '{}/'.format(source))
    lacking = missing(source)
    if lacking:
        console.fail('still missing after the installation: ' + lacking,
                     'this needs the packages of a Debian that still has '
                     'them')
