"""refleak: what counts as a leak, and that the canaries are looked at."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from scripts.dev.refleak import parts
from scripts.dev.run import native


def canary(**changed):
    tests = {'canary27.Leaks.' + name: outcome
             for name, outcome in parts.CANARY.items()}
    tests.update({'canary27.Leaks.' + name: outcome
                  for name, outcome in changed.items()})
    return parts.judge_canary(
        {name: outcome for name, outcome in tests.items() if outcome},
        'title')


def test_canary():
    assert canary().ok
    assert not canary(test_leak_block='passed').ok
    assert not canary(test_clean='failed').ok
    assert not canary(test_leak_descriptor=None).ok
    row = canary(test_leak_reference='error')
    assert 'should count as failed, and is' in row.texts[
        'test_leak_reference']


def test_canary_file_has_the_tests():
    text = (parts.HERE / 'canary27.py').read_text()
    for name in parts.CANARY:
        assert 'def {}('.format(name) in text


def samples(step, start=20_000_000, every=500):
    return [[count, start + step * count]
            for count in range(every, parts.CONNECTIONS + 1, every)]


def test_growth():
    assert parts.growth(samples(0)) == 0
    # Half of the way lies between the two medians.
    assert parts.growth(samples(64)) > parts.GROWTH
    assert 0 < parts.growth(samples(16)) < parts.GROWTH


def test_growth_ignores_the_warm_up_and_single_figures():
    values = [[count, size + (9_000_000 if count < parts.WARM_UP else 0)]
              for count, size in samples(0)]
    values[-1][1] += 5_000_000
    assert parts.growth(values) == 0


@pytest.mark.parametrize('step, good', [(0, True), (64, False)])
def test_connections(step, good, monkeypatch):
    part = parts.Connections.__new__(parts.Connections)
    monkeypatch.setattr(part, 'samples', lambda *extra: samples(
        64 if extra else step), raising=False)
    first, second = part.rows([])
    assert first.ok and second.ok == good


def test_connections_with_a_silent_canary(monkeypatch):
    part = parts.Connections.__new__(parts.Connections)
    monkeypatch.setattr(part, 'samples', lambda *extra: samples(0),
                        raising=False)
    first, second = part.rows([])
    assert not first.ok and second.ok


class FakePart(parts.Repeated):
    title = 'fake'

    def __init__(self, row):
        self.row_ = row

    def canary(self):
        return self.row_

    def measured(self, tests):
        yield 'measured'


def test_nothing_is_measured_behind_a_silent_canary(tmp_path):
    def rows(row):
        part = FakePart(row)
        part.log_dir = tmp_path / 'logs'
        (part.log_dir / 'left').mkdir(parents=True)
        found = list(part.rows([]))
        assert not (part.log_dir / 'left').exists()
        return found

    assert rows(canary())[1:] == ['measured']
    assert len(rows(canary(test_clean='failed'))) == 1


def run(tmp_path, code):
    part = FakePart(None)
    part.log_dir = tmp_path
    return part.run('label', [sys.executable, '-c', code,
                              tmp_path / 'label.record'], dict(os.environ))


WRITE = ('import sys; open(sys.argv[1], "a").write('
         '\'["{}", "a.b", "leaked [1, 1, 1] blocks"]\\n\')')


def test_record(tmp_path):
    tests, texts, problem, _ = run(tmp_path, WRITE.format('failed'))
    assert tests == {'a.b': 'failed'} and not problem
    assert texts['a.b'] == 'leaked [1, 1, 1] blocks'


@pytest.mark.parametrize('code, problem', [
    (WRITE.format('passed') + '; sys.exit(3)', 'ended with status 3'),
    ('pass', 'nothing was measured'),
    (WRITE.format('skipped'), 'nothing was measured'),
    (WRITE.format('start') + '; import os; os.abort()',
     'ended with status -6')])
def test_what_did_not_run_is_a_problem(code, problem, tmp_path):
    assert problem in run(tmp_path, code)[2]


COUNT = '''
import ctypes
library = ctypes.CDLL(None)
library.blocks_in_use.restype = ctypes.c_long
malloc, free = library.malloc, library.free
malloc.restype, free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
realloc = library.realloc
realloc.restype = ctypes.c_void_p
realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
def count(call):
    before = library.blocks_in_use()
    value = call()
    return library.blocks_in_use() - before, value
for _ in range(5):
    count(lambda: free(malloc(5)))
print(count(lambda: [malloc(50) for _ in range(1000)])[0] // 1000)
print(count(lambda: [free(realloc(realloc(malloc(5), 90), 100_000))
                     for _ in range(1000)])[0] < 500)
print(count(lambda: [free(malloc(5)) for _ in range(1000)])[0] < 500)
'''


def test_blocks_are_counted(tmp_path):
    variant = SimpleNamespace(root=tmp_path, log_dir=tmp_path / 'logs')
    library = native.shared_library(parts.HERE / 'blocks.c', variant)
    done = subprocess.run(
        [sys.executable, '-c', COUNT], text=True, stdout=subprocess.PIPE,
        env=dict(os.environ, LD_PRELOAD=str(library)), check=True)
    assert done.stdout.split() == ['1', 'True', 'True']
