"""make openssl: build a pinned OpenSSL into build/openssl/VERSION."""

import os
import shutil

from scripts.base import console
from scripts.source import fetch
from scripts.build import variant as layout
from scripts.base import locking
from scripts.source import pins
from scripts.build import sslprefix
from scripts.source import tree

FOLDER = layout.BUILD / 'openssl'


def known_versions():
    """The versions that are pinned (str list)."""
    return [pin.version for name, pin in pins.load().items()
            if name.startswith('openssl-')]


def config_args(version, prefix):
    """The arguments of OpenSSL's config (str list)."""
    args = ['shared', 'no-tests', '--prefix={}'.format(prefix),
            '--openssldir={}/ssl'.format(prefix), '--libdir=lib']
    if tuple(map(int, version.split('.')[:2])) >= (3, 5):
        args.insert(2, 'no-docs')
    return args


def ensure(version, environ=os.environ):
    """Build OpenSSL *version* (str) once; returns its prefix (Path)."""
    prefix = FOLDER / version
    stamp = FOLDER / (version + '.built')
    pin = pins.get('openssl-' + version)
    wanted = pin.sha256 + '\n' + ' '.join(config_args(version, prefix))
    with locking.lock(FOLDER / (version + '.lock')):
        if tree.read_stamp(stamp) == wanted:
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
        console.run(['make', '-j{}'.format(layout.jobs(environ))], cwd=work,
                    env=env, log=logs / 'make.log', title='compiling')
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
        tree.write_stamp(stamp, wanted)
    return prefix


def main():
    version = os.environ.get('OPENSSL_VERSION', '').strip()
    if version not in known_versions():
        console.fail(
            'OPENSSL_VERSION={}: {}'.format(
                version, 'not pinned' if version else 'which one?'),
            'say "make openssl OPENSSL_VERSION=..." with one of: {}'.format(
                ', '.join(known_versions())))
    prefix = ensure(version)
    console.note('build against it with: make OPENSSL={}'.format(
        os.path.relpath(prefix, layout.ROOT)))


if __name__ == '__main__':
    console.interruptible(main)
