"""What the compiler has to say about _ssl.c and _hashopenssl.c."""

import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from scripts.base import console

MODULES = ('_ssl', '_hashopenssl')

_WARNING = re.compile(
    r'(?:^|/)(?P<name>_ssl|_hashopenssl)\.c:(?P<line>\d+)(?::\d+)?: '
    r'warning: (?P<text>.*)', re.MULTILINE)
_DEPRECATED = re.compile(r"['\u2018](?P<name>\w+)['\u2019] is deprecated")
#: _ssl.c keeps the compiler from naming deprecated functions.
_PRAGMA = re.compile(r'^#pragma (GCC|clang) diagnostic.*$', re.MULTILINE)


def _text(log):
    return Path(log).read_text(errors='replace')


def compile_command(log, name):
    """The command (str list) in the file *log* that compiled *name*.c."""
    found = re.findall(r'^\S+ .*-c \S*/{}\.c -o .*$'.format(name), _text(log),
                       re.MULTILINE)
    if not found:
        console.fail('{} does not say how {}.c was compiled'.format(
                         log, name),
                     '"make clean" with the same options, then again')
    return shlex.split(found[-1])


def in_log(log):
    """The warnings about the two files in the compiler's output *log*
    (Path): a list of 'file:line: text'."""
    for name in MODULES:
        compile_command(log, name)
    return sorted({'{name}.c:{line}: {text}'.format(**match.groupdict())
                   for match in _WARNING.finditer(_text(log))})


def deprecations(log, prefix=()):
    """The deprecated functions that _ssl.c calls (sorted str list).

    It is compiled once more, without the pragma that hides them.  prefix:
    what to put in front of the command of *log*.
    """
    argv = compile_command(log, '_ssl')
    position = argv.index('-c')
    source = Path(argv[position + 1])
    if not source.is_absolute():
        source = Path(log).parent.parent / 'src' / source
    with tempfile.TemporaryDirectory(dir=str(Path(log).parent)) as folder:
        copy = Path(folder) / '_ssl.c'
        copy.write_text(_PRAGMA.sub('', source.read_text()))
        argv[position:] = ['-I{}'.format(source.parent), '-fsyntax-only',
                           '-Wdeprecated-declarations', str(copy)]
        done = subprocess.run(
            list(prefix) + argv, cwd=str(source.parent.parent), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        console.fail('_ssl.c does not compile without its pragma:\n{}'.format(
                         done.stdout[-2000:]),
                     'the command was: {}'.format(' '.join(argv)))
    return sorted(set(_DEPRECATED.findall(done.stdout)))
