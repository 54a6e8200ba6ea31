"""zlib for musl, which Debian has not: the one in CPython's source."""

import shutil
import tempfile
from pathlib import Path

from scripts.base import console, paths
from scripts.build import openssl
from scripts.source import tree


def ensure(prefix, compiler, environ):
    """Build a static zlib with *compiler* (str) and install it to *prefix*
    (Path), unless it is there.  ensurepip cannot do without."""
    library = prefix / 'lib' / 'libz.a'
    if library.exists():
        return
    console.step('Building zlib for musl')
    logs = prefix.with_name(prefix.name + '.logs')
    with tempfile.TemporaryDirectory(dir=paths.BUILD) as folder:
        source = Path(folder, 'source')
        tree.prepare_tree(source, [], tree.find_source(environ=environ))
        zlib = source / 'Modules' / 'zlib'
        env = dict(openssl.build_env(environ), CC=compiler,
                   CFLAGS='-O2 -fPIC')
        console.run(['sh', 'configure', '--static',
                     '--prefix={}'.format(prefix)], cwd=zlib, env=env,
                    log=logs / 'zlib-config.log', title='configuring zlib')
        # Of its targets the one that does not build its examples.
        console.run(['make', library.name], cwd=zlib, env=env,
                    log=logs / 'zlib-make.log', title='compiling zlib')
        for name in ('zlib.h', 'zconf.h'):
            shutil.copy(zlib / name, prefix / 'include')
        # The last one, by which the next run sees that all are there.
        shutil.copy(zlib / library.name, prefix)
        (prefix / library.name).replace(library)
