"""The rooms of scripts/: who may import whom, and what each needs."""

import ast
import importlib.util
import os
import sysconfig

import pytest

from scripts.__main__ import COMMANDS
from scripts.base.paths import SCRIPTS

#: From the ground up: a file imports from its own room and from those below.
#: options.py and __main__.py stand alone.
FLOORS = ('base', 'series', 'options', 'source', 'build', 'dev', '__main__')

#: Of the standard library of 2.7 alone, for what runs there.
PYTHON2 = {'ConfigParser', 'HTMLParser', 'Queue', 'StringIO', 'cPickle',
           'urlparse'}

MODULES = sorted(
    path.relative_to(SCRIPTS) for path in SCRIPTS.glob('**/*.py')
    if 'tests' not in path.relative_to(SCRIPTS).parts)


def room(parts):
    """The floor of the file or module with these *parts* of its name."""
    return FLOORS.index(parts[0])


def imports(text):
    """The modules that the source *text* imports, and where from: names
    with dots."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, 'imports are absolute'
            # Of the package itself, what is imported are its modules.
            yield from (['{}.{}'.format(node.module, alias.name)
                         for alias in node.names]
                        if node.module == 'scripts' else [node.module])


def source(path):
    """The text of the file *path*, '' if it is for Python 2 alone."""
    text = (SCRIPTS / path).read_text()
    try:
        ast.parse(text)
    except SyntaxError:
        return ''
    return text


def is_standard(name):
    """True if the module *name* comes with Python."""
    found = importlib.util.find_spec(name.split('.')[0])
    if found is None or found.origin in (None, 'built-in', 'frozen'):
        return found is not None and found.origin is not None
    folder = os.path.realpath(sysconfig.get_path('stdlib'))
    return os.path.realpath(found.origin).startswith(folder + os.sep) and \
        'site-packages' not in found.origin


def wrong(path, text):
    """What the file *path* imports though it must not (a list of str)."""
    own = room(path.with_suffix('').parts)
    found = []
    for name in imports(text):
        parts = name.split('.')
        if parts[0] == 'scripts':
            if own < room(parts[1:]):
                found.append(name)
        elif own < FLOORS.index('dev') and not is_standard(name) and not (
                path.stem.endswith('27') and name in PYTHON2):
            found.append(name)
    return found


@pytest.mark.parametrize('path', [
    path for path in MODULES if path.name != '__init__.py'], ids=str)
def test_imports_run_one_way(path):
    assert wrong(path, source(path)) == []


@pytest.mark.parametrize('path, text, expected', [
    ('base/x.py', 'from scripts.series import quilt', ['scripts.series']),
    ('series/x.py', 'from scripts import options', ['scripts.options']),
    ('source/x.py', 'import scripts.dev.run.site27', ['scripts.dev.run.'
                                                      'site27']),
    ('build/x.py', 'def f():\n    import rich.table', ['rich.table']),
    ('build/x.py', 'import pytest\nimport os.path', ['pytest']),
    ('build/x.py', 'import no_such_module', ['no_such_module']),
    ('build/x.py', 'import cPickle', ['cPickle']),
    ('build/x27.py', 'import cPickle, rich', ['rich']),
    ('dev/x.py', 'import rich\nfrom scripts.build import help', []),
    ('build/x.py', 'import ssl, math\nfrom scripts.source import pins', [])])
def test_what_is_wrong(path, text, expected):
    assert wrong(SCRIPTS.joinpath(path).relative_to(SCRIPTS),
                 text) == expected


def test_nothing_is_imported_by_name_below():
    for path in MODULES:
        if path.parts[0] not in ('dev', '__main__.py'):
            assert 'import_module' not in source(path), path
            assert '__import__(' not in source(path).replace(
                '        __import__(name)\n', ''), path


def test_git_is_called_in_one_place():
    """Elsewhere the variables of a hook, and someone's settings, would
    count."""
    for path in MODULES:
        starts = [node.elts[0] for node in ast.walk(ast.parse(source(path)))
                  if isinstance(node, (ast.List, ast.Tuple)) and node.elts]
        calls = [node for node in starts
                 if isinstance(node, ast.Constant) and node.value == 'git']
        assert bool(calls) == (str(path) == 'series/gitrepo.py'), path


def test_names_are_unambiguous():
    for path in MODULES:
        name = path.stem
        if name.startswith('__'):
            continue
        assert not (SCRIPTS / path).with_suffix('').is_dir(), path
        assert importlib.util.find_spec(name) is None or \
            not is_standard(name), '{}: of the standard library'.format(path)


def test_what_runs_elsewhere_needs_nothing_from_here():
    """Files that other interpreters run, by their paths."""
    for path in MODULES:
        if path.stem.endswith('27') and path.stem not in (
                'site27', 'examples27') or path.parent.name in (
                'worker', 'py27', 'plugin') or \
                'overlay/package' in str(path):
            assert 'scripts' not in [name.split('.')[0] for name
                                     in imports(source(path))], path


def test_commands_have_a_module():
    for name, module in COMMANDS.items():
        path = (SCRIPTS / module.replace('.', '/')).with_suffix('.py')
        assert '\ndef main(' in path.read_text(), name
