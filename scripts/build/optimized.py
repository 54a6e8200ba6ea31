"""CONFIG=optimized: profiling and link-time optimisation.

CPython's makefile does it all in one target, profile-opt, which goes on
whatever becomes of the training.  Here its steps are taken one by one, with
a look at what the training left.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts.base import console, files, paths
from scripts.base.aliases import Environ
from scripts.build import sslprefix

TRAINING = paths.SCRIPTS / 'build' / 'training27.py'
CERTS = paths.LIB_TESTS / 'certs'

#: What configure makes of --with-lto and of profiling, by the compiler's
#: name.
_FLAGS = {
    'clang': ('-flto', '-fprofile-instr-generate'),
    'gcc': ('-flto', '-fuse-linker-plugin', '-ffat-lto-objects',
            '-flto-partition=none', '-fprofile-generate')}
_SOURCES = {'one.c': 'int one(void) { return 1; }\n',
            'main.c': 'int one(void);\nint main(void) { return one() - 1; }'
                      '\n'}
#: In the files that others link: only the compiler that wrote it can read it.
_LTO_SECTIONS = ('--remove-section=.gnu.lto_*',
                 '--remove-section=.gnu.debuglto_*',
                 '--strip-symbol=__gnu_lto_v1',
                 '--strip-symbol=__gnu_lto_slim')


def _compiler(environ: Environ) -> list[str]:
    """The compiler that configure takes: gcc before cc."""
    if not environ.get('CC') and shutil.which('gcc'):
        return ['gcc']
    return sslprefix.compiler(environ)


def require(environ: Environ) -> None:
    """End the program unless the compiler can do what CONFIG=optimized
    needs, tried on a program of two files and an archive."""
    argv = _compiler(environ)
    name = next((name for name in _FLAGS if name in ' '.join(argv)), '')
    if not name:
        console.fail(
            'CONFIG=optimized needs gcc or clang, and {} is neither by its '
            'name'.format(' '.join(argv)),
            "that is how CPython's configure finds out what it can do: write "
            'CC=gcc')
    with tempfile.TemporaryDirectory() as folder:
        problem = _try(argv + list(_FLAGS[name]), Path(folder))
    if problem:
        console.fail(
            'CONFIG=optimized: {} cannot do profiling and link-time '
            'optimisation here:\n{}'.format(' '.join(argv), problem),
            "its plugin for the linker or its library for profiling is "
            'missing, or is in a package\nof its own (clang: compiler-rt, '
            'lld or the gold plugin); CC= names another compiler,\n'
            'CONFIG=default needs neither')


def _try(argv: list[str], folder: Path) -> str:
    """What does not work of *argv* in *folder*, '' if all does."""
    for name, text in _SOURCES.items():
        (folder / name).write_text(text)
    for words in ([*argv, '-c', 'one.c', 'main.c'],
                  ['ar', 'rc', 'libone.a', 'one.o'], ['ranlib', 'libone.a'],
                  [*argv, 'main.o', '-L.', '-lone', '-o', 'main'],
                  ['./main']):
        try:
            done = subprocess.run(
                words, cwd=folder, text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as error:
            return '{}: {}'.format(words[0], error.strerror)
        if done.returncode:
            return done.stdout.strip() or '{} ended with status {}'.format(
                words[0], done.returncode)
    if not _profiles(folder):
        return 'a program that was to be profiled left no profile'
    return ''


def _profiles(folder: Path) -> list[Path]:
    """What programs that count left in *folder*, gcc's and clang's."""
    return [path for pattern in ('*.gcda', '*.profraw', '*.profclangr')
            for path in folder.rglob(pattern)]


def _flags(src: Path) -> tuple[str, str]:
    """What configure chose: to count, and to use what was counted."""
    text = files.read(src / 'Makefile')
    found = dict(re.findall(r'^PGO_PROF_(GEN|USE)_FLAG=[ \t]*(.*)$', text,
                            re.MULTILINE))
    if not found.get('GEN'):
        console.fail('configure knows no profiling with this compiler',
                     'write CC=gcc; the makefile is {}'.format(
                         src / 'Makefile'))
    return found['GEN'], found['USE']


def _for_make(*words: object) -> str:
    """*words* as the shell gets them out of a variable of make."""
    return shlex.join(map(str, words)).replace('$', '$$')


def build(src: Path, make: Callable[..., float]) -> float:
    """Compile with counters, train, and compile again.

    make: function of a title and targets.  What configure chose is for the
    interpreter; as a part of CC it reaches the modules as well, which
    distributions have in the interpreter.  Returns the seconds it took.
    """
    count, use = _flags(src)
    done = src / 'training.done'
    done.unlink(missing_ok=True)
    seconds = make('cleaning', 'clean')
    seconds += make('cleaning', 'profile-removal')
    seconds += make('compiling with counters', 'build_all_generate_profile',
                    flags=count)
    # The build itself ran the interpreter.
    seconds += make('cleaning', 'profile-removal')
    seconds += make('training', 'run_profile_task', 'PROFILE_TASK=' +
                    _for_make(TRAINING, CERTS, done))
    _look_at(done, src)
    seconds += make('merging profiles', 'build_all_merge_profile')
    seconds += make('cleaning', 'clean')
    seconds += make('compiling with the profile', 'build_all_use_profile',
                    flags=use)
    return seconds + make('cleaning', 'profile-removal')


def _look_at(done: Path, src: Path) -> None:
    """End the program if the training, which was to write *done*, came to
    nothing; of parts that failed, say so."""
    parts = files.read(done).splitlines()
    profiles = _profiles(src)
    hint = 'what it said is in logs/make.log beside {}'.format(src)
    if not parts or not profiles:
        console.fail('the training did not end, or left no profile', hint)
    failed = [part for part in parts if part.startswith('FAILED ')]
    for part in failed:
        console.warn('training without {}: {}'.format(
            part.partition(' ')[2], hint))
    if len(failed) == len(parts):
        console.fail('no part of the training worked', hint)
    console.note('trained with {} parts, {} profiles'.format(
        len(parts) - len(failed), len(profiles)))


def relink(src: Path, make: Callable[..., float]) -> None:
    """Compile what another prefix changed as all the rest was."""
    make('linking', 'build_all_use_profile', flags=_flags(src)[1])


def tidy(folder: Path) -> None:
    """Leave only machine code in the files of the installation *folder*
    that others link."""
    for path in [*folder.glob('lib/python2.7/config/*.[ao]'),
                 *folder.glob('lib/libpython2.7.a')]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o200)
        done = subprocess.run(['objcopy', *_LTO_SECTIONS, str(path)],
                              text=True, capture_output=True)
        path.chmod(mode)
        if done.returncode:
            console.warn('{} keeps what only this compiler can read: {}'
                         .format(path, done.stderr.strip()))
