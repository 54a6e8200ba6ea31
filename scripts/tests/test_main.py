"""python3 -m scripts: what it says of a Python that lacks something."""

import inspect
from importlib import import_module

import pytest

from scripts import __main__ as entry


@pytest.mark.parametrize('name', entry.COMMANDS)
def test_what_it_gives_to_a_command(name):
    """The arguments to those that take any; to the others nothing."""
    command = import_module('scripts.' + entry.COMMANDS[name]).main
    assert list(inspect.signature(command).parameters) in (
        [], ['argv'], ['args'])


def test_without_the_tools(monkeypatch, capsys):
    def missing(name):
        raise ModuleNotFoundError('No module named rich', name='rich.table')

    monkeypatch.setattr(entry, 'import_module', missing)
    with pytest.raises(SystemExit):
        entry.main(['lint', '--list'])
    errors = capsys.readouterr().err
    assert 'lint: this Python has no rich.table' in errors
    assert 'build/tools/bin/python -m scripts lint --list' in errors


def test_a_module_of_ours_is_missing(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError('No module', name=name)

    monkeypatch.setattr(entry, 'import_module', missing)
    with pytest.raises(ModuleNotFoundError):
        entry.main(['lint'])
