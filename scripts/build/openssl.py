"""make openssl: build a pinned OpenSSL into build/openssl/VERSION."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.base.aliases import AnyPath, Environ
from scripts.build import sslprefix
from scripts.source import fetch, pins, tree

FOLDER = paths.BUILD / 'openssl'


def config_args(version: str, prefix: AnyPath) -> list[str]:
    """The arguments of OpenSSL's config (str list)."""
    args = ['shared', 'no-tests', '--prefix={}'.format(prefix),
            '--openssldir={}/ssl'.format(prefix), '--libdir=lib']
    if tuple(map(int, version.split('.')[:2])) >= (3, 5):
        args.insert(2, 'no-docs')
    return args


def ensure(version: str, environ: Environ = os.environ) -> Path:
    """Build OpenSSL *version* (str) once; returns its prefix (Path)."""
    prefix = FOLDER / version
    stamp = FOLDER / (version + '.built')
    pin = pins.get('openssl-' + version)
    wanted = pin.sha256 + '\n' + ' '.join(config_args(version, prefix))
    with locking.lock(FOLDER / (version + '.lock')):
        if files.read(stamp) == wanted:
            console.note('{} is there, nothing to build'.format(prefix))
            return prefix
        tarball = fetch.fetch_pin(pin, environ)
        console.step('Building OpenSSL {}'.format(version))
        work = FOLDER / (version + '.work')
        logs = FOLDER / (version + '.logs')
        for folder in (prefix, work, logs):
            shutil.rmtree(folder, ignore_errors=True)
        tree.prepare_tree(work, [], tarball)
        env = {name: value for name, value in environ.items()
               if not name.startswith('MAKE') and name != 'MFLAGS'}
        console.run(['./config'] + config_args(version, prefix), cwd=work,
                    env=env, log=logs / 'config.log', title='configuring',
                    hint='OpenSSL needs perl to configure itself')
        jobs = options.JOBS.read(environ)
        console.run(['make', '-j{}'.format(jobs)], cwd=work, env=env,
                    log=logs / 'make.log', title='compiling')
        console.run(['make', 'install_sw', 'install_ssldirs'], cwd=work,
                    env=env, log=logs / 'install.log', title='installing')
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
