"""A fresh Debian root for each installation, to try packages in."""

import os
import shutil
import subprocess

from scripts.base import console, files, locking, paths
from scripts.dev.run import debianroot

SUITE = 'bookworm'
#: What Debian's python2.7 depends on, and the program that the demo needs.
PACKAGES = (
    'libssl3', 'openssl', 'libdb5.3', 'libsqlite3-0', 'libbz2-1.0',
    'libreadline8', 'libffi8', 'libncursesw6', 'libtinfo6', 'zlib1g',
    'libexpat1', 'libnsl2', 'libtirpc3', 'mime-support', 'net-tools',
    'netbase', 'tzdata', 'gcc', 'libc6-dev', 'libssl-dev')

FOLDER = paths.BUILD / 'roots'
MASTER = FOLDER / 'fresh'


def check_host(target):
    """End the program unless this host can make and use a root; *target*
    (str) is what make was called with."""
    if os.geteuid() != 0:
        console.fail('make {}: only root can install packages into a root'
                     .format(target), 'run it as root')
    for program in ('debootstrap', 'unshare', 'chroot'):
        if not shutil.which(program):
            console.fail('make {}: there is no {}'.format(target, program),
                         'apt-get install debootstrap')


def _master():
    """Make the root that is copied, unless it is there."""
    stamp = FOLDER / 'fresh.made-of'
    wanted = '{} {}'.format(SUITE, ' '.join(PACKAGES))
    with locking.lock(FOLDER / 'fresh.lock'):
        if files.read(stamp) == wanted:
            return
        console.step('Making a root of Debian {} in {}'.format(
            SUITE, paths.shown(MASTER)))
        shutil.rmtree(MASTER, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        console.run(
            ['debootstrap', '--variant=minbase',
             '--include=' + ','.join(PACKAGES), SUITE, MASTER,
             debianroot.mirror()],
            log=FOLDER / 'fresh.log', title='debootstrap',
            hint='is it Debian, and reached? DEBIAN_MIRROR=URL names another')
        (MASTER / 'etc' / 'hosts').write_text(debianroot.HOSTS)
        files.write(stamp, wanted)


def make(root):
    """Make *root* (Path), a Debian root in which nothing was done."""
    _master()
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(['cp', '-a', '--reflink=auto', str(MASTER), str(root)],
                   check=True)
    return root


def command(root, *words):
    """The command (str list) that runs *words* in *root* (Path)."""
    return [str(debianroot.RUNNER), str(root), str(paths.ROOT), 'native',
            *map(str, words)]


def wrapper(root, python, folder):
    """A program in *folder* (Path) that runs *python* (a path inside) in
    *root*.  Returns its Path."""
    program = folder / 'python-in-root'
    program.write_text('#!/bin/sh\nexec {} "$@"\n'.format(
        ' '.join("'{}'".format(word) for word in command(root, python))))
    program.chmod(0o755)
    return program
