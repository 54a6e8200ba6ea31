"""make openssl: build a pinned OpenSSL into build/openssl/VERSION."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.base.aliases import AnyPath, Environ
from scripts.build import sslprefix
from scripts.source import fetch, pins, tree

FOLDER = paths.BUILD / 'openssl'


@dataclass(frozen=True)
class Flavour:
    """How OpenSSL is built.  suffix: of the folder's name; args: more
    arguments for config; targets: more targets of make to install; cc: the
    compiler, '' for the one that config takes."""

    suffix: str = ''
    args: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    cc: str = ''


PLAIN = Flavour()
FIPS = Flavour('-fips', ('enable-fips',), ('install_fips',))
#: Without what needs the kernel's headers or glibc's contexts
MUSL = Flavour('-musl', ('no-async', 'no-secure-memory', 'no-afalgeng',
                         'no-ktls'),
               cc='musl-gcc')


def config_args(version: str, prefix: AnyPath,
                flavour: Flavour = PLAIN) -> list[str]:
    """The arguments of OpenSSL's config (str list)."""
    args = ['shared', 'no-tests', '--prefix={}'.format(prefix),
            '--openssldir={}/ssl'.format(prefix), '--libdir=lib']
    if tuple(map(int, version.split('.')[:2])) >= (3, 5):
        args.insert(2, 'no-docs')
    return args + list(flavour.args)


def build_env(environ: Environ) -> dict[str, str]:
    """*environ* for a library's own makefile, without what this project's
    make would hand down to it."""
    return {key: value for key, value in environ.items()
            if not key.startswith('MAKE') and key != 'MFLAGS'}


def ensure(version: str, environ: Environ = os.environ,
           flavour: Flavour = PLAIN) -> Path:
    """Build OpenSSL *version* (str) once; returns its prefix (Path)."""
    name = version + flavour.suffix
    prefix = FOLDER / name
    stamp = FOLDER / (name + '.built')
    pin = pins.get('openssl-' + version)
    args = config_args(version, prefix, flavour)
    wanted = pin.sha256 + '\n' + ' '.join(args)
    with locking.lock(FOLDER / (name + '.lock')):
        if files.read(stamp) == wanted:
            console.note('{} is there, nothing to build'.format(prefix))
            return prefix
        tarball = fetch.fetch_pin(pin, environ)
        console.step('Building OpenSSL {}'.format(name))
        work = FOLDER / (name + '.work')
        logs = FOLDER / (name + '.logs')
        for folder in (prefix, work, logs):
            shutil.rmtree(folder, ignore_errors=True)
        tree.prepare_tree(work, [], tarball)
        env = build_env(environ)
        if flavour.cc:
            env['CC'] = flavour.cc
        console.run(['./config'] + args, cwd=work, env=env,
                    log=logs / 'config.log', title='configuring',
                    hint='OpenSSL needs perl to configure itself')
        jobs = options.JOBS.read(environ)
        console.run(['make', '-j{}'.format(jobs)], cwd=work, env=env,
                    log=logs / 'make.log', title='compiling')
        console.run(['make', 'install_sw', 'install_ssldirs',
                     *flavour.targets], cwd=work, env=env,
                    log=logs / 'install.log', title='installing')
        seen = sslprefix.inspect(str(prefix), environ)
        if seen.text.split()[1] != version:
            console.fail('{} is {}'.format(prefix, seen.text),
                         '"make distclean" and start again')
        # Who hands out the libraries needs it.
        for licence in work.glob('LICENSE*'):
            shutil.copy(licence, prefix)
        shutil.rmtree(work)
        tree.series_file(work).unlink()
        files.write(stamp, wanted)
    return prefix


def main() -> None:
    prefix = ensure(options.OPENSSL_VERSION.read())
    console.note('build against it with: make OPENSSL={}'.format(
        paths.shown(prefix)))
