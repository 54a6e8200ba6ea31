"""The signature of a release: `make release-key`, `make dist RELEASE_KEY=`.

minisign does the work.  What is signed is SHA256SUMS, which has all other
files.  The same key gives the same bytes.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import options
from scripts.base import console, paths

#: The public key; who verifies takes it from the repository.
PUBLIC = paths.ROOT / 'packaging' / 'release.pub'
SIGNED = 'SHA256SUMS'
NAME = SIGNED + '.minisig'
_NO_MINISIGN = ('minisign is not installed', 'its package is called minisign')


def _minisign(*args):
    # It asks for the password on standard error.
    seen = sys.stdin.isatty()
    try:
        done = subprocess.run(['minisign', *map(os.fspath, args)],
                              stdout=None if seen else subprocess.PIPE,
                              stderr=None if seen else subprocess.STDOUT)
    except FileNotFoundError:
        console.fail(*_NO_MINISIGN)
    if done.returncode:
        said = (done.stdout or b'see above').decode(
            errors='replace').strip().rpartition('\n')[2]
        if 'get_password' in said:
            console.fail('minisign asks for a password, and there is no '
                         'terminal', 'type it where there is one')
        console.fail('minisign: ' + said,
                     'is it the right key, and the right password?')


def make_key(secret, public, encrypted=True):
    """Write a new pair of keys to the files *secret* and *public* (Paths);
    *encrypted*: minisign asks for a password."""
    secret.parent.mkdir(parents=True, exist_ok=True)
    _minisign('-G', '-p', public, '-s', secret, *['-W'][encrypted:])


def sign(data, secret, title):
    """The signature (bytes) of SHA256SUMS, which is *data* (bytes), by the
    key in the file *secret*.  *title* (str), what it is of, is signed too.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, SIGNED)
        path.write_bytes(data)
        _minisign('-S', '-s', secret, '-m', path, '-t', title,
                  '-c', 'signature of {} of {}'.format(SIGNED, title))
        return path.with_name(NAME).read_bytes()


def _is_secret(path):
    """True if the file *path* (str) begins as secret keys do."""
    if not os.path.isfile(path):
        return False
    with open(path, 'rb') as file:
        return re.match(rb'untrusted comment: .*secret key', file.read(200))


def key(environ=os.environ):
    """The file (str) that RELEASE_KEY in *environ* names, '' if it names
    none; ends the program unless it can sign."""
    secret = options.RELEASE_KEY.read(environ)
    if not secret:
        return ''
    if not os.path.exists(secret):
        console.fail('RELEASE_KEY={}: there is no such file'.format(secret),
                     '"make release-key" writes it')
    if not _is_secret(secret):
        console.fail('RELEASE_KEY={}: this is no secret key of minisign'
                     .format(secret), 'name the file that "make release-key", '
                     'or "minisign -G", has written')
    if not PUBLIC.exists():
        console.fail('{} is not there'.format(paths.shown(PUBLIC)),
                     'put the public key of RELEASE_KEY there, and commit it: '
                     'minisign -R -s {} -p {}'.format(
                         shlex.quote(secret), paths.shown(PUBLIC)))
    if not shutil.which('minisign'):
        console.fail(*_NO_MINISIGN)
    return secret


def signature(data, title, environ=os.environ):
    """{name: bytes}: the signature of *data* as sign() makes it, if
    RELEASE_KEY in *environ* names a key."""
    secret = key(environ)
    return {NAME: sign(data, secret, title)} if secret else {}


def main():
    secret = options.RELEASE_KEY.read()
    if not secret:
        console.fail('RELEASE_KEY is not set', 'name the file that the '
                     'secret key is written to, as RELEASE_KEY=~/release.key')
    secret = Path(secret)
    if paths.ROOT.resolve() in secret.resolve().parents:
        console.fail('RELEASE_KEY={} is in the checkout'.format(secret),
                     'keep it where nobody commits it')
    for path in secret, PUBLIC:
        if path.exists():
            console.fail('there is a key already: {}'.format(path),
                         'to replace it, move it away first')
    console.step('Making a key for releases')
    make_key(secret, PUBLIC)
    console.note('{}: keep it, and its password\n{}: commit it'.format(
        secret, paths.shown(PUBLIC)))
