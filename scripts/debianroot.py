"""Debian roots of other architectures, to build and test in.

A root is made once by debootstrap in build/roots/ARCH.  Programs of an
architecture that the processor does not have run in qemu-user, which the
kernel has to know about (binfmt_misc).
"""

import os
import shutil
import sys
from pathlib import Path

import aptsource
import console
import layout
import locking
import tree

FOLDER = layout.BUILD / 'roots'
SUITE = 'bookworm'
RUNNER = Path(__file__).resolve().with_name('inroot.sh')

PACKAGES = (
    'gcc', 'libc6-dev', 'make', 'patch', 'quilt', 'python3', 'pkg-config',
    'openssl', 'libssl-dev', 'zlib1g-dev', 'libbz2-dev', 'libffi-dev',
    'libsqlite3-dev', 'libreadline-dev', 'netbase')

#: The tests connect to localhost by name.
HOSTS = '127.0.0.1\tlocalhost\n'

#: configure's name for the architecture, and qemu's where it is needed.
ARCHITECTURES = {'i386': ('i686-linux-gnu', ''),
                 's390x': ('s390x-linux-gnu', 's390x')}


def path(arch):
    return FOLDER / arch


def command(arch, *words):
    """The command that runs *words* in the root for *arch* (str list)."""
    return [str(RUNNER), str(path(arch)), str(layout.ROOT), arch,
            *map(str, words)]


def check_host(arch):
    """End the program unless this host can make and use a root."""
    hint = 'apt-get install debootstrap qemu-user-static binfmt-support'
    if os.geteuid() != 0:
        console.fail('MATRIX_EXTRA={}: only root can make a Debian root'
                     .format(arch), 'run "make matrix" as root')
    for program in ('debootstrap', 'unshare', 'chroot', 'setarch'):
        if not shutil.which(program):
            console.fail('MATRIX_EXTRA={}: there is no {}'.format(
                             arch, program), hint)
    qemu = ARCHITECTURES[arch][1]
    registered = Path('/proc/sys/fs/binfmt_misc/qemu-' + qemu)
    if qemu and not registered.exists():
        console.fail(
            'MATRIX_EXTRA={}: the kernel does not know qemu-{}'.format(
                arch, qemu),
            '{}\nand, where no init does it: mount -t binfmt_misc none '
            '/proc/sys/fs/binfmt_misc;\ncat /usr/lib/binfmt.d/qemu-{}.conf '
            '>/proc/sys/fs/binfmt_misc/register'.format(hint, qemu))


def mirror(environ=os.environ):
    """The address of a Debian archive: DEBIAN_MIRROR, or the host's own."""
    found = environ.get('DEBIAN_MIRROR', '').strip() or aptsource.mirror(
        aptsource.host_sources(), aptsource.codename())
    if not found:
        console.fail('no Debian archive in /etc/apt to make a root from',
                     'name one: DEBIAN_MIRROR=URL')
    return found


def ensure(arch):
    """Make the root for *arch* unless it is there.  Returns its Path."""
    check_host(arch)
    root = path(arch)
    stamp = FOLDER / (arch + '.made-of')
    wanted = '{} {} {}'.format(SUITE, arch, ' '.join(PACKAGES))
    with locking.lock(FOLDER / (arch + '.lock')):
        if tree.read_stamp(stamp) == wanted:
            return root
        console.step('Making a root of Debian {}, {}, in {}'.format(
            SUITE, arch, os.path.relpath(root, layout.ROOT)))
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        console.run(
            ['debootstrap', '--variant=minbase', '--arch=' + arch,
             '--include=' + ','.join(PACKAGES), SUITE, root, mirror()],
            log=FOLDER / (arch + '.log'), title='debootstrap',
            hint='is it Debian, and reached? DEBIAN_MIRROR=URL names another; '
            'see also {}'.format(root / 'debootstrap' / 'debootstrap.log'))
        (root / 'etc' / 'hosts').write_text(HOSTS)
        tree.write_stamp(stamp, wanted)
    return root


def wrapper(arch, python, folder):
    """A program in *folder* (Path) that runs *python* (Path) in the root for
    *arch*, as if it were a native one.  Returns its Path."""
    program = folder / ('python-' + arch)
    program.write_text('#!/bin/sh\nexec {} "$@"\n'.format(
        ' '.join("'{}'".format(word) for word in command(arch, python))))
    program.chmod(0o755)
    return program


if __name__ == '__main__':
    # For a look inside: debianroot.py ARCH [COMMAND...]
    ensure(sys.argv[1])
    words = command(*(sys.argv[1:] + ['/bin/bash'] * (len(sys.argv) < 3)))
    os.execv(words[0], words)
