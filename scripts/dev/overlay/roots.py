"""Roots of Debian and Ubuntu releases that have a python2.7, to try overlays
in: made by debootstrap, once, and copied for each use."""

import os
import shutil
import subprocess
from dataclasses import dataclass

from scripts.base import console, files, locking, paths
from scripts.dev.run import debianroot

FOLDER = paths.BUILD / 'roots'

PACKAGES = ('python2.7', 'python2.7-dev', 'python3', 'gcc', 'libc6-dev',
            'libssl-dev', 'openssl', 'ca-certificates', 'netbase', 'faketime')

NOBODY = 65534


@dataclass(frozen=True)
class Release:
    """title: for people.  suite: as debootstrap knows it.  ubuntu: True if
    it is Ubuntu's, whose python2.7 is in universe.  python: the
    existing.  arch: Debian's name of the architecture, '' for the host's.
    qemu: what binfmt_misc calls the emulator, '' if the processor can run
    its programs.  old: True if its Python 3 is too old for
    the virtualenv of requirements.txt (it has one of its own), and its
    OpenSSL for the tests of the series."""

    title: str
    suite: str
    ubuntu: bool = True
    python: str = '/usr/bin/python2.7'
    arch: str = ''
    qemu: str = ''
    old: bool = False

    @property
    def packages(self):
        """The packages (tuple of str) that are installed in it."""
        return PACKAGES + ('virtualenv',) * self.old

    @property
    def root_name(self):
        """The name (str) of the root that is copied."""
        return '-'.join(filter(None, ('overlay', self.suite, self.arch)))


RELEASES = {'ubuntu16.04': Release('Ubuntu 16.04', 'xenial', old=True),
            'ubuntu18.04': Release('Ubuntu 18.04', 'bionic', old=True),
            'debian11': Release('Debian 11', 'bullseye', ubuntu=False),
            'ubuntu20.04': Release('Ubuntu 20.04', 'focal'),
            'ubuntu22.04': Release('Ubuntu 22.04', 'jammy'),
            'debian11-i386': Release('Debian 11, i386', 'bullseye',
                                     ubuntu=False, arch='i386'),
            'debian11-arm64': Release('Debian 11, arm64', 'bullseye',
                                      ubuntu=False, arch='arm64',
                                      qemu='qemu-aarch64')}


def check_host(releases):
    """End the program unless this host can make and use roots of *releases*
    (Releases)."""
    if os.geteuid() != 0:
        console.fail('only root can make a root of another release',
                     'run it as root, or leave these out: OVERLAY_TRIALS=')
    for program in ('debootstrap', 'unshare', 'chroot'):
        if not shutil.which(program):
            console.fail('there is no {}'.format(program),
                         'apt-get install debootstrap')
    for release in releases:
        debianroot.check_emulator(release.qemu, 'a root of ' + release.title)


def _master(release):
    """Make the root that is copied, unless it is there.  Returns its
    Path."""
    name = release.root_name
    root, stamp = FOLDER / name, FOLDER / (name + '.made-of')
    wanted = '{} {}'.format(release.suite, ' '.join(release.packages))
    with locking.lock(FOLDER / (name + '.lock')):
        if files.read(stamp) == wanted:
            return root
        console.step('Making a root of {} in {}'.format(
            release.title, paths.shown(root)))
        shutil.rmtree(root, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        console.run(
            debianroot.debootstrap(root, release.suite, release.packages,
                                   release.ubuntu, release.arch),
            log=FOLDER / (name + '.log'), title='debootstrap',
            hint='see {}'.format(root / 'debootstrap' / 'debootstrap.log'))
        debianroot.name_machine(root)
        files.write(stamp, wanted)
    return root


def make(release, root):
    """Make *root* (Path) a root of *release* (Release) in which nothing was
    done."""
    master = _master(release)
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(['cp', '-a', '--reflink=auto', str(master), str(root)],
                   check=True)
    return root


def command(release, root, *words):
    """The command (str list) that runs *words* in *root* (Path) of *release*
    (Release)."""
    return [str(debianroot.RUNNER), str(root), str(paths.ROOT),
            release.arch or 'native', *map(str, words)]


#: Not every release has setpriv.
_AS_NOBODY = ('import os, sys; os.setgroups([]); os.setgid({0}); '
              'os.setuid({0}); os.execvp(sys.argv[1], sys.argv[1:])')


def as_user(*words):
    """The command (str list) that runs *words* as an ordinary user; only
    root can do that."""
    return ['python3', '-c', _AS_NOBODY.format(NOBODY), *words]


def wrapper(release, root, folder):
    """A program in *folder* (Path) that runs the interpreter of *release*
    (Release) in *root* (Path).  Returns its Path."""
    program = folder / 'python2.7'
    program.write_text('#!/bin/sh\nexec {} "$@"\n'.format(' '.join(
        "'{}'".format(word)
        for word in command(release, root, release.python))))
    program.chmod(0o755)
    return program
