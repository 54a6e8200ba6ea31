"""Run setup.py of the overlay's source with the interpreter it is for."""

import shutil

from scripts.base import console
from scripts.dev.overlay import existing
from scripts.dev.package import tarball


def build(python, source, output, log, *, openssl='', static=False,
          hashlib=False, old_libc=(), environ):
    """Build the *source* (Path) with *python* (existing.Interpreter) into
    *output* (Path): what an installation has in its site-packages.

    openssl: prefix (str), '' for the host's.  static: link its static
    libraries.  hashlib: put _hashlib in front of the interpreter's own.
    old_libc: what oldlibc.make() wrote, to link with in place of the C
    library.  Ends the program if it fails.
    """
    work = output.with_name(output.name + '.work')
    for folder in (output, work):
        shutil.rmtree(folder, ignore_errors=True)
    env = existing.environment(environ)
    env['OPENSSL'] = openssl
    env['OVERLAY_STATIC'] = '1' if static else '0'
    env['OVERLAY_HASHLIB'] = '1' if hashlib else '0'
    env['OVERLAY_OLD_LIBC'] = ':'.join(map(str, old_libc))
    env['SOURCE_DATE_EPOCH'] = str(tarball.epoch(environ))
    console.run(
        [python.path, '-s', '-B', 'setup.py', '-q', 'build',
         '--build-base', work, '--build-lib', output], cwd=source, env=env,
        log=log, title='compiling',
        hint='the compiler is the one that the interpreter was built with; '
        'CC= names another one')
    shutil.rmtree(work)
    return output
