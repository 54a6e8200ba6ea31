"""Roots of Debian and Ubuntu releases and of other architectures: to build
and test in, to try packages and overlays in.

A root is made once by debootstrap in build/roots/NAME, and used there or
copied for each use.  Programs of an architecture that the processor does not
have run in qemu-user, which the kernel has to know about (binfmt_misc).
"""

import os
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts import options
from scripts.base import console, once, paths
from scripts.source import aptsource

FOLDER = paths.BUILD / 'roots'
RUNNER = Path(__file__).resolve().with_name('inroot.sh')

#: The tests connect to localhost and look the machine's own name up.
HOSTS = '127.0.0.1\tlocalhost\n127.0.1.1\t{}\n'

#: Of Ubuntu's package ubuntu-keyring, which Debian 12 does not have.
_UBUNTU_KEY = Path('/usr/share/keyrings/ubuntu-archive-keyring.gpg')

#: How the host reaches the network.
_PROXY = re.compile(r'(https?|ftp|all|no)_proxy', re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """name: of the root in FOLDER.  suite: of Debian, or if ubuntu is True
    of Ubuntu, with universe.  arch: Debian's name of the architecture, ''
    for the host's.  qemu: what binfmt_misc calls the emulator, '' where none
    is needed.  packages: what is in it besides the minimum (strs); by_apt:
    what else is, with dependencies that debootstrap gets wrong, or of the
    other suite newer.  configure: arguments for configure, as the shell has
    them; they also tell the builds apart.  day: a text that changes where an
    older root will not do.  title: for people."""

    name: str
    suite: str = 'bookworm'
    packages: tuple = ()
    ubuntu: bool = False
    arch: str = ''
    qemu: str = ''
    by_apt: tuple = ()
    newer: str = ''
    configure: str = ''
    day: str = ''
    title: str = ''

    def __str__(self):
        return self.title or ', '.join(filter(None, (
            '{} {}'.format('Ubuntu' if self.ubuntu else 'Debian', self.suite),
            self.arch)))

    @property
    def made_of(self):
        """What tells whether a root is still as wanted (str)."""
        return ' '.join((
            self.suite, self.arch, *('ubuntu',) * self.ubuntu, *self.packages,
            *self.by_apt, *filter(None, (self.newer, self.day))))


def _building(name, configure, **fields):
    """A Kind to build and test in."""
    return Kind(name, packages=(
        'gcc', 'libc6-dev', 'make', 'patch', 'quilt', 'python3', 'pkg-config',
        'openssl', 'libssl-dev', 'zlib1g-dev', 'libbz2-dev', 'libffi-dev',
        'libsqlite3-dev', 'libreadline-dev', 'netbase'),
        configure=configure, **fields)


# 2.7.18 has a type of its own called bool, C23 does not allow it.
_SID = "'CFLAGS=-g -O2 -std=gnu17'"

#: Those of the matrix.
ROOTS = {kind.name: kind for kind in (
    _building('i386', '--build=i686-linux-gnu', arch='i386'),
    _building('arm64', '--build=aarch64-linux-gnu', arch='arm64',
              qemu='qemu-aarch64'),
    _building('s390x', '--build=s390x-linux-gnu', arch='s390x',
              qemu='qemu-s390x'),
    _building('sid', _SID, suite='sid'),
    # An argument of its own, so that it has a folder of its own
    _building('experimental', _SID + ' --build=x86_64-linux-gnu',
              suite='sid', newer='experimental',
              by_apt=('openssl', 'libssl-dev')))}


def command(root, *words, arch=''):
    """The command (str list) that runs *words* in *root* (Path), which is of
    *arch*."""
    return [str(RUNNER), str(root), str(paths.ROOT), arch or 'native',
            *map(str, words)]


def check_host(what, kinds=(), hint='run it as root'):
    """End the program, which needs it for *what* (str), unless this host can
    make and use roots of *kinds* (Kinds)."""
    if os.geteuid() != 0:
        console.fail('{}: only root can make and use a root of a release'
                     .format(what), hint)
    for program in ('debootstrap', 'unshare', 'chroot', 'setarch'):
        if not shutil.which(program):
            console.fail('{}: there is no {}'.format(what, program),
                         'apt-get install debootstrap')
    for kind in kinds:
        _check_emulator(kind)


def _check_emulator(kind):
    registered = Path('/proc/sys/fs/binfmt_misc') / kind.qemu
    if kind.qemu and not registered.exists():
        console.fail(
            'a root of {}: the kernel does not know {}'.format(
                kind, kind.qemu),
            'apt-get install qemu-user-static binfmt-support gcc-{}-linux-gnu'
            '\nand, where no init does it: mount -t binfmt_misc none '
            '/proc/sys/fs/binfmt_misc;\ncat /usr/lib/binfmt.d/{}.conf '
            '>/proc/sys/fs/binfmt_misc/register'.format(
                kind.qemu[len('qemu-'):], kind.qemu))


def mirror(environ=os.environ):
    """The address of a Debian archive: DEBIAN_MIRROR, or the host's own."""
    found = options.DEBIAN_MIRROR.read(environ) or aptsource.mirror(
        aptsource.host_sources(), aptsource.codename())
    if not found:
        console.fail('no Debian archive in /etc/apt to make a root from',
                     'name one: DEBIAN_MIRROR=URL')
    return found


def _ubuntu_check():
    """How debootstrap verifies what it takes of Ubuntu: an option (str)."""
    if _UBUNTU_KEY.exists():
        return '--keyring={}'.format(_UBUNTU_KEY)
    console.warn(
        'WARNING: the signatures of Ubuntu\'s packages are not checked, as '
        'there is no\n{}: what comes over plain HTTP runs here as root. To '
        'have them checked,\ntake that file from Ubuntu\'s package '
        'ubuntu-keyring (on Ubuntu: apt-get install ubuntu-keyring;\nDebian '
        '12 has no such package).'.format(_UBUNTU_KEY))
    return '--no-check-gpg'


def debootstrap(root, kind):
    """The command (list) that makes *root* (Path) the minimum of *kind* with
    its packages."""
    argv = ['debootstrap', '--variant=minbase']
    if kind.packages:
        argv.append('--include=' + ','.join(kind.packages))
    if kind.arch:
        argv.append('--arch=' + kind.arch)
    if kind.ubuntu:
        argv += ['--components=main,universe', _ubuntu_check()]
        # Where Ubuntu is, debootstrap knows.
        return argv + [kind.suite, root]
    return argv + [kind.suite, root, mirror()]


def settle(root):
    """Tell *root* (Path) the names of this machine, and let its apt take an
    archive that is not renewed."""
    (root / 'etc/hosts').write_text(HOSTS.format(socket.gethostname()))
    (root / 'etc/apt/apt.conf.d/90snapshot').write_text(
        'Acquire::Check-Valid-Until "false";\n')


def environment(environ=os.environ):
    """The environ (dict) of commands in a root: nothing of the host's but
    its way to the network."""
    env = {name: value for name, value in environ.items()
           if _PROXY.fullmatch(name)}
    env.update(PATH='/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL='C.UTF-8',
               HOME='/root', DEBIAN_FRONTEND='noninteractive')
    return env


def _install(root, kind, log):
    """Install by apt what debootstrap did not."""
    newer = ()
    if kind.newer:
        newer = ('-t', kind.newer)
        (root / 'etc/apt/sources.list.d/newer.list').write_text(
            'deb {} {} main\n'.format(mirror(), kind.newer))
    console.run(
        command(root, 'sh', '-c', 'apt-get update && apt-get install -y '
                '--no-install-recommends "$@"', 'sh', *newer, *kind.by_apt,
                arch=kind.arch),
        cwd=paths.ROOT, env=environment(), title='apt-get install', log=log,
        hint='has {} all of them?'.format(kind.newer or kind.suite))


def ensure(kind):
    """Make the root of *kind* (Kind) unless it is there.  Returns its
    Path."""
    root, log = (FOLDER / (kind.name + end) for end in ('', '.log'))
    for _ in once.made(root, kind.made_of):
        console.step('Making a root of {} in {}'.format(
            kind, paths.shown(root)))
        log.unlink(missing_ok=True)
        console.run(
            debootstrap(root, kind), log=log, title='debootstrap',
            hint=('' if kind.ubuntu else 'is it Debian, and reached? '
                  'DEBIAN_MIRROR=URL names another; ') +
            'see also {}'.format(root / 'debootstrap/debootstrap.log'))
        settle(root)
        if kind.by_apt:
            _install(root, kind, log)
    settle(root)
    return root


def copy(source, root):
    """Make *root* (Path) a copy of *source*, a root in which nothing was
    done.  Returns it."""
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(['cp', '-a', '--reflink=auto', str(source), str(root)],
                   check=True)
    settle(root)
    return root


def make(root, kind):
    """Make *root* (Path) one of *kind* (Kind) in which nothing was done."""
    return copy(ensure(kind), root)


def wrapper(program, argv):
    """Make *program* (Path) one that runs *argv*, of command(), as if it
    were a native one.  Returns it."""
    program.write_text('#!/bin/sh\nexec {} "$@"\n'.format(
        ' '.join("'{}'".format(word) for word in argv)))
    program.chmod(0o755)
    return program


def main(args):
    # For a look inside: python3 -m scripts debian-root NAME [COMMAND...]
    kind = ROOTS[args[0]]
    check_host('debian-root', [kind])
    words = command(ensure(kind), *args[1:] or ['/bin/bash'], arch=kind.arch)
    os.execv(words[0], words)
