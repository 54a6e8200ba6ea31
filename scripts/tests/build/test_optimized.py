"""CONFIG=optimized: the steps, the training, compilers that cannot do it."""

import os
import shutil
import subprocess
import sys

import pytest

from scripts.base import paths
from scripts.build import interpreter, optimized
from scripts.build.variant import Variant
from scripts.tests import minicheckout

#: The targets of CPython's makefile that are used, for minicheckout's
#: configure to write; each step is noted with what it was given.
TARGETS = '''
PGO_PROF_GEN_FLAG=-fprofile-generate
PGO_PROF_USE_FLAG=-fprofile-use -fprofile-correction
clean profile-removal build_all_merge_profile:
\techo "\\$@" >>steps
build_all_generate_profile:
\techo "\\$@ \\$(CC)" >>steps
build_all_use_profile: python
\techo "\\$@ \\$(CC)" >>steps
run_profile_task:
\techo "\\$@" >>steps
\tset -- \\$(PROFILE_TASK) && printf '%s\\n' "\\$\\$@" >task && \\\\
\ttest -z "\\$\\$PARTS" || { touch one.gcda; echo "\\$\\$PARTS" >"\\$\\$3"; }
END
cat >answer'''


@pytest.fixture
def checkout(tmp_path):
    found = minicheckout.Checkout(tmp_path)
    configure = found.source / 'configure'
    configure.write_text(configure.read_text().replace(
        'END\ncat >answer', TARGETS.lstrip('\n'), 1))
    return found


def build(checkout, **variables):
    variables = dict({'CONFIG': 'optimized', 'PARTS': 'objects\ntls'},
                     **variables)
    status, output = checkout.run('build', **variables)
    src = checkout.folder(**variables) / 'src'
    steps = src / 'steps'
    return status, output, src, \
        steps.read_text().splitlines() if steps.exists() else []


def compiler(folder, name, *lines):
    """The path of a compiler called *name* that first does *lines* of
    shell."""
    minicheckout.write(folder, {name: '\n'.join(
        ('#!/bin/sh', *lines, 'exec {} "$@"\n'.format(shutil.which('cc'))))})
    (folder / name).chmod(0o755)
    return str(folder / name)


def test_steps(checkout):
    status, output, src, steps = build(checkout)
    assert status == 0, output
    assert [step.split()[0] for step in steps] == [
        'clean', 'profile-removal', 'build_all_generate_profile',
        'profile-removal', 'run_profile_task', 'build_all_merge_profile',
        'clean', 'build_all_use_profile', 'profile-removal']
    assert steps[2].endswith(interpreter.STRICT + ' -fprofile-generate')
    assert steps[7].endswith(' -fprofile-use -fprofile-correction')
    assert (src / 'task').read_text().splitlines() == [
        str(checkout.root / 'scripts/build/training27.py'),
        str(checkout.root / 'Lib_tests/certs'), str(src / 'training.done')]
    arguments = (src / 'arguments').read_text()
    assert '--enable-optimizations --with-lto' in arguments
    assert 'trained with 2 parts, 1 profiles' in output


def test_second_build_does_nothing(checkout):
    build(checkout)
    status, output, _, steps = build(checkout)
    assert 'nothing to build' in output and len(steps) == 9


def test_changed_patch_trains_again(checkout):
    build(checkout)
    patch = checkout.patches / '0001-base-first.patch'
    patch.write_text(patch.read_text().replace('long', 'short'))
    status, output, _, steps = build(checkout)
    assert status == 0 and 'configuring' not in output and len(steps) == 18


def test_changed_training_is_built_anew(checkout):
    build(checkout)
    with open(checkout.root / 'scripts/build/training27.py', 'a') as file:
        file.write('# changed\n')
    status, output, _, steps = build(checkout)
    assert status == 0 and 'configuring' in output and len(steps) == 9


def test_training_that_does_not_end(checkout):
    status, output, _, steps = build(checkout, PARTS='')
    assert status == 1 and 'the training did not end' in output
    assert 'make.log' in output and steps[-1] == 'run_profile_task'
    assert build(checkout)[0] == 0


def test_training_in_part(checkout):
    status, output, _, _ = build(checkout, PARTS='objects\nFAILED tls')
    assert status == 0 and 'training without tls' in output
    assert 'trained with 1 parts' in output


def test_training_in_no_part(checkout):
    status, output, _, _ = build(checkout, PARTS='FAILED objects')
    assert status == 1 and 'no part of the training worked' in output


@pytest.mark.parametrize('name, lines, words', [
    ('tinycc', (), ['needs gcc or clang', 'CC=gcc']),
    ('gcc', ('case "$*" in *-flto*) echo no plugin >&2; exit 1;; esac',),
     ['no plugin', 'CONFIG=default needs neither']),
    ('gcc', ('case "$*" in *"-o main") printf "#!/bin/sh\\n" >main; '
             'chmod +x main; exit;; esac',), ['left no profile']),
    ('gcc', ('case "$*" in *"-o main") exit;; esac',), ['./main: No such'])])
def test_compiler_that_cannot(checkout, tmp_path, name, lines, words):
    status, output, src, steps = build(
        checkout, CC=compiler(tmp_path / 'bin', name, *lines))
    assert status == 1 and not steps
    for word in ['CONFIG=optimized', *words]:
        assert word in output, output
    assert 'configuring' not in output and 'Traceback' not in output


def test_configure_that_knows_no_profiling(checkout):
    configure = checkout.source / 'configure'
    configure.write_text(configure.read_text().replace(
        'GEN_FLAG=-fprofile-generate', 'GEN_FLAG='))
    status, output, _, steps = build(checkout)
    assert status == 1 and not steps
    assert 'configure knows no profiling' in output


def test_install_links_as_the_build_did(checkout, tmp_path):
    build(checkout)
    status, output = checkout.run('install', CONFIG='optimized',
                                  PREFIX=str(tmp_path / 'p'))
    assert status == 0, output
    src = checkout.folder(CONFIG='optimized') / 'src'
    steps = (src / 'steps').read_text().splitlines()
    assert steps[9:] == [steps[7]]
    assert (tmp_path / 'p/bin/python2.7').exists()
    assert 'nothing to build' in build(checkout)[1]


def test_words_for_make():
    assert optimized._for_make('/a', '/b c$d') == "/a '/b c$$d'"


def test_variants():
    assert Variant.from_env({'CONFIG': 'optimized'}).name == 'optimized'
    assert Variant.from_env({'CONFIG': 'optimized', 'PATCHES': 'none',
                             'SHARED': 'yes'}).name == \
        'optimized-none-shared'


def sections(path):
    return subprocess.run(['objdump', '-h', str(path)], text=True,
                          stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.skipif(not shutil.which('gcc'), reason='no gcc')
def test_nothing_that_only_one_compiler_reads(tmp_path):
    config = tmp_path / 'lib/python2.7/config'
    config.mkdir(parents=True)
    (tmp_path / 'one.c').write_text('int one(void) { return 1; }\n')
    for argv in (['gcc', '-flto', '-ffat-lto-objects', '-c', 'one.c', '-o',
                  config / 'python.o'],
                 ['ar', 'rc', config / 'libpython2.7.a',
                  config / 'python.o']):
        subprocess.run(argv, cwd=tmp_path, check=True)
    (config / 'python.o').chmod(0o444)
    assert '.gnu.lto_' in sections(config / 'libpython2.7.a')
    optimized.tidy(tmp_path)
    for path in config.iterdir():
        assert '.gnu.lto_' not in sections(path)
        assert '.text' in sections(path)
    assert (config / 'python.o').stat().st_mode & 0o777 == 0o444
    (tmp_path / 'main.c').write_text(
        'int one(void);\nint main(void) { return one() - 1; }\n')
    subprocess.run(['gcc', 'main.c', config / 'libpython2.7.a', '-o', 'main'],
                   cwd=tmp_path, check=True)
    subprocess.run([tmp_path / 'main'], check=True)


def test_file_that_is_no_object(tmp_path, capsys):
    config = tmp_path / 'lib/python2.7/config'
    minicheckout.write(config, {'python.o': 'no object'})
    optimized.tidy(tmp_path)
    assert 'keeps what only this compiler can read' in \
        capsys.readouterr().err


class TestTraining:

    def run(self, tmp_path, text):
        """Train this Python with the parts that *text* defines."""
        program = tmp_path / 'training27.py'
        source = optimized.TRAINING.read_text()
        head, _, tail = source.partition('PARTS = (')
        program.write_text(head + text + tail[tail.index(')') + 1:])
        subprocess.run([sys.executable, program, tmp_path, tmp_path / 'done'],
                       check=True, capture_output=True)
        return (tmp_path / 'done').read_text().splitlines()

    def test_parts(self, tmp_path):
        assert self.run(tmp_path, '''
def good(): pass
def bad(): raise ValueError
def missing(): import no_such_module
PARTS = (good, bad, missing)''') == ['good', 'FAILED bad']

    def test_that_it_is_for_27(self):
        """Each part is in the list of them, and there is one for TLS."""
        names = {name for name in optimized.TRAINING.read_text().split(
            'PARTS = (')[1].split(')')[0].replace(',', ' ').split()}
        assert 'tls' in names and len(names) > 15

    @pytest.mark.skipif(not Variant().python.exists(), reason='no build')
    def test_the_real_one(self, tmp_path):
        done = tmp_path / 'done'
        subprocess.run([Variant().python, optimized.TRAINING,
                        paths.LIB_TESTS / 'certs', done], check=True,
                       capture_output=True, cwd=tmp_path,
                       env=interpreter.run_env(Variant(), os.environ))
        assert 'FAILED' not in done.read_text()
        assert 'tls' in done.read_text()
