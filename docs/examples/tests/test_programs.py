"""The programs as such: --help, wrong arguments, how short they are, and
whether the page that explains them is complete."""

import ast
import io
import os
import re
import sys

import pytest

import peers

DOCS = os.path.join(os.path.dirname(peers.EXAMPLES), 'examples.md')
FILES = sorted(name for name in os.listdir(peers.EXAMPLES)
               if name.endswith('.py'))
PACKAGE = ['pyopenssl_names/' + name for name in sorted(os.listdir(
    os.path.join(peers.EXAMPLES, 'pyopenssl_names'))) if name.endswith('.py')]
# https_trollius.py, https_twisted.py and the package: see ../tests27.
PROGRAMS = ('asyncore_fetch.py', 'bootstrap.py', 'small_echo.py',
            'starttls_echo.py', 'tls_in_tls.py', 'tls_proxy.py')


def text_of(path):
    with io.open(path, encoding='utf-8') as source:
        return source.read()


def example(name):
    return text_of(os.path.join(peers.EXAMPLES, name))


def runs_here(name):
    if name == 'asyncore_fetch.py' and sys.version_info >= (3, 12):
        pytest.skip('this Python has no asyncore')


@pytest.mark.parametrize('name', PROGRAMS)
def test_help(name):
    runs_here(name)
    status, output, errors = peers.run(name, '--help')
    assert status == 0 and output.startswith('usage: ' + name)
    assert example(name).split('"""')[1].split('\n')[0] in output


@pytest.mark.parametrize('args', [
    ('starttls_echo.py', 'server'), ('starttls_echo.py', 'client'),
    ('starttls_echo.py', 'both'), ('tls_proxy.py',),
    ('tls_in_tls.py', 'https://localhost/'),
    ('tls_in_tls.py', '--proxy', 'x', 'https://localhost/'),
    ('tls_in_tls.py', '--proxy', 'x:1', 'http://localhost/'),
    ('asyncore_fetch.py', 'http://localhost/'),
    ('bootstrap.py', peers.EXAMPLES), ('small_echo.py', 'server'),
    ('small_echo.py', 'client', '--pem', 'x')], ids=' '.join)
def test_wrong_arguments(args):
    runs_here(args[0])
    status, output, errors = peers.run(*args)
    assert status == 2 and 'usage: ' in errors
    assert 'Traceback' not in errors


@pytest.mark.parametrize('args', [
    ('starttls_echo.py', 'client', '--port', 1, '--cafile', 'missing.pem'),
    ('starttls_echo.py', 'server', '--cert', 'missing.pem'),
    ('starttls_echo.py', 'client', '--port', 1),
    ('small_echo.py', 'server', '--pem', 'missing.pem')])
def test_an_error_is_an_exit_status(args):
    status, output, errors = peers.run(*args)
    assert status not in (0, 2) and errors.strip()


def code_lines(source):
    """How many lines there are without comments, docstrings and blanks."""
    tree = ast.parse(source)
    lines = set(number for number, line in enumerate(source.split('\n'), 1)
                if line.strip() and not line.strip().startswith('#'))
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef,
                                 ast.FunctionDef)):
            continue
        first = node.body[0]
        if ast.get_docstring(node) and isinstance(first, ast.Expr):
            last = first.lineno     # of Python 2, the last one
            text = first.value.s if sys.version_info < (3, 8) else None
            if text is None:
                lines -= set(range(first.lineno, first.end_lineno + 1))
            else:
                lines -= set(range(last - text.count('\n'), last + 1))
    return len(lines)


def test_code_lines():
    assert code_lines('"""One\ntwo"""\n# three\n\nx = 1\n'
                      'def f():\n    """Four."""\n    return x\n') == 3


def test_the_reactor_is_short():
    assert code_lines(example('reactor.py')) < 100
    source = example('tlsstream.py')
    start = source.index('class TLSStream')
    assert code_lines(source[start:]) < 100


@pytest.mark.parametrize('name', FILES + PACKAGE)
def test_lines_are_not_too_long(name):
    for line in example(name).split('\n'):
        assert len(line) < 80 and line == line.rstrip()


def gotchas(text):
    return set(int(number) for number in
               re.findall(r'Gotchas? (\d+)', text))


def test_the_page_names_every_file_and_every_gotcha():
    page = text_of(DOCS)
    for name in FILES + ['requirements-trollius.txt',
                         'requirements-twisted.txt',
                         'requirements-bootstrap.txt'] + [
                             name.split('/')[1] for name in PACKAGE]:
        assert '`{}`'.format(name) in page, name
    listed = [int(number) for number
              in re.findall(r'^(\d+)\. \*\*', page, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    used = set()
    for name in FILES:
        used |= gotchas(example(name))
    assert used == set(listed)


def test_the_page_says_where_each_gotcha_is():
    table = {}
    for line in text_of(DOCS).split('\n'):
        cells = [cell.strip() for cell in line.split('|')]
        match = re.match(r'`(\w+(\.py|/))`$', cells[1]) if len(cells) > 4 \
            else None
        if match:
            table[match.group(1)] = set(map(int, re.findall(r'\d+',
                                                            cells[-2])))
    for name in FILES:
        assert table.get(name) == gotchas(example(name)), name
    assert table.get('pyopenssl_names/') == set().union(*[
        gotchas(example(name)) for name in PACKAGE])
