"""Compile the C programs, with the OpenSSL of the patched interpreter."""

from pathlib import Path

from scripts.base import console, files, paths
from scripts.build import sslprefix

HERE = Path(__file__).resolve().parent
FOLDER = paths.BUILD / 'bench'


def _arguments(ssl):
    if not ssl.prefix:
        return [], []
    return (['-I{}/include'.format(ssl.prefix)],
            ['-L' + ssl.libdir, '-Wl,-rpath,' + ssl.libdir])


def ensure(name, ssl, folder=FOLDER):
    """Compile NAME.c once, and again when it changed; returns the Path of
    the program.  ssl: the sslprefix.OpenSSL to compile it with."""
    source = HERE / (name + '.c')
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / '{}-{}'.format(name, ssl.text.split()[1])
    first, last = _arguments(ssl)
    argv = sslprefix.compiler() + ['-O2', '-Wall'] + first + [
        str(source), '-o', str(program)] + last + ['-lssl', '-lcrypto']
    stamp = program.with_name(program.name + '.made-of')
    identity = '{}\n{}\n'.format(files.sha256_of(source), ' '.join(argv))
    if files.read(stamp) != identity or not program.exists():
        console.run(argv, log=folder / 'logs' / (name + '.log'),
                    title='compiling {}.c'.format(name),
                    hint='it needs the headers of OpenSSL 1.1.1 or later')
        files.write(stamp, identity)
    return program
