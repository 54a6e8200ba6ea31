"""The Makefile: what it says before anything is done."""

import os
import subprocess
import sys

import pytest

from scripts.base.paths import ROOT


def make(*words, **variables):
    """(status, output) of make with *words*."""
    done = subprocess.run(
        ['make', '--no-print-directory', '-C', str(ROOT), *words],
        env=dict(os.environ, **variables), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def test_safe_path():
    """The current folder is where scripts/ is."""
    assert make('help', PYTHONSAFEPATH='1')[0] == 0


def test_inspect():
    """Python does not ask what next, as it would before it ends."""
    status, output = make('help', PYTHONINSPECT='1')
    assert status == 0 and 'Traceback' not in output
    assert '>>>' not in output


def test_python_with_a_space(tmp_path):
    python = tmp_path / 'a folder' / 'python3'
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    status, output = make('help', PYTHON3=str(python))
    assert status == 0 and 'print-python' in output


def test_misspelt_target():
    for words in ['bisct'], ['help', '0206']:
        status, output = make(*words)
        # Before the first of them is made.
        assert status == 2 and output.startswith('Makefile:')
        assert 'there is no target "{}"'.format(words[-1]) in output
        assert '"make help" lists all' in output


@pytest.mark.parametrize('target', ['help', 'print-python', 'clean',
                                    'distclean'])
def test_without_python(target):
    for name in 'no-such-python', 'false':
        status, output = make(target, PYTHON3=name)
        assert status == 2
        assert 'error: {} does not run, or is older'.format(name) in output
        assert '"make bootstrap" says what to install' in output


@pytest.mark.parametrize('target', ['help', 'print-python', 'clean'])
@pytest.mark.parametrize('name, value', [('PYTHONHASHSEED', 'foo'),
                                         ('PYTHONHOME', '/no')])
def test_a_variable_of_python(target, name, value):
    """It is what keeps Python from running."""
    status, output = make(target, **{name: value})
    assert status == 2 and 'does not run, or is older' not in output
    assert 'error: {}={}: python3 does not run with it: '.format(
        name, value) in output


def test_cdpath(tmp_path):
    """Nor does it reach the makefiles of others."""
    more = tmp_path / 'more.mk'
    more.write_text('help: ; @echo "<$${CDPATH-none}>"\n')
    assert '<none>' in make('-f', 'Makefile', '-f', str(more), 'help',
                            CDPATH='.')[1]


@pytest.mark.parametrize('value', ['', ' ', '\t'])
def test_empty_python(tmp_path, value):
    """It is as if it were not there, also on the command line."""
    more = tmp_path / 'more.mk'
    more.write_text('help: ; @echo "<$$PYTHON3>"\n')
    for words in [], ['PYTHON3=' + value]:
        status, output = make('help', *words, PYTHON3=value)
        assert status == 0 and 'print-python' in output
        # What is started by make reads the same.
        assert '<python3>' in make('-f', 'Makefile', '-f', str(more), 'help',
                                   *words, PYTHON3=value)[1]
