"""Configure and build a patched source tree, and check what came out."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.base.aliases import AnyPath, Environ
from scripts.build import optimized, sslprefix
from scripts.build.variant import Variant
from scripts.source import tree

#: Calls of undeclared functions are errors, not warnings, while we build.
STRICT = '-Werror=implicit-function-declaration'

#: Variables that change what Python imports; never inherited.
_PYTHON_VARIABLES = (
    'PYTHONHOME', 'PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONUSERBASE',
    'PYTHONDONTWRITEBYTECODE', 'PYTHONOPTIMIZE', 'PYTHONHASHSEED')

#: Flags by CONFIG: arguments of configure and additions to its variables.
_CONFIG_FLAGS: dict[str, dict[str, Any]] = {
    'default': {},
    'optimized': {'args': ['--enable-optimizations', '--with-lto']},
    'debug': {'args': ['--with-pydebug']},
    'asan': {
        'args': ['--with-pydebug', '--without-pymalloc'],
        'CFLAGS': '-fsanitize=address,undefined -fno-omit-frame-pointer',
        'LDFLAGS': '-fsanitize=address,undefined',
        'OPT': '-g -O1 -fwrapv -Wall -Wstrict-prototypes',
    },
    'tsan': {
        'args': ['--without-pymalloc'],
        'CFLAGS': '-fsanitize=thread -fno-omit-frame-pointer',
        'LDFLAGS': '-fsanitize=thread',
        'OPT': '-g -O1 -fwrapv -Wall -Wstrict-prototypes',
    },
    'coverage': {},
    'fuzz': {
        'args': ['--without-pymalloc'],
        'CFLAGS': '-fsanitize=address -fno-omit-frame-pointer',
        'LDFLAGS': '-fsanitize=address',
        'OPT': '-g -O1 -fwrapv -Wall -Wstrict-prototypes',
    },
}

#: What the sanitizers are told: CPython keeps some memory until the end on
#: purpose.
_SANITIZER_OPTIONS = {
    'asan': {'ASAN_OPTIONS': 'detect_leaks=0',
             'UBSAN_OPTIONS': 'print_stacktrace=1'},
    'fuzz': {'ASAN_OPTIONS': 'detect_leaks=0'},
}

#: Those of the caller's variables that are added to, not replaced.
_COMPILER_FLAGS = ('CFLAGS', 'CPPFLAGS', 'LDFLAGS')

#: For compiling and linking _ssl alone, by CONFIG.
_SSL_FLAGS = {
    # Atomic: threads without the GIL would lose counts, or make them negative.
    'coverage': STRICT + ' -O0 --coverage -fprofile-update=atomic',
    'fuzz': STRICT + ' -fsanitize=fuzzer-no-link,address',
}


def run_env(variant: Variant, environ: Environ = os.environ) -> dict[str, str]:
    """The environ in which to run the built interpreter (dict)."""
    env = {name: value for name, value in environ.items()
           if name not in _PYTHON_VARIABLES}
    env['PYTHONNOUSERSITE'] = '1'
    for name, value in _SANITIZER_OPTIONS.get(variant.config, {}).items():
        env.setdefault(name, value)
    return env


def _build_env(variant: Variant,
               environ: Environ = os.environ) -> dict[str, str]:
    env = run_env(variant, environ)
    # What make and the caller's own shell add is not for CPython's makefile.
    for name in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES',
                 'PREFIX', 'CONFIG', 'SHARED', 'DESTDIR', 'OPT', 'SITEDIR'):
        env.pop(name, None)
    env['LC_ALL'] = 'C'
    return env


def configure_args(variant: Variant, ssl: sslprefix.OpenSSL, prefix: str,
                   environ: Environ = os.environ) -> list[str]:
    """The arguments of configure (str list)."""
    flags = _CONFIG_FLAGS[variant.config]
    args = ['--prefix=' + prefix, '--enable-unicode=ucs4']
    if _has_header('ffi.h', environ):
        args.append('--with-system-ffi')
    if variant.shared:
        args.append('--enable-shared')
    args += flags.get('args', [])
    # configure takes the last of several assignments: join them instead.
    variables = {name: [environ[name]] for name in _COMPILER_FLAGS
                 if environ.get(name)}
    assignments = list(ssl.configure_args)
    assignments += ['{}={}'.format(*item) for item in flags.items()
                    if item[0] != 'args']
    for arg in assignments + list(variant.configure_args):
        name, equals, value = arg.partition('=')
        if equals and re.fullmatch(r'C(PP)?FLAGS|LDFLAGS|OPT', name):
            variables.setdefault(name, []).append(value)
        else:
            args.append(arg)
    if _is_c23(variables.get('CFLAGS', ()), environ):
        # 2.7.18 has a type of its own called bool, which C23 does not allow.
        # What is in front is configure's default.
        variables.setdefault('CFLAGS', ['-g -O2']).append('-std=gnu17')
    return args + ['{}={}'.format(name, ' '.join(values))
                   for name, values in variables.items()]


def _is_c23(flags: Sequence[str], environ: Environ) -> bool:
    """True if the compiler with *flags* (a list of str) takes C for C23, as
    gcc 15 does by default."""
    done = subprocess.run(
        sslprefix.compiler(environ) + shlex.split(' '.join(flags)) +
        ['-dM', '-E', '-x', 'c', '-'], input='', text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = re.search(r'^#define __STDC_VERSION__ (\d+)', done.stdout,
                      re.MULTILINE)
    return found is not None and int(found[1]) > 201710


def _has_header(name: str, environ: Environ) -> bool:
    """True if the compiler finds the header *name* on the host."""
    done = subprocess.run(
        sslprefix.compiler(environ) + ['-E', '-x', 'c', '-'],
        input='#include <{}>\n'.format(name), text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def _beside(src: Path, suffix: str) -> Path:
    return src.with_name(src.name + suffix)


def configure(src: Path, variant: Variant, ssl: sslprefix.OpenSSL,
              log_dir: Path, prefix: str,
              environ: Environ = os.environ) -> None:
    """Run configure in *src* unless it ran with the same arguments."""
    args = configure_args(variant, ssl, prefix, environ)
    stamp = src / 'config.arguments'
    wanted = json.dumps(args)
    if files.read(stamp) == wanted:
        return
    if stamp.exists():
        stamp.unlink()
    env = _build_env(variant, environ)
    for name in _COMPILER_FLAGS:
        env.pop(name, None)
    seconds = console.run(
        ['./configure'] + args, cwd=src, env=env, title='configuring',
        log=log_dir / 'configure.log',
        hint='what configure tried is in {}'.format(src / 'config.log'))
    console.note('configured in {}'.format(console.seconds_text(seconds)))
    files.write(stamp, wanted)


def make(src: Path, variant: Variant, log_dir: Path, title: str, *targets: str,
         rpath: AnyPath | None = None, flags: str = '',
         environ: Environ = os.environ, **given: str) -> float:
    """Run make in *src*; returns the seconds it took.  flags: more of them
    for this compilation, modules included.  given: for console.run()."""
    env = _build_env(variant, environ)
    for name in _COMPILER_FLAGS + ('CC',):
        env.pop(name, None)
    found = re.search(r'^CC=\s*(\S.*)$', (src / 'Makefile').read_text(),
                      re.MULTILINE)
    # As a part of CC the flag reaches setup.py, but not the variables that
    # the installed interpreter builds extensions with: sysconfig reads those
    # out of the makefile.
    argv = ['make', '-j{}'.format(options.JOBS.read(environ)),
            ' '.join(filter(None, (
                'CC=' + (found[1] if found else 'cc'), STRICT, flags)))]
    if variant.shared:
        # Only the executable is linked with this: it must find libpython.
        argv.append('LINKFORSHARED=-Xlinker -export-dynamic -Wl,-rpath,{}'
                    .format(rpath or src))
    return console.run(argv + list(targets), cwd=src, env=env, title=title,
                       log=log_dir / 'make.log', **given)


def _remove_modules(src: Path, names: Sequence[str]) -> None:
    """Remove the objects and libraries of extension modules."""
    for name in names:
        for pattern in ('temp.*/**/{}.o', 'temp.*/**/{}.gc*', 'lib.*/{}.so'):
            for found in list(src.glob('build/' + pattern.format(name))):
                found.unlink()


def rebuild(src: Path, variant: Variant, log_dir: Path,
            environ: Environ = os.environ) -> float:
    """Bring the build in *src* up to date after a change of its files.

    An optimized one is made anew: another profile, another program.  Else
    _ssl and _hashlib are always compiled anew: setup.py does not know all
    the files that they consist of.  Returns the seconds it took.
    """
    if variant.config == 'optimized':
        return optimized.build(src, functools.partial(
            make, src, variant, log_dir, environ=environ))
    _remove_modules(src, ('_ssl', '_hashlib', '_hashopenssl'))
    seconds = make(src, variant, log_dir, 'compiling', environ=environ)
    if variant.config in _SSL_FLAGS:
        _remove_modules(src, ('_ssl',))
        seconds += _instrument(src, variant, log_dir, environ)
    return seconds


def _instrument(src: Path, variant: Variant, log_dir: Path,
                environ: Environ) -> float:
    """Compile _ssl, whose files were removed, for gcov or libFuzzer."""
    env = _build_env(variant, environ)
    # Only where CC is not set does setup.py append CFLAGS, behind its own.
    env.pop('CC', None)
    env['CFLAGS'] = _SSL_FLAGS[variant.config]
    return console.run([src / 'python', 'setup.py', 'build'], cwd=src,
                       env=env, title='instrumenting _ssl',
                       log=log_dir / 'instrument.log')


def configure_and_build(
        src: AnyPath, variant: Variant, log_dir: AnyPath,
        extra_env: Environ | None = None) -> sslprefix.OpenSSL:
    """Build the interpreter in *src* (Path), a patched source tree.

    log_dir: Path of the folder for the logs.  extra_env: dict of variables
    to add to the environ.  Ends the program if a step fails.  Returns the
    sslprefix.OpenSSL that it was built for.
    """
    src, log_dir = Path(src), Path(log_dir)
    environ = dict(os.environ, **(extra_env or {}))
    ssl = sslprefix.inspect(variant.openssl, environ)
    configure(src, variant, ssl, log_dir, options.prefix(environ), environ)
    seconds = rebuild(src, variant, log_dir, environ)
    console.note('built in {}'.format(console.seconds_text(seconds)))
    return ssl


#: What the default build has where the headers are there.
MODULES = ('_ssl', '_hashlib', 'zlib', 'bz2', '_sqlite3', '_ctypes',
           'readline')

_LOOK = r'''
import json, sys
found = {'version': sys.version.split()[0], 'wide': sys.maxunicode > 65535}
found['missing'] = missing = {}
for name in sys.argv[1:]:
    try:
        __import__(name)
    except ImportError as error:
        missing[name] = str(error)
if '_ssl' not in missing:
    import ssl
    found['openssl'] = ssl.OPENSSL_VERSION
try:
    import ssl_series
    found['series'] = ssl_series.SERIES
except ImportError:
    found['series'] = None
print(json.dumps(found))
'''


def look_at(python: AnyPath, variant: Variant) -> dict[str, Any]:
    """What the interpreter *python* (Path) is and has (dict): version, wide
    (UCS4), missing (module name to reason), openssl, series (what ssl_series
    says, or None)."""
    done = subprocess.run([str(python), '-c', _LOOK] + list(MODULES),
                          env=run_env(variant), text=True,
                          capture_output=True)
    if done.returncode:
        console.fail('{} does not run:\n{}'.format(python,
                                                   done.stderr.strip()),
                     '"make clean" and "make" build it anew')
    return json.loads(done.stdout.splitlines()[-1])


def expects_hashlib(variant: Variant, ssl: sslprefix.OpenSSL) -> bool:
    """True if _hashlib must have been built.

    Pristine 2.7.18 reads the version out of the host's header, whatever
    prefix is asked for, and only if it is written as one number there.
    """
    return tree.has_patches(variant, 'compat') or (
        not ssl.prefix and ssl.number < 0x30000000)


def check_build(python: AnyPath, variant: Variant,
                log: Path | None = None) -> dict[str, Any]:
    """End the program unless *python* (Path) is what *variant* asks for.

    log: Path of the compiler's output, to be named if something is missing.
    Returns what look_at() found.
    """
    ssl = sslprefix.inspect(variant.openssl)
    found = look_at(python, variant)
    hint = 'the compiler\'s messages are in {}'.format(
        log or variant.log_dir / 'make.log')
    required = ['_ssl'] + ['_hashlib'] * expects_hashlib(variant, ssl)
    for name in required:
        if name in found['missing']:
            console.fail('{} was not built: {}'.format(
                name, found['missing'][name]), hint)
    if found['openssl'] != ssl.text:
        console.fail(
            'the interpreter uses {}, but {} is {}'.format(
                found['openssl'],
                'OPENSSL=' + ssl.prefix if ssl.prefix else 'the host has',
                ssl.text),
            'the library and the headers do not belong together; is '
            'LD_LIBRARY_PATH set? Then "make clean" and "make"')
    if found['version'] != tree.VERSION:
        console.fail('{} is Python {}'.format(python, found['version']), hint)
    patches = (found.get('series') or {}).get('patches', [])
    if 'series' in found and patches != tree.select(variant.groups):
        console.fail(
            '{} says that it has {} patches, not those of PATCHES={}'.format(
                python, len(patches), ' '.join(variant.groups) or 'none'),
            'does PYTHONPATH or another folder hide its ssl_series.py?')
    return found


def _inputs(variant: Variant, ssl: sslprefix.OpenSSL,
            environ: Environ) -> dict[str, Any]:
    """All that a build depends on besides its source (dict)."""
    args = configure_args(variant, ssl, options.prefix(environ), environ)
    version = subprocess.run(
        sslprefix.compiler(environ) + ['--version'], text=True,
        stdout=subprocess.PIPE).stdout.splitlines()[:1]
    found = {'configure': [arg for arg in args
                           if not arg.startswith('--prefix=')],
             'openssl': ssl.text, 'compiler': version}
    if variant.config == 'optimized':
        found['training'] = files.sha256_of(optimized.TRAINING)
    return found


def _require_clang(environ: Environ) -> None:
    """End the program unless the compiler has what CONFIG=fuzz needs."""
    argv = sslprefix.compiler(environ)
    done = subprocess.run(argv + ['-dM', '-E', '-x', 'c', '-'], input='',
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    if '__clang__' not in done.stdout:
        console.fail('CONFIG=fuzz needs clang, {} is another compiler'.format(
                         ' '.join(argv)),
                     'write CC=clang; "make fuzz" does so')


def ensure(variant: Variant, environ: Environ = os.environ) -> bool:
    """Build *variant* if it is not there or out of date.

    Returns True if something was built.  An interrupted build is continued,
    or redone where files may be damaged (the process was killed).
    """
    if variant.config == 'fuzz':
        _require_clang(environ)
    ssl = sslprefix.inspect(variant.openssl, environ)
    wanted = _inputs(variant, ssl, environ)
    marker = _beside(variant.src, '.building')
    with locking.lock(variant.root / 'lock'):
        before = recorded(variant)
        same = all(before.get(name) == wanted[name] for name in wanted)
        if marker.exists():
            console.note('an earlier build was killed: starting anew')
        if marker.exists() or before and not same:
            _forget(tree.stamp_file(variant.src))
        wanted['tree'] = json.loads(
            tree.prepare(variant, environ, update=same))
        if before == wanted and variant.python.exists():
            return False
        if variant.config == 'optimized':
            optimized.require(environ)
        console.step('Building {} with {}'.format(variant.name, ssl.text))
        with changing(variant, wanted):
            for log in variant.log_dir.glob('*.log'):
                log.unlink()
            configure_and_build(variant.src, variant, variant.log_dir)
            console.step('Checking the build')
            report(check_build(variant.python, variant))
    return True


def _forget(stamp: Path) -> None:
    if stamp.exists():
        stamp.unlink()


def recorded(variant: Variant) -> dict[str, Any]:
    """What the build of *variant* depended on, {} if there is none."""
    found: dict[str, Any] = json.loads(
        files.read(_beside(variant.src, '.built')) or '{}')
    return found


@contextlib.contextmanager
def changing(variant: Variant, built: dict[str, Any]) -> Iterator[None]:
    """Let the body of the with statement change what *variant* consists of.

    built: what recorded() is to say then.  The caller holds the lock.  If
    the body raises, the next ensure() goes on from there; if this process is
    killed, it builds anew.
    """
    stamp = _beside(variant.src, '.built')
    marker = _beside(variant.src, '.building')
    files.write(stamp, json.dumps(dict(built, tree=None)))
    marker.touch()
    try:
        yield
    finally:
        marker.unlink()
    files.write(stamp, json.dumps(built, indent=1))


def report(found: dict[str, Any]) -> None:
    """Print the summary of what look_at() *found*."""
    console.note('Python {}, {}, {}'.format(
        found['version'], 'UCS4' if found['wide'] else 'UCS2',
        found['openssl']))
    if found.get('series'):
        console.note('series {version}: {0}'.format(
            ' '.join(found['series']['groups']), **found['series']))
    built = [name for name in MODULES if name not in found['missing']]
    console.note('modules: ' + ' '.join(built))
    for name, reason in found['missing'].items():
        console.note('not built: {} ({})'.format(name, reason))


def main() -> None:
    variant = Variant.from_env()
    if not ensure(variant):
        console.note('{} is up to date, nothing to build'.format(
            paths.shown(variant.root)))
    console.note('interpreter: {}'.format(variant.python))
