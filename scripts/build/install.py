"""make install: put the built interpreter to PREFIX, below DESTDIR."""

import os

from scripts.build import interpreter as build
from scripts.base import console
from scripts.build import variant as layout
from scripts.base import locking
from scripts.build import sslprefix


def check_writable(destination):
    """End the program unless the folder *destination* (str) can be made
    or written to."""
    path = destination
    while not os.path.exists(path):
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        console.fail('cannot install to {}: {} is no folder'.format(
                         destination, path),
                     'name another folder with PREFIX=')
    if not os.access(path, os.W_OK | os.X_OK):
        console.fail('cannot install to {}: no permission to write in {}'
                     .format(destination, path),
                     'name a folder of your own with PREFIX=, or run '
                     '"make install" as root')


def install(variant, prefix, destdir, environ=os.environ):
    """Install *variant* with the *prefix* (str) below *destdir* (str)."""
    destination = destdir + prefix
    check_writable(destination)
    # Others are to use it: the compiled modules get what the umask leaves.
    os.umask(0o022)
    ssl = sslprefix.inspect(variant.openssl, environ)
    with locking.lock(variant.root / 'lock'):
        # Another prefix than the last time is compiled into a few files.
        build.configure(variant.src, variant, ssl, variant.log_dir, prefix,
                        environ)
        target = ['install'] + ['DESTDIR=' + destdir] * bool(destdir)
        if not variant.shared:
            build.make(variant.src, variant, variant.log_dir, 'installing',
                       *target, environ=environ)
            return destination
        # The installed executable finds libpython in PREFIX, the one that
        # stays here in the build folder.
        variant.python.unlink()
        try:
            build.make(variant.src, variant, variant.log_dir, 'installing',
                       *target, rpath=prefix + '/lib', environ=environ)
        finally:
            if variant.python.exists():
                variant.python.unlink()
            build.make(variant.src, variant, variant.log_dir, 'linking',
                       'python', environ=environ)
    return destination


def main():
    variant = layout.Variant.from_env()
    prefix = layout.prefix()
    destdir = layout.absolute(os.environ.get('DESTDIR', '').strip())
    console.step('Installing {} to {}'.format(variant.name, destdir + prefix))
    destination = install(variant, prefix, destdir)
    if not destdir:
        build.check_build(os.path.join(prefix, 'bin', 'python2.7'), variant)
    console.note('installed: {}/bin/python2.7'.format(destination))


if __name__ == '__main__':
    console.interruptible(main)
