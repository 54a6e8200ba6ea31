"""What make bench was asked for."""

import os
import shlex
import shutil
from dataclasses import dataclass

from scripts.base import console
from scripts.build import variant as layout

#: Parts in the order in which they run, and what each is about.
PARTS = {
    'bulk': 'messages on one verified connection',
    'handshakes': 'full handshakes, RSA-2048 and ECDSA P-256',
    'bio': 'MemoryBIO alone, also behind a backlog',
    'sslsocket': 'SSLSocket, patched against stock 2.7.18',
    'threads': 'two threads with a connection each',
    'memory': 'resident memory of idle pairs, and after a burst',
    'echo': 'an echo server with epoll and MemoryBIO',
    'instructions': 'where the instructions go (valgrind)',
}
#: Those that are left out unless they are asked for.
ON_REQUEST = ('instructions',)


@dataclass(frozen=True)
class Options:
    """parts: names out of PARTS.  quick: fewer rounds.  python27s: absolute
    paths of patched interpreters to measure instead of the built one, ()
    for that; python3s: of the Python 3s to compare with."""

    parts: tuple
    quick: bool
    python27s: tuple
    python3s: tuple

    @property
    def complete(self):
        """True if this run's figures are those to be published."""
        return not self.quick and not self.python27s and \
            set(self.parts) >= set(PARTS) - set(ON_REQUEST)


def _parts(environ):
    words = environ.get('BENCH', '').replace(',', ' ').split()
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        console.fail('BENCH: there is no {}'.format(', '.join(unknown)),
                     'use some of:\n' + '\n'.join(
                         '{:<11} {}'.format(*item)
                         for item in PARTS.items()))
    return tuple(name for name in PARTS if name in words or
                 not words and name not in ON_REQUEST)


def _interpreters(variable, default, environ):
    """The absolute paths that *variable* names."""
    paths = []
    for word in shlex.split(environ.get(variable, '').strip() or default):
        path = shutil.which(os.path.expanduser(word))
        if path is None:
            console.fail('{}: {} is not there, or not a program'.format(
                             variable, word),
                         'name interpreters by path, with blanks between '
                         'them')
        paths.append(os.path.abspath(path))
    return tuple(paths)


def from_env(environ=os.environ):
    """The Options in BENCH, QUICK, PYTHON27S and PYTHON3S."""
    python3 = environ.get('PYTHON3', '').strip() or 'python3'
    return Options(
        parts=_parts(environ), quick=layout.yes_or_no('QUICK', environ),
        python27s=_interpreters('PYTHON27S', '', environ),
        python3s=_interpreters('PYTHON3S', python3, environ))
