"""Stand-ins for the C library, to link with as on an old system.

They have no code: only the names, in the versions that an old glibc had, of
what the host's libraries have.  The linker then asks for these versions.  What
an old glibc does not have is in package/src/oldglibc.c.

Before glibc 2.34 threads were a library of their own, and each name has to be
asked of the library that had it.
"""

import os
import platform
import re
import subprocess

from scripts.base import console
from scripts.build import sslprefix

#: The oldest glibc that a wheel is for, by architecture: those of manylinux1
#: and, where there was none, of manylinux2014.
OLDEST = {'x86_64': (2, 5), 'i686': (2, 5), 'aarch64': (2, 17)}

#: The parts of glibc that became one with 2.34, and what they had.
_LIBRARIES = {
    'libpthread.so.0': re.compile(r'_*(pthread|sem)_'),
    'libdl.so.2': re.compile(r'dl[a-z]+\d*$'),
    'librt.so.1': re.compile(r'(aio|mq|timer|lio|shm)_|clock_'),
    'libc.so.6': re.compile(''),
}

_SYMBOL = re.compile(
    r'^\s*\d+: \S+\s+\S+ (?P<type>FUNC|OBJECT|IFUNC)\s+(?:GLOBAL|WEAK)\s+'
    r'\S+\s+\d+ (?P<name>\w+)@@?GLIBC_(?P<version>[\d.]+)$', re.MULTILINE)


def _number(version):
    return tuple(map(int, version.split('.')))


def choose(text, oldest):
    """{name: (version, True if a function)} for the names in *text* (str,
    what readelf prints of dynamic symbols) that glibc *oldest* (ints) has:
    of several versions the last one."""
    found = {}
    for match in _SYMBOL.finditer(text):
        version = match['version']
        if _number(version) > oldest:
            continue
        before = found.get(match['name'])
        if before is None or _number(before[0]) < _number(version):
            found[match['name']] = version, match['type'] != 'OBJECT'
    return found


def assembly(symbols):
    """Assembler text (str) that defines the *symbols* of choose()."""
    lines = []
    for number, (name, (version, function)) in enumerate(
            sorted(symbols.items())):
        lines += ['.text' if function else '.data',
                  '.globl s{}'.format(number),
                  '.type s{}, %{}'.format(
                      number, 'function' if function else 'object'),
                  's{}: .quad 0'.format(number),
                  '.size s{}, 8'.format(number),
                  '.symver s{}, {}@@GLIBC_{}'.format(number, name, version)]
    lines.append('.section .note.GNU-stack,"",%progbits')
    return '\n'.join(lines) + '\n'


def version_script(symbols):
    """The linker's list (str) of the versions in *symbols*."""
    versions = sorted({version for version, _ in symbols.values()},
                      key=_number)
    return ''.join('GLIBC_{} {{ }};\n'.format(version)
                   for version in versions)


def library_of(name):
    """The library (str) that had the symbol *name* (str) at first."""
    return next(library for library, pattern in _LIBRARIES.items()
                if pattern.match(name))


def _output(argv, environ):
    done = subprocess.run([str(word) for word in argv], text=True,
                          env=dict(environ, LC_ALL='C'),
                          capture_output=True)
    if done.returncode:
        console.fail('{} failed:\n{}'.format(argv[0], done.stderr.strip()))
    return done.stdout.strip()


def _link(library, symbols, folder, environ):
    """Write the stand-in for *library* (str) with *symbols*, as choose()
    returns them, to *folder* (Path).  Returns its Path."""
    source, script, target = (
        folder / (library + suffix) for suffix in ('.s', '.versions', ''))
    source.write_text(assembly(symbols))
    script.write_text(version_script(symbols))
    _output(sslprefix.compiler(environ) + [
        '-shared', '-nostdlib', '-Wl,-soname,' + library,
        '-Wl,--version-script={}'.format(script), '-o', target, source],
        environ)
    return target


def make(folder, environ=os.environ):
    """Write the stand-ins to *folder* (Path).  Returns their Paths."""
    machine = platform.machine()
    if machine not in OLDEST:
        console.fail('make wheel: not on {}'.format(machine),
                     'on: ' + ', '.join(sorted(OLDEST)))
    text = ''
    for name in _LIBRARIES:
        path = _output(sslprefix.compiler(environ) + [
            '-print-file-name=' + name], environ)
        if path != name:
            text += _output(['readelf', '--dyn-syms', '-W', path],
                            environ) + '\n'
    symbols = choose(text, OLDEST[machine])
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for library in _LIBRARIES:
        own = {name: symbols[name] for name in symbols
               if library_of(name) == library}
        if own:
            made.append(_link(library, own, folder, environ))
    return made
