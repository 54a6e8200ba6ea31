"""Debian roots of other architectures and releases, to build and test in.

A root is made once by debootstrap in build/roots/NAME.  Programs of an
architecture that the processor does not have run in qemu-user, which the
kernel has to know about (binfmt_misc).
"""

import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.source import aptsource

FOLDER = paths.BUILD / 'roots'
RUNNER = Path(__file__).resolve().with_name('inroot.sh')

PACKAGES = (
    'gcc', 'libc6-dev', 'make', 'patch', 'quilt', 'python3', 'pkg-config',
    'openssl', 'libssl-dev', 'zlib1g-dev', 'libbz2-dev', 'libffi-dev',
    'libsqlite3-dev', 'libreadline-dev', 'netbase')

#: The tests connect to localhost and look the machine's own name up.
HOSTS = '127.0.0.1\tlocalhost\n127.0.1.1\t{}\n'

#: Of Ubuntu's package ubuntu-keyring, which Debian 12 does not have.
_UBUNTU_KEY = Path('/usr/share/keyrings/ubuntu-archive-keyring.gpg')


@dataclass(frozen=True)
class Root:
    """configure: arguments for configure, as the shell has them; they also
    tell the builds apart.  suite: Debian's release.  arch: Debian's name of
    the architecture, '' for the host's.  qemu: what binfmt_misc calls the
    emulator, '' where none is needed.  openssl: the release whose OpenSSL
    takes the place of the suite's."""

    configure: str
    suite: str = 'bookworm'
    arch: str = ''
    qemu: str = ''
    openssl: str = ''


# 2.7.18 has a type of its own called bool, C23 does not allow it.
_SID = "'CFLAGS=-g -O2 -std=gnu17'"

ROOTS = {'i386': Root('--build=i686-linux-gnu', arch='i386'),
         'arm64': Root('--build=aarch64-linux-gnu', arch='arm64',
                       qemu='qemu-aarch64'),
         's390x': Root('--build=s390x-linux-gnu', arch='s390x',
                       qemu='qemu-s390x'),
         'sid': Root(_SID, suite='sid'),
         # An argument of its own, so that it has a folder of its own
         'experimental': Root(_SID + ' --build=x86_64-linux-gnu',
                              suite='sid', openssl='experimental')}


def path(name):
    return FOLDER / name


def command(name, *words):
    """The command that runs *words* in the root *name* (str list)."""
    return [str(RUNNER), str(path(name)), str(paths.ROOT),
            ROOTS[name].arch or 'native', *map(str, words)]


def check_host(name):
    """End the program unless this host can make and use a root."""
    what = 'MATRIX_EXTRA={}'.format(name)
    if os.geteuid() != 0:
        console.fail('{}: only root can make a Debian root'.format(what),
                     'run "make matrix" as root')
    for program in ('debootstrap', 'unshare', 'chroot', 'setarch'):
        if not shutil.which(program):
            console.fail('{}: there is no {}'.format(what, program),
                         'apt-get install debootstrap')
    check_emulator(ROOTS[name].qemu, what)


def check_emulator(qemu, what):
    """End the program, which needs it for *what* (str), unless the kernel
    knows the emulator *qemu* (its name, '' if none is needed)."""
    registered = Path('/proc/sys/fs/binfmt_misc') / qemu
    if qemu and not registered.exists():
        console.fail(
            '{}: the kernel does not know {}'.format(what, qemu),
            'apt-get install qemu-user-static binfmt-support gcc-{}-linux-gnu'
            '\nand, where no init does it: mount -t binfmt_misc none '
            '/proc/sys/fs/binfmt_misc;\ncat /usr/lib/binfmt.d/{}.conf '
            '>/proc/sys/fs/binfmt_misc/register'.format(
                qemu[len('qemu-'):], qemu))


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


def debootstrap(root, suite, packages=(), ubuntu=False, arch=''):
    """The command (list) that makes *root* (Path) a minimal one of *suite*
    with *packages* (strs): of Debian, or with *ubuntu* of Ubuntu, with
    universe.  arch: Debian's name of the architecture, '' for the host's."""
    argv = ['debootstrap', '--variant=minbase']
    if packages:
        argv.append('--include=' + ','.join(packages))
    if arch:
        argv.append('--arch=' + arch)
    if ubuntu:
        argv += ['--components=main,universe', _ubuntu_check()]
        # Where Ubuntu is, debootstrap knows.
        return argv + [suite, root]
    return argv + [suite, root, mirror()]


def name_machine(root):
    """Tell *root* (Path) the names of this machine."""
    (root / 'etc' / 'hosts').write_text(HOSTS.format(socket.gethostname()))


def accept_snapshot(root):
    """Let apt in *root* (Path) take an archive that is not renewed."""
    (root / 'etc/apt/apt.conf.d/90snapshot').write_text(
        'Acquire::Check-Valid-Until "false";\n')


def _take_openssl(name, suite):
    """Install the OpenSSL of Debian's *suite* in the root *name*."""
    accept_snapshot(path(name))
    (path(name) / 'etc/apt/sources.list.d/openssl.list').write_text(
        'deb {} {} main\n'.format(mirror(), suite))
    for words in (['update'], ['install', '-y', '--no-install-recommends',
                               '-t', suite, 'openssl', 'libssl-dev']):
        console.run(command(name, 'env', 'DEBIAN_FRONTEND=noninteractive',
                            'apt-get', *words), cwd=paths.ROOT,
                    log=FOLDER / (name + '-openssl.log'),
                    title='apt-get ' + words[0],
                    hint='has {} an OpenSSL?'.format(suite))


def ensure(name):
    """Make the root *name* unless it is there.  Returns its Path."""
    check_host(name)
    root, what = path(name), ROOTS[name]
    stamp = FOLDER / (name + '.made-of')
    wanted = ' '.join((what.suite, what.arch) + PACKAGES +
                      (what.openssl,) * bool(what.openssl))
    with locking.lock(FOLDER / (name + '.lock')):
        if files.read(stamp) == wanted:
            name_machine(root)
            return root
        console.step('Making a root of Debian {} in {}'.format(
            ', '.join(filter(None, (what.suite, what.arch))),
            paths.shown(root)))
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        console.run(
            debootstrap(root, what.suite, PACKAGES, arch=what.arch),
            log=FOLDER / (name + '.log'), title='debootstrap',
            hint='is it Debian, and reached? DEBIAN_MIRROR=URL names another; '
            'see also {}'.format(root / 'debootstrap' / 'debootstrap.log'))
        name_machine(root)
        if what.openssl:
            _take_openssl(name, what.openssl)
        files.write(stamp, wanted)
    return root


def wrapper(name, python, folder):
    """A program in *folder* (Path) that runs *python* (Path) in the root
    *name*, as if it were a native one.  Returns its Path."""
    program = folder / ('python-' + name)
    program.write_text('#!/bin/sh\nexec {} "$@"\n'.format(
        ' '.join("'{}'".format(word) for word in command(name, python))))
    program.chmod(0o755)
    return program


def main(args):
    # For a look inside: python3 -m scripts debian-root NAME [COMMAND...]
    ensure(args[0])
    words = command(*args if args[1:] else (args[0], '/bin/bash'))
    os.execv(words[0], words)
