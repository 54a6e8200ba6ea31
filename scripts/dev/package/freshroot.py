"""A fresh root of a release for each installation, to try packages in."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from scripts.base import console, files, locking, paths
from scripts.dev.run import debianroot

FOLDER = paths.BUILD / 'roots'


@dataclass(frozen=True)
class Kind:
    """name: of the root that is copied.  suite: of Debian, or if ubuntu is
    True of Ubuntu.  packages: what is in it beside the minimum (strs);
    by_apt: what else is, with dependencies that debootstrap gets wrong."""

    name: str
    suite: str
    packages: tuple = ()
    ubuntu: bool = False
    by_apt: tuple = ()


#: With what Debian's python2.7 depends on, and the program that the demo
#: needs.
FRESH = Kind('fresh', 'bookworm', (
    'libssl3', 'openssl', 'libdb5.3', 'libsqlite3-0', 'libbz2-1.0',
    'libreadline8', 'libffi8', 'libncursesw6', 'libtinfo6', 'zlib1g',
    'libexpat1', 'libnsl2', 'libtirpc3', 'mime-support', 'net-tools',
    'netbase', 'tzdata', 'gcc', 'libc6-dev', 'libssl-dev'))

#: How the host reaches the network.
_PROXY = re.compile(r'(https?|ftp|all|no)_proxy', re.IGNORECASE)


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


def master(kind):
    """Make the root of *kind* (Kind) that is copied, unless it is there.
    Returns its Path."""
    root = FOLDER / kind.name
    stamp = FOLDER / (kind.name + '.made-of')
    wanted = ' '.join((kind.suite,) + kind.packages + kind.by_apt)
    with locking.lock(FOLDER / (kind.name + '.lock')):
        if files.read(stamp) == wanted:
            return root
        console.step('Making a root of {} {} in {}'.format(
            'Ubuntu' if kind.ubuntu else 'Debian', kind.suite,
            paths.shown(root)))
        shutil.rmtree(root, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        console.run(
            debianroot.debootstrap(root, kind.suite, kind.packages,
                                   kind.ubuntu),
            log=FOLDER / (kind.name + '.log'), title='debootstrap',
            hint='see {}'.format(root / 'debootstrap' / 'debootstrap.log')
            if kind.ubuntu else 'is it Debian, and reached? '
            'DEBIAN_MIRROR=URL names another')
        debianroot.name_machine(root)
        debianroot.accept_snapshot(root)
        if kind.by_apt:
            console.run(
                command(root, 'sh', '-c', 'apt-get update && apt-get install '
                        '-y --no-install-recommends "$@"', 'sh',
                        *kind.by_apt),
                cwd=paths.ROOT, env=environment(), title='apt-get install',
                log=FOLDER / (kind.name + '.log'))
        files.write(stamp, wanted)
    return root


def make(root, kind=FRESH):
    """Make *root* (Path) one of *kind* (Kind) in which nothing was done."""
    source = master(kind)
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(['cp', '-a', '--reflink=auto', str(source), str(root)],
                   check=True)
    debianroot.name_machine(root)
    return root


def environment(environ=os.environ):
    """The environ (dict) of commands in a root: nothing of the host's but
    its way to the network."""
    env = {name: value for name, value in environ.items()
           if _PROXY.fullmatch(name)}
    env.update(PATH='/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL='C.UTF-8',
               HOME='/root', DEBIAN_FRONTEND='noninteractive')
    return env


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
