"""make bench: which runs replace what is published."""

import pytest

from scripts.dev.bench import command, plots
from scripts.dev.evidence import machine, record


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Call it with an environ: what was published, and where plots went."""
    done = []
    where = machine.describe()

    class Taking:
        def __init__(self, *args):
            pass

        def write(self, rows, complete):
            made = record.Record('bench', 's', 't', {'contenders': {}},
                                 where, where['date'], True, rows)
            made.path = tmp_path / 'bench.json'
            return made

    for module, name, instead in (
            (command, 'DOCS', tmp_path / 'docs'),
            (command, 'LAST', tmp_path / 'last'),
            (command.compiling, 'FOLDER', tmp_path),
            (command.contenders, 'prepare', lambda *args: []),
            (command, 'run_part', lambda *args: []),
            (command.record, 'Taking', Taking),
            (command.record, 'publish', lambda made: done.append('record')),
            (plots, 'draw', lambda made, folder:
                done.append(folder.name) or [])):
        monkeypatch.setattr(module, name, instead)

    def run(**environ):
        for name in ('BENCH', 'QUICK', 'PYTHON27S', 'CONFIG', 'PATCHES'):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        assert command.main() == 0
        return done
    return run


def test_a_complete_run_is_published(run):
    assert run() == ['record', 'docs']


def test_instructions_have_a_page_of_their_own(run):
    """But no record, which is one of all parts."""
    assert run(BENCH='instructions') == ['docs']


@pytest.mark.parametrize('environ', [
    {'QUICK': '1'}, {'BENCH': 'bulk'}, {'PYTHON27S': 'python3'},
    {'BENCH': 'instructions', 'PYTHON27S': 'python3'},
    {'BENCH': 'instructions', 'CONFIG': 'debug'},
    {'BENCH': 'instructions', 'QUICK': '1'},
    {'BENCH': 'bulk instructions'},
    {'CONFIG': 'debug'}, {'PATCHES': 'pep546'}])
def test_another_run_is_not(run, environ, capsys):
    assert run(**environ) == ['last']
    assert 'docs/bench is written by a complete run' in \
        capsys.readouterr().out
