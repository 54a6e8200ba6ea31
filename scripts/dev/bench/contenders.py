"""Who is measured: how each is started and what it is called."""

import dataclasses
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from scripts.base import console, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev.bench import compiling, packages
from scripts.dev.bench.child import Child

CERTS = paths.ROOT / 'Lib_tests' / 'certs'
WORKER = compiling.HERE / 'worker'

_LOOK = ('import json, ssl, sys\n'
         'print(json.dumps([sys.version.split()[0], ssl.OPENSSL_VERSION, '
         'hasattr(ssl, "MemoryBIO"), sys.executable]))\n')


@dataclass
class Contender:
    """One way to do the same work.

    key: short and unique; kind: 'c', 'memory' (MemoryBIO), 'pyopenssl' or
    'socket'; role: 'c', 'patched', 'python3', 'pyopenssl', 'socket',
    'stock' or 'without' (group performance); title: for people; python: path
    of the interpreter or None; argv, env: how to start it; versions: what it
    said about itself.
    """

    key: str
    kind: str
    role: str
    title: str
    python: str
    argv: list
    env: dict = None
    versions: dict = field(default_factory=dict)

    def start(self, log_dir):
        """A Child, which answers to the requests of tlsbench.c."""
        return Child(self.argv, log_dir / (self.key + '.log'), self.env)


def look_at(python, env=None):
    """(version, OpenSSL, has MemoryBIO, its own path) of a Python."""
    done = subprocess.run([str(python), '-c', _LOOK], env=env, text=True,
                          capture_output=True)
    try:
        return tuple(json.loads(done.stdout))
    except ValueError:
        return console.fail(
            '{} cannot be measured:\n{}'.format(
                python, done.stderr.strip() or done.stdout.strip()),
            'it needs a working ssl module; is it a Python?')


def worker(kind, python):
    return [str(python), '-B', str(WORKER / 'main.py'), kind, str(CERTS)]


def _python_env():
    return interpreter.run_env(Variant())


def _short(version):
    return '.'.join(version.split('.')[:2])


def python3s(paths):
    """A Contender for each of the Python 3s at *paths*."""
    found = []
    for path in paths:
        # The path it has itself: the given one may be a script.
        version, _, memory, path = look_at(path)
        if not version.startswith('3.') or not memory:
            console.fail('PYTHON3S: {} is Python {}{}'.format(
                             path, version,
                             '' if memory else ' without ssl.MemoryBIO'),
                         'name Pythons from 3.6 on')
        title = 'Python ' + _short(version)
        if title in [other.title for other in found]:
            title = '{} ({})'.format(title, path)
        found.append(Contender('python' + version if title.endswith(
            _short(version)) else path.replace('/', '-'), 'memory',
            'python3', title, path, worker('memory', path)))
    return found


def _patched(variant, paths):
    """The patched interpreters: [(Path, title)]."""
    if not paths:
        if 'pep546' not in variant.groups:
            console.fail('PATCHES leaves out group pep546',
                         'there is no MemoryBIO to be measured: use '
                         '"make bench" with all groups')
        interpreter.ensure(variant)
        paths = [str(variant.python)]
    for path in paths:
        version, _, memory, _ = look_at(path, _python_env())
        if not memory or not version.startswith('2.7'):
            console.fail('{} is Python {}{}'.format(
                             path, version,
                             '' if memory else ' without ssl.MemoryBIO'),
                         'PYTHON27S names interpreters built by "make"')
    titles = ['2.7 patched'] + ['2.7 patched ({})'.format(number)
                                for number in range(2, len(paths) + 1)]
    return list(zip(map(Path, paths), titles))


def prepare(options, log_dir):
    """Build, compile and install what *options* need.

    Returns the Contenders, C first and the patched 2.7 second.
    """
    variant = Variant.from_env()
    ssl = sslprefix.inspect(variant.openssl)
    patched = _patched(variant, options.python27s)
    others = python3s(options.python3s)
    console.step('Preparing the contenders')
    program = compiling.ensure('tlsbench', ssl)
    compiling.ensure('echoclients', ssl)
    env = _python_env()
    found = [Contender('c', 'c', 'c', 'C', None, [str(program), str(CERTS)])]
    for number, (python, title) in enumerate(patched):
        found.append(Contender(
            'patched{}'.format(number + 1 if number else ''), 'memory',
            'patched', title, str(python), worker('memory', python), env))
    found += others
    python = patched[0][0]
    if {'bulk', 'handshakes', 'memory', 'programs'} & set(options.parts):
        found.append(Contender(
            'pyopenssl', 'pyopenssl', 'pyopenssl', 'pyOpenSSL', str(python),
            worker('pyopenssl', python),
            packages.ensure(python, variant, 'pyopenssl-' + variant.name)))
    if {'bulk', 'handshakes', 'sslsocket', 'memory', 'instructions',
            'threads'} & set(options.parts):
        found.append(Contender(
            'socket', 'socket', 'socket', 'SSLSocket', str(python),
            worker('socket', python), env))
    if {'sslsocket', 'memory', 'instructions', 'programs', 'startup',
            'pyperformance'} & set(options.parts):
        stock = dataclasses.replace(variant, groups=())
        interpreter.ensure(stock)
        found.append(Contender(
            'stock', 'socket', 'stock', 'SSLSocket, stock',
            str(stock.python), worker('socket', stock.python), env))
        if 'programs' in options.parts:
            found.append(Contender(
                'stock-pyopenssl', 'pyopenssl', 'stock-pyopenssl',
                'pyOpenSSL, stock', str(stock.python),
                worker('pyopenssl', stock.python), packages.ensure(
                    stock.python, stock, 'pyopenssl-' + stock.name)))
    if 'fairness' in options.parts and 'performance' in variant.groups \
            and not options.python27s:
        fewer = dataclasses.replace(variant, groups=tuple(
            group for group in variant.groups if group != 'performance'))
        interpreter.ensure(fewer)
        found.append(Contender(
            'without', 'memory', 'without', '2.7, no group performance',
            str(fewer.python), worker('memory', fewer.python), env))
    for contender in found:
        with contender.start(log_dir) as child:
            contender.versions = child.ask('hello')
    _same_openssl(found)
    return found


def _same_openssl(contenders):
    """Say which contender uses another OpenSSL than the C program."""
    expected = contenders[0].versions['openssl']
    for contender in contenders:
        seen = contender.versions['openssl']
        console.note('{:<18} {}{}{}'.format(
            contender.title, seen,
            '' if seen == expected else ' (not the one of C)',
            ', ' + os.path.relpath(contender.python)
            if contender.python else ''))
        if contender.role in ('patched', 'socket', 'stock',
                              'without') and \
                seen != expected:
            console.fail('{} uses {}, the C program {}'.format(
                             contender.title, seen, expected),
                         'build both with the same OPENSSL=')
