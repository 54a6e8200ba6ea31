"""model: what pan says, what is stale, and that the parts fit together."""

import re
import shutil

import pytest

from scripts.dev.model import command, modelled, runs, spin

HOLDS = '''
State-vector 220 byte, depth reached 325, errors: 0
  2574062 states, stored
'''
FAILS = '''
pan:1: assertion violated  !(working[i]) (at depth 294)
pan: wrote hardening.pml.trail
State-vector 220 byte, depth reached 294, errors: 1
      199 states, stored
'''
SOURCE = 'static int\nfirst(int a)\n{\n    return a;   /* why */\n}\n'


def test_parse():
    assert spin.parse(HOLDS) == (2574062, 325, '')
    assert spin.parse(FAILS) == (199, 294, 'assertion violated  !(working[i])')


@pytest.mark.parametrize('output', [
    '', 'pan: out of memory\n', HOLDS + 'Warning: Search not completed\n',
    'error: max search depth too small\n' + HOLDS])
def test_not_all_states(output):
    assert spin.parse(output)[2]


def test_stale(monkeypatch, tmp_path):
    monkeypatch.setattr(modelled, 'read', lambda: {'first': {
        'transition': 'call:', 'digest': modelled.digest(SOURCE)}})
    assert modelled.stale(SOURCE) == []
    assert modelled.stale(SOURCE.replace('why', 'another')
                          .replace('    return', ' return')) == []
    assert 'has changed' in modelled.stale(SOURCE.replace('return a',
                                                          'return 0'))[0]
    assert 'not there' in modelled.stale('')[0]


@pytest.mark.parametrize('change, found', [
    ('self->memory->borrowed++', True), ('--self->forks', True),
    ('self->underway_thread = 0', True), ('self->forks = fork_count', True),
    ('self->state = CONNECTION_IDLE', True),
    ('self->waiting_writers += how == 1', True),
    ('return self->underway == 0', False), ('/* self->forks++ */', False)])
def test_not_modelled(monkeypatch, change, found):
    """What decides who may enter is changed by modelled functions only."""
    monkeypatch.setattr(modelled, 'read', dict)
    source = SOURCE.replace('return a', change)
    assert ['not modelled' in text for text in modelled.stale(source)] == \
        [True] * found
    if found:
        assert modelled.stale(source.replace('first', 'newPySSLSocket')) == []


def test_table():
    """Each transition that the table names is in the model."""
    model = spin.MODEL.read_text()
    for entry in modelled.read().values():
        for name in re.findall(r'\w+(?:\(\)|:)', entry['transition']):
            assert re.search(r'^(inline |#define )?' +
                             re.escape(name.rstrip('()')),
                             model, re.MULTILINE), name


def test_mutants():
    """The model knows each mistake, and no other."""
    known = set(re.findall(r'^#(?:ifn?def |elif defined\()(M_\w+)',
                           spin.MODEL.read_text(), re.MULTILINE))
    assert known == set(runs.MUTANTS)
    assert {mutant.setup for mutant in runs.MUTANTS.values()} == \
        set(runs.SETUPS)


def test_report(capsys):
    good = (runs.SETUPS['turns'], spin.Outcome(5, 4, 0.1, '', ''))
    bad = (runs.SETUPS['bytes'], spin.Outcome(5, 4, 0.1, 'wrong', 'a trail'))
    assert command.report([good], {'M_BACK': 'bytes'}, []) == 0
    assert command.report([good, bad], {'M_BACK': None}, ['stale']) == 3
    output = capsys.readouterr().out
    assert 'a trail' in output and 'NOT FOUND' in output and \
        'stale' in output


@pytest.mark.skipif(shutil.which('spin') is None, reason='needs spin')
def test_verify(tmp_path):
    model = tmp_path / 'small.pml'
    model.write_text('active proctype one() {\n    byte a;\n'
                     '    a++;\n    assert(a == EXPECTED)\n}\n')
    good = spin.verify(tmp_path / 'good', ['EXPECTED=1'], model)
    assert good.error == '' and good.states > 1
    bad = spin.verify(tmp_path / 'bad', ['EXPECTED=2'], model)
    assert bad.error.startswith('assertion violated')
    assert 'assert' in bad.trail
