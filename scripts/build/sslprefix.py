"""The OpenSSL to build against: an asked prefix, or the host's."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.base import console
from scripts.base.aliases import Environ

OLDEST = 0x10002000     # 1.0.2, as OPENSSL_VERSION_NUMBER

_PROBE = '''#include <openssl/opensslv.h>
PROBE_TEXT OPENSSL_VERSION_TEXT
PROBE_NUMBER OPENSSL_VERSION_NUMBER
PROBE_MAJOR OPENSSL_VERSION_MAJOR OPENSSL_VERSION_MINOR OPENSSL_VERSION_PATCH
'''


@dataclass(frozen=True)
class OpenSSL:
    """An installation of OpenSSL, or of LibreSSL or AWS-LC.

    prefix: absolute path or '' for the host's; libdir: folder of its
    libssl or '' for the host's; text: what ssl.OPENSSL_VERSION will be;
    number: OPENSSL_VERSION_NUMBER of its headers.
    """

    prefix: str
    libdir: str
    text: str
    number: int

    @property
    def configure_args(self) -> list[str]:
        """What tells CPython's configure to use it."""
        if not self.prefix:
            return []
        return ['CPPFLAGS=-I{}/include'.format(self.prefix),
                'LDFLAGS=-L{0} -Wl,-rpath,{0}'.format(self.libdir)]


def compiler(environ: Environ = os.environ) -> list[str]:
    """The C compiler's command as a list: CC, or the first there is."""
    return shlex.split(environ.get('CC', '')) or ['cc']


def _libdir(prefix: str) -> str:
    """The folder of *prefix* that has libssl; ends the program if none."""
    for name in ('lib64', 'lib'):
        folder = Path(prefix, name)
        if sorted(folder.glob('libssl.so*')) or (folder / 'libssl.a').exists():
            return str(folder)
    return console.fail(
        'OPENSSL={}: no libssl in its lib or lib64'.format(prefix),
        'name the folder that OpenSSL was installed to (its --prefix); '
        '"make openssl OPENSSL_VERSION=1.1.1w" builds one')


def check_prefix(prefix: str) -> str:
    """The folder of *prefix* (str) that has libssl; ends the program if no
    OpenSSL was installed there."""
    if not Path(prefix, 'include', 'openssl', 'opensslv.h').is_file():
        console.fail(
            'OPENSSL={}: no include/openssl/opensslv.h in it'.format(prefix),
            'name the folder that OpenSSL was installed to (its --prefix); '
            '"make openssl OPENSSL_VERSION=1.1.1w" builds one')
    return _libdir(prefix)


def _number(text: str, major: str) -> int:
    """OPENSSL_VERSION_NUMBER from its definition."""
    match = re.match(r'\s*(0x[0-9A-Fa-f]+)', text)
    if match:
        return int(match[1], 16)
    # From 3.0 on it is computed from three other macros.
    parts = [int(word) for word in major.split()]
    return parts[0] << 28 | parts[1] << 20 | parts[2] << 4


def inspect(prefix: str = '', environ: Environ = os.environ) -> OpenSSL:
    """Look at the headers under *prefix* (str, '' for the host's).

    Returns an OpenSSL; ends the program if it cannot be used.
    """
    libdir = ''
    include = []
    if prefix:
        libdir = check_prefix(prefix)
        include = ['-I{}/include'.format(prefix)]
    try:
        done = subprocess.run(
            compiler(environ) + include + ['-E', '-P', '-x', 'c', '-'],
            input=_PROBE, text=True, capture_output=True)
    except OSError as error:
        console.fail('cannot run the C compiler {}: {}'.format(
                         compiler(environ)[0], error.strerror),
                     '"make bootstrap" installs what is missing; CC= names '
                     'another one')
    if done.returncode:
        console.fail("OpenSSL's headers cannot be read:\n{}".format(
                         done.stderr.strip()),
                     '"make bootstrap" installs what is missing')
    return _read(done.stdout, prefix, libdir)


def _read(output: str, prefix: str, libdir: str) -> OpenSSL:
    values = dict(re.findall(r'PROBE_(\w+) (.*(?:\n(?!PROBE).*)*)', output))
    number = _number(values['NUMBER'], values['MAJOR'])
    text = ''.join(re.findall(r'"([^"]*)"', values['TEXT']))
    # The headers of AWS-LC have what OpenSSL it is like, too.
    text = re.sub(r'.*\(compatible; (AWS-LC[^)]*)\)', r'\1', text)
    if number < OLDEST:
        console.fail(
            '{}: {} is too old'.format(
                'OPENSSL=' + prefix if prefix else "the host's OpenSSL",
                text or hex(number)),
            'the oldest that can be used is 1.0.2; '
            '"make openssl OPENSSL_VERSION=1.1.1w" builds a newer one')
    return OpenSSL(prefix, libdir, text, number)
