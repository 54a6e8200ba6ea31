"""help and the Makefile: every target and variable is listed."""

import os
import re
import subprocess

from scripts import options
from scripts.__main__ import COMMANDS
from scripts.base import paths
from scripts.build import help
from scripts.tests import minicheckout


def makefile_targets():
    text = help.MAKEFILE.read_text().replace('\\\n', ' ')
    phony = re.search(r'^TARGETS :=(.*)$', text, re.MULTILINE)[1].split()
    rules = re.findall(r'^([a-z][a-z0-9-]*):(?![^#\n]*=)', text, re.MULTILINE)
    return phony, rules


def test_help_lists_every_target():
    phony, rules = makefile_targets()
    listed = [name for name, _ in
              help.entries(help.MAKEFILE.read_text()) if name]
    assert sorted(listed) == sorted(rules) == sorted(phony)


def test_architecture_is_right():
    text = (paths.DOCS / 'architecture.md').read_text()
    for name in re.findall(r'`([a-z0-9_/]+(?:\.(?:py|sh)|/))`', text):
        assert any(paths.SCRIPTS.glob('**/' + name.rstrip('/'))) or \
            (paths.ROOT / name).exists(), name
    for room in paths.SCRIPTS.glob('**/__init__.py'):
        name = room.parent.relative_to(paths.SCRIPTS).as_posix()
        if name.count('/') < 2 and not name.startswith('tests/'):
            assert name == '.' or '`{}/`'.format(name) in text, name


def test_architecture_says_where_each_command_is():
    text = (paths.DOCS / 'architecture.md').read_text()
    text = text[text.index('## From make to a file'):]
    for name, module in COMMANDS.items():
        file = '`{}.py`'.format(module.replace('.', '/'))
        row = next(part for part in re.split(r'\n\||, ', text)
                   if '`{}`'.format(name) in part)
        assert file in row or file in text[text.index(row):].split(
            '\n')[0], name


def test_help_is_documented():
    text = ''.join(path.read_text()
                   for path in (paths.ROOT / 'docs').glob('*.md'))
    for name in options.ALL:
        assert '`{}'.format(name) in text, name
    for name in makefile_targets()[0]:
        assert '`make {}'.format(name) in text or name == 'all', name


def test_help_by_make(capsys):
    text = subprocess.run(['make', '-s', '-C', str(paths.ROOT), 'help'],
                          stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    help.main()
    assert capsys.readouterr().out == text
    assert 'PATCHES' in text and '  install ' in text
    assert max(map(len, text.splitlines())) < 80


def print_python(checkout):
    done = subprocess.run(
        ['make', '-s', '-C', str(checkout.root), 'print-python',
         'CONFIG=debug', 'PATCHES=compat'], capture_output=True,
        text=True,
        env={'PATH': os.environ['PATH'], 'HOME': '/nowhere'})
    return done.returncode, done.stdout, done.stderr


def test_print_python_by_make(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    python = checkout.root / 'build/debug-compat/src/python'
    status, output, errors = print_python(checkout)
    assert status == 2 and output == ''
    assert '{} is not there'.format(python) in errors
    python.parent.mkdir(parents=True)
    python.touch()
    assert print_python(checkout) == (0, '{}\n'.format(python), '')
