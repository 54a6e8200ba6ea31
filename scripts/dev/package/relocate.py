"""Make an installed interpreter independent of the folder it is in.

Python finds its library beside the executable.  What is left to do: the
programs name their interpreter, sysconfig and pkg-config name the prefix,
and shared libraries are looked for at absolute places.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.base import console

#: Begins a script that runs under the interpreter beside it: a shell sees
#: an exec, Python a string.
LAUNCHER = b'''#!/bin/sh
\'\'\'exec' "$(dirname -- "$(readlink -f -- "$0")")"/python2.7 "$0" "$@"
' \'\'\'
'''

#: What is in front of a module's docstring, which the launcher takes the
#: place of.
_DOCSTRING = re.compile(
    rb'\A((?:[ \t]*(?:#.*)?\n)*)(?=(?:[uU]?[rR]?|[bB][rR]?)["\'])')
_FUTURE = re.compile(rb'(?m)^from\s+__future__\s+import\b')
#: PEP 263: it counts in the first two lines.
_CODING = re.compile(rb'\A[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+.*\n')

#: Stands for the folder in which the interpreter was built.
NEUTRAL_SOURCE = '/usr/src/Python-2.7.18'

_SYSCONFIG_TAIL = '''
# The prefix is where this file is found.
def _relocate(built):
    from os.path import abspath, dirname
    here = dirname(dirname(dirname(abspath(__file__))))
    for name, value in build_time_vars.items():
        if isinstance(value, str):
            build_time_vars[name] = value.replace(built, here)

_relocate({!r})
del _relocate
'''

_OPENSSL_LIB = re.compile(r'lib(ssl|crypto)\.so')


def is_elf(path):
    """True if the file at *path* (Path) is an ELF file."""
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, 'rb') as file:
        return file.read(4) == b'\x7fELF'


def files_below(folder):
    """All files and links below *folder* (Path), sorted."""
    return sorted(path for path in folder.rglob('*')
                  if path.is_symlink() or not path.is_dir())


def replace_shebangs(bin_dir):
    """Let the scripts in *bin_dir* (Path) run under the python2.7 beside
    them.  Returns their names."""
    names = []
    for path in files_below(bin_dir):
        if path.is_symlink():
            continue
        data = path.read_bytes()
        first, newline, rest = data.partition(b'\n')
        if re.match(rb'#!\s*\S*python', first):
            coding = _CODING.match(rest)
            with_doc = _DOCSTRING.sub(rb'\1__doc__ = ', rest, count=1)
            if with_doc != rest and _FUTURE.search(rest):
                # Nothing may be in front of that import.
                console.fail(
                    '{}: a script with a docstring and an import from '
                    '__future__ cannot be made independent of its '
                    'folder'.format(path), 'make its docstring a comment')
            shell, launch = LAUNCHER.split(b'\n', 1)
            path.write_bytes(shell + b'\n' + (coding[0] if coding else b'') +
                             launch + with_doc)
            names.append(path.name)
    return names


def edit(path, change):
    """Replace the text of the file at *path* (Path) by change(text)."""
    before = path.read_text(encoding='latin-1')
    after = change(before)
    if after != before:
        path.write_text(after, encoding='latin-1')


def mend_sysconfig(root, prefix, source, flags=()):
    """Let what builds extensions look in *root* (Path), the installed
    tree, wherever that is.

    prefix: str, what it was configured with.  source: the folder in which
    it was built (str).  flags: strs, compiler flags of this machine.
    """
    def neutral(text):
        for flag in flags:
            text = text.replace(flag, '')
        return text.replace(source, NEUTRAL_SOURCE)

    data = root / 'lib' / 'python2.7' / '_sysconfigdata.py'
    edit(data, lambda text: neutral(text) + _SYSCONFIG_TAIL.format(prefix))
    for makefile in root.glob('lib/python2.7/config*/Makefile'):
        edit(makefile, neutral)
    for path in root.glob('lib/pkgconfig/*.pc'):
        if not path.is_symlink():
            edit(path, lambda text: re.sub(
                r'(?m)^prefix=.*$', 'prefix=${pcfiledir}/../..', text))


def _output(*argv):
    env = {name: value for name, value in os.environ.items()
           if name != 'LD_LIBRARY_PATH'}
    try:
        done = subprocess.run(
            [str(word) for word in argv], capture_output=True,
            text=True, env=env)
    except OSError as error:
        return console.fail('cannot run {}: {}'.format(
                                argv[0], error.strerror),
                            'is it installed? "make tools" sets up patchelf; '
                            'ldd and strip belong to the compiler')
    if done.returncode:
        console.fail('{} failed:\n{}'.format(
            ' '.join(map(str, argv)), done.stderr.strip()))
    return done.stdout


class Elf:
    """The ELF file at *path* (Path); *patchelf* is the program's name."""

    def __init__(self, path, patchelf='patchelf'):
        self.path = path
        self._patchelf = patchelf

    @property
    def needed(self):
        """The names of the libraries it is linked with (str list)."""
        return _output(self._patchelf, '--print-needed', self.path).split()

    @property
    def rpath(self):
        """The folders in which they are looked for first (str list)."""
        text = _output(self._patchelf, '--print-rpath', self.path).strip()
        return text.split(':') if text else []

    def set_rpath(self, folders):
        """Look in *folders* (str list) first; in none if it is empty."""
        if folders == self.rpath:
            return
        mode = self.path.stat().st_mode
        self.path.chmod(mode | 0o200)
        if folders:
            _output(self._patchelf, '--set-rpath', ':'.join(folders),
                    self.path)
        else:
            _output(self._patchelf, '--remove-rpath', self.path)
        self.path.chmod(mode)


def dynamic(root, patchelf='patchelf'):
    """The programs and shared libraries below *root* (list of Elf)."""
    return [Elf(path, patchelf) for path in files_below(root)
            if is_elf(path) and not path.name.endswith('.o')]


def strip(root):
    """Remove debugging information, which names the build's folders."""
    for path in files_below(root):
        if path.is_symlink():
            continue
        if is_elf(path) or path.suffix == '.a':
            mode = path.stat().st_mode
            path.chmod(mode | 0o200)
            _output('strip', '--strip-debug',
                    '--enable-deterministic-archives', path)
            path.chmod(mode)


def loaded(path):
    """{name: Path} of the libraries that the loader finds for the ELF file
    at *path* (Path)."""
    return {match[1]: Path(match[2]) for match in re.finditer(
        r'^\s*(\S+) => (/.+) \(0x[0-9a-f]+\)$', _output('ldd', path),
        re.MULTILINE)}


def openssl_libraries(root):
    """{name: Path} of the libssl and libcrypto that _ssl and _hashlib below
    *root* (Path) are linked with; {} if that was done statically."""
    found = {}
    for name in ('_ssl', '_hashlib'):
        for path in root.glob('lib/python2.7/lib-dynload/{}*.so'.format(
                name)):
            found.update((lib, place) for lib, place in loaded(path).items()
                         if _OPENSSL_LIB.match(lib))
    return found


def bundle(root, libraries, patchelf='patchelf'):
    """Copy *libraries*, {name: Path}, to the lib of *root* (Path)."""
    for name, source in sorted(libraries.items()):
        target = root / 'lib' / name
        shutil.copyfile(source, target)
        target.chmod(0o755)
        Elf(target, patchelf).set_rpath(['$ORIGIN'])


def relative_rpaths(root, kept=(), patchelf='patchelf'):
    """Let all below *root* (Path) find the libraries in its own lib.

    kept: folders (strs) that may be named as before.  Returns the names of
    the libraries that have to be on the system (sorted str list).
    """
    lib = root / 'lib'
    own = {path.name for path in lib.iterdir() if '.so' in path.name}
    outside = set()
    for elf in dynamic(root, patchelf):
        needed = elf.needed
        folders = []
        if own.intersection(needed):
            way = os.path.relpath(str(lib), str(elf.path.parent))
            folders.append('$ORIGIN' if way == '.' else '$ORIGIN/' + way)
        if any(_OPENSSL_LIB.match(name) and name not in own
               for name in needed):
            folders += [folder for folder in elf.rpath if folder in kept]
        elf.set_rpath(folders)
        outside.update(set(needed) - own)
    return sorted(outside)
