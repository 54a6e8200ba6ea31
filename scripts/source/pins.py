"""The pinned sources: what is to be fetched and how it is recognised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.base import console, files, paths
from scripts.base.aliases import AnyPath

PINS_FILE = paths.SCRIPTS / 'pins.json'


class MismatchError(Exception):
    """A file is not the pinned one; the message has both values."""


@dataclass(frozen=True)
class Pin:
    """One pinned tarball.  Sizes in bytes, all else str."""

    name: str
    file: str
    version: str
    sha256: str
    size: int
    url: str
    debian_file: str = ''
    debian_source: str = ''
    debian_version: str = ''
    debian_suite: str = ''
    ubuntu_suite: str = ''
    archive: str = ''
    signature_url: str = ''
    signature_key: str = ''
    signature_owner: str = ''

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names under which the tarball is known."""
        return tuple(filter(None, (self.file, self.debian_file)))

    def verify(self, path: Path) -> None:
        """MismatchError unless the file at *path* is the pinned one."""
        size = path.stat().st_size
        if size != self.size:
            raise MismatchError(
                '{} is not {}:\nexpected size {} bytes\nseen size     {} '
                'bytes'.format(path, self.file, self.size, size))
        seen = files.sha256_of(path)
        if seen != self.sha256:
            raise MismatchError(
                '{} is not {}:\nexpected sha256 {}\nseen sha256     {}'
                .format(path, self.file, self.sha256, seen))


def _openssl_fields(name: str) -> dict[str, Any]:
    """What the name of an OpenSSL tells, so that its pin is one line."""
    version = name.split('-', 1)[1]
    tag = 'openssl-' + version
    if int(version.split('.')[0]) < 3:
        tag = 'OpenSSL_' + version.replace('.', '_')
    file = 'openssl-{}.tar.gz'.format(version)
    return {'version': version, 'file': file,
            'url': 'https://github.com/openssl/openssl/releases/download/'
                   '{}/{}'.format(tag, file),
            'debian_source': 'openssl',
            'debian_file': 'openssl_{}.orig.tar.gz'.format(version)}


def load(path: AnyPath = PINS_FILE) -> dict[str, Pin]:
    """All pins, a dict by name."""
    found = {}
    with open(path, encoding='utf-8') as file:
        for name, fields in json.load(file).items():
            known = _openssl_fields(name) if name.startswith('openssl-') \
                else {}
            found[name] = Pin(name=name, **dict(known, **fields))
    return found


def get(name: str, path: AnyPath = PINS_FILE) -> Pin:
    """The pin called *name*; ends the program where there is none."""
    pins = load(path)
    if name not in pins:
        console.fail('nothing is pinned under the name {}'.format(name),
                     'there are: {}; more can be added in {}'.format(
                         ', '.join(pins), path))
    return pins[name]
