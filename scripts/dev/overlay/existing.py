"""The interpreter that PYTHON27 names: what it is, and whether an overlay
can be built for it."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.base import console, paths

LOOK = Path(__file__).resolve().with_name('look27.py')
OLDEST, NEWEST = (2, 7, 9), (2, 7, 18)

#: Variables that change what the interpreter imports.
_VARIABLES = ('PYTHONHOME', 'PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONUSERBASE')


@dataclass(frozen=True)
class Interpreter:
    """path: the program (str).  version: ints.  wide: UCS4.  debug: counts
    references.  ssl, ssl_module, hashlib: where its own ssl.py, _ssl and
    _hashlib are (str, 'built-in' or None).  ssl_sha256: of its ssl.py.
    openssl: what its own ssl uses (str or None).
    """

    path: str
    version: tuple
    wide: bool
    debug: bool
    ssl: str
    ssl_sha256: str
    ssl_module: str
    hashlib: str
    openssl: str

    @property
    def abi(self):
        """The ABI as the name of a wheel has it, as 'cp27mu'."""
        return 'cp27{}m{}'.format('d' * self.debug, 'u' * self.wide)

    @property
    def text(self):
        """What it is, for people."""
        return '{}: CPython {}, {}{}, {}'.format(
            self.path, '.'.join(map(str, self.version)),
            'UCS4' if self.wide else 'UCS2', ', debug' * self.debug,
            self.openssl or 'without ssl')


def environment(environ=os.environ):
    """The environ in which interpreters are run and built for (dict)."""
    env = {name: value for name, value in environ.items()
           if name not in _VARIABLES and not name.startswith('MAKE')
           and name not in ('MFLAGS', 'OPENSSL', 'CONFIG', 'SHARED', 'PREFIX',
                            'DESTDIR', 'CFLAGS', 'CPPFLAGS', 'LDFLAGS')}
    env['LC_ALL'] = 'C'
    return env


def refusal(found):
    """Why there can be no overlay for what look27.py *found* (dict): two
    strs, what is wrong and what to do; None if nothing is wrong."""
    version = tuple(found['version'])
    text = '.'.join(map(str, version))
    if found['implementation'] != 'CPython' and version[:2] == (2, 7):
        return ('it is {}, whose ssl is not made of C for CPython'.format(
            found['implementation']), 'name a CPython 2.7')
    if version[:2] != (2, 7):
        return ('it is Python {}'.format(text), 'name a CPython 2.7')
    if version < OLDEST:
        return ('{} has no SSLContext, and neither its own libraries nor its '
                'pip expect one'.format(text),
                'the oldest is 2.7.9: build 2.7.18 with "make"')
    if version > NEWEST:
        return ('{} is newer than the series, which is made of 2.7.18'.format(
            text), 'apply the patches to it: docs/packaging/source.md')
    if not found['has_header']:
        return ('it has no headers: {} is not there'.format(found['header']),
                'on Debian and Ubuntu: apt-get install python2.7-dev')
    return None


def inspect(path, environ=os.environ):
    """Look at the interpreter *path* (str); ends the program, with the
    reason, if there can be no overlay for it.  Returns an Interpreter."""
    done = subprocess.run([path, '-s', str(LOOK)], text=True,
                          env=environment(environ), cwd=paths.ROOT,
                          capture_output=True)
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        console.fail('PYTHON27={} does not run as a Python:\n{}'.format(
            path, (done.stderr or done.stdout).strip()),
            'name a CPython 2.7.9 to 2.7.18')
    wrong = refusal(found)
    if wrong:
        console.fail('PYTHON27={}: {}'.format(path, wrong[0]), wrong[1])
    return Interpreter(
        path, tuple(found['version']), found['wide'], found['debug'],
        found['ssl'], found['sha256'], found['_ssl'], found['_hashlib'],
        found['openssl'])
