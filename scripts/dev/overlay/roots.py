"""Roots of Debian and Ubuntu releases that have a python2.7, to try overlays
in."""

from dataclasses import dataclass

from scripts.dev.run import debianroot

PACKAGES = ('python2.7', 'python2.7-dev', 'python3', 'gcc', 'libc6-dev',
            'libssl-dev', 'openssl', 'ca-certificates', 'netbase', 'faketime')


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
    def kind(self):
        """The debianroot.Kind of its roots."""
        return debianroot.Kind(
            '-'.join(filter(None, ('overlay', self.suite, self.arch))),
            self.suite, PACKAGES + ('virtualenv',) * self.old, self.ubuntu,
            self.arch, self.qemu, title=self.title)


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
