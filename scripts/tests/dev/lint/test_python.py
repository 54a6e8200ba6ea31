"""The rule python: what ruff says is heard."""

import shutil

import pytest

from scripts.base import paths
from scripts.dev.lint.rules import python


@pytest.fixture
def settings(project):
    shutil.copy(paths.ROOT / 'pyproject.toml', project.root)


@pytest.mark.parametrize('text, expected', [
    ('import os\n', 'F401'), ('x = 1;\n', 'E703'),
    ('import sys\nimport os\n\nprint(sys, os)\n', 'I001'),
    ('def f(a=[]):\n    return a\n', 'B006'),
    ('from typing import List\n\nx: List = []\n', 'UP006')])
def test_findings(project, settings, text, expected):
    project.put(project.root, 'scripts/a.py', text)
    found = project.lint('python')
    assert any(line.startswith('scripts/a.py:') and expected in line
               for line in found)


def test_good(project, settings):
    project.put(project.root, 'scripts/a.py', 'import os\n\nprint(os)\n')
    # What runs on Python 2.7, too, is written for that.
    project.put(project.root, 'Lib_tests/b.py',
                'class A(object):\n    x = 1\n')
    assert project.lint('python') == []


def test_settings_that_cannot_be_read(project):
    project.put(project.root, 'pyproject.toml', '[tool.ruff\n')
    found, = project.lint('python')
    assert found.startswith('ruff: ') and 'pyproject.toml' in found


def test_no_ruff(project, monkeypatch):
    monkeypatch.setattr(python.sys, 'executable', '/nowhere/python')
    monkeypatch.setattr(python.shutil, 'which', lambda name: None)
    with pytest.raises(python.NotChecked):
        project.lint('python')


def test_types(project, settings):
    for room in ('base', 'series', 'source', 'build'):
        project.put(project.root, 'scripts/{}/__init__.py'.format(room), '')
    project.put(project.root, 'scripts/__init__.py', '')
    project.put(project.root, 'scripts/options.py',
                'def f(x: int) -> int:\n    return x\n')
    assert project.lint('types') == []
    project.put(project.root, 'scripts/build/a.py', 'def f(x):\n    pass\n')
    project.put(project.root, 'scripts/source/a.py', 'x: int = ""\n')
    found = sorted(project.lint('types'))
    assert len(found) == 2
    assert found[0].startswith('scripts/build/a.py:1:1: error: Function is ')
    assert found[1].startswith('scripts/source/a.py:1:')
