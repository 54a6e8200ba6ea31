"""The one record of a proof: what it is about, and when it is shown."""

import io
import re
import subprocess

import pytest
from rich.console import Console

from scripts import options
from scripts.base import paths
from scripts.build import help
from scripts.build.variant import Variant
from scripts.dev.evidence import command, identity, proofs, record
from scripts.dev.lint import command as lint
from scripts.dev.lint.rules import evidence
from scripts.tests import fakeproject

NAMES = ('a.patch', 'b.patch')
DIFF = '''\
--- a/x.py
+++ b/x.py
@@ -1,3 +1,4 @@ def f():
 one
+  two
 three
 four
'''


@pytest.fixture
def patches(tmp_path):
    for name in NAMES:
        (tmp_path / name).write_text(fakeproject.HEADER + DIFF)
    return tmp_path


def patch_id(path):
    """What git says of the diff."""
    text = path.read_text()
    text = text[text.index('--- a/x.py'):]
    done = subprocess.run(
        ['git', 'patch-id', '--stable'], check=True, text=True,
        input='diff --git a/x.py b/x.py\n' + text, stdout=subprocess.PIPE)
    return done.stdout


@pytest.mark.parametrize('old, new, same', [
    ('because', 'as', True),                        # of the header
    ('2026-11-22', '2026-11-29', True),
    ('@@ -1,3 +1,4 @@', '@@ -9,3 +10,4 @@', True),
    (' def f():\n', '\n', True),
    ('\n+  two', '\n+  2', False),
    ('\n one', '\n 1', False),
    ('/x.py', '/y.py', False),
])
def test_series_id_is_what_git_patch_id_sees(patches, old, new, same):
    path = patches / 'b.patch'
    before, git_before = identity.series(NAMES, patches), patch_id(path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert (identity.series(NAMES, patches) == before) == same
    if old != '/x.py':
        assert (patch_id(path) == git_before) == same


def test_series_id_sees_order_and_indentation(patches):
    before = identity.series(NAMES, patches)
    path = patches / 'b.patch'
    path.write_text(path.read_text().replace('+  two', '+two'))
    changed = identity.series(NAMES, patches)
    assert len({before, changed, identity.series(NAMES[::-1], patches),
                identity.series(NAMES[:1], patches)}) == 4


@pytest.mark.parametrize('place, same', [
    ('Lib/test/test_x.py', True), ('Doc/x.rst', True),
    ('Misc/NEWS.d/x.rst', True), ('Lib/x.py', False),
    ('Modules/x.c', False), ('setup.py', False)])
def test_benchmarks_depend_on_the_product(patches, place, same):
    before = identity.product(NAMES, patches)
    other = DIFF.replace('x.py', place).replace('two', '2')
    path = patches / 'b.patch'
    path.write_text(path.read_text() + other)
    assert (identity.product(NAMES, patches) == before) == same
    (patches / 'c.patch').write_text(fakeproject.HEADER + other)
    path.write_text(path.read_text()[:-len(other)])
    names = NAMES + ('c.patch',)
    assert (identity.product(names, patches) == before) == same


def test_record_of_the_product_outlives_a_test():
    made = record.Record('bench', 'series1', 'product1', {}, {}, '', True,
                         dict.fromkeys(options.BENCH.read({})))
    assert not record.why_stale(made, ('series2', 'product1'))
    assert record.why_stale(made, ('series1', 'product2'))


def test_a_part_that_is_newer_than_the_record_is_missing():
    made = record.Record('bench', 'series1', 'product1', {}, {}, '', True,
                         dict.fromkeys(options.BENCH.read({})))
    del made.rows['startup']
    assert record.why_stale(made, ('series1', 'product1')) == \
        'parts are missing startup'


def test_tests_id(tmp_path):
    folder = tmp_path / 'Lib_tests'
    (folder / '__pycache__').mkdir(parents=True)
    (folder / 'test_a.py').write_text('1')
    before = identity.tests(['Lib_tests'], tmp_path)
    (folder / '__pycache__' / 'x').write_text('')
    (folder / 'test_a.pyc').write_text('')
    assert identity.tests(['Lib_tests'], tmp_path) == before
    (folder / 'test_a.py').write_text('2')
    assert identity.tests(['Lib_tests'], tmp_path) != before
    assert identity.tests([], tmp_path) == ''


@pytest.mark.parametrize('proof, place', [
    ('bench', 'bench/tlsbench.c'), ('fuzz', 'fuzz/harness.c'),
    ('matrix', 'matrix/allowed.json'), ('matrix', 'run/library_limits.json'),
    ('mutants', 'mutants/equivalents.json'), ('mutants', 'mutants/c.rules'),
    ('overlay', 'overlay/package'), ('overlay', 'run/known_failures.json'),
    ('refleak', 'refleak/meter27.py'), ('sanitize', 'sanitize/tsan.supp'),
    ('soak', 'soak/soak27.py'), ('test', 'run/library_limits.json'),
    ('variations', 'variations/parts.py')])
def test_tests_id_sees_what_measures(proof, place):
    path = paths.SCRIPTS / 'dev' / place
    assert path.exists()
    assert any(paths.ROOT / known in (path, *path.parents)
               for known in proofs.ALL[proof].tests)


class State:
    """The state of the checkout, which a test may change."""

    def __init__(self):
        self.now = 'series1', 'tests1'

    def __call__(self, proof, names=()):
        return self.now


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(record, 'FOLDER', tmp_path / 'own')
    monkeypatch.setattr(record, 'published_file', lambda proof:
                        tmp_path / 'published' / proof)
    state = State()
    monkeypatch.setattr(record, 'current', state)
    return state


def take(proof, rows, **more):
    return record.Taking(proof, Variant()).write(rows, **more)


GOOD, BAD = {'ok': True, 'seconds': 2}, {'ok': False, 'seconds': 3}


def test_what_a_record_has(state):
    made = take('test', {'one': GOOD, 'two': BAD})
    assert (made.series, made.tests, made.ok, made.complete) == (
        'series1', 'tests1', False, True)
    assert made.date.endswith('UTC') and made.tools['openssl']
    assert record.read(made.path) == made and made.path.exists()
    assert record.best('test') == made


def test_state_of_the_beginning_counts(state):
    taking = record.Taking('test', Variant())
    state.now = 'series2', 'tests1'
    made = taking.write({'one': GOOD})
    assert made.series == 'series1'
    assert made.stale == 'series series1, now series2'


def test_parts_of_several_runs(state):
    assert not take('sanitize', {'asan': GOOD}, parts=['asan', 'tsan']
                    ).complete
    assert record.best('sanitize') is None
    made = take('sanitize', {'tsan': BAD}, parts=['asan', 'tsan'])
    assert made.complete and not made.ok
    assert set(made.rows) == {'asan', 'tsan'}
    made = take('sanitize', {'tsan': GOOD}, parts=['asan', 'tsan'])
    assert made.complete and made.ok and made.seconds >= 2
    state.now = 'series2', 'tests1'
    made = take('sanitize', {'tsan': GOOD}, parts=['asan', 'tsan'])
    assert not made.complete and set(made.rows) == {'tsan'}


def test_a_limited_run_is_no_part_of_a_record(state):
    take('sanitize', {'asan': GOOD}, complete=False, parts=['asan', 'tsan'])
    made = take('sanitize', {'tsan': GOOD}, parts=['asan', 'tsan'])
    assert set(made.rows) == {'tsan'} and not made.complete
    whole = take('test', {'one': GOOD})
    take('test', {'one': BAD}, complete=False)
    assert record.best('test') == whole


def test_rows_that_may_be_of_another_state(state):
    assert proofs.ALL['conformance'].keep
    take('conformance', {'3.6': GOOD})
    state.now = 'series2', 'tests1'
    assert set(take('conformance', {'3.7': GOOD}).rows) == {'3.6', '3.7'}


def test_what_was_published_is_kept(state):
    """In a clone, build/ is empty."""
    for proof in ('conformance', 'matrix'):
        made = take(proof, {'one': GOOD}, parts=['one', 'two'])
        record.publish(made)
        made.path.unlink()
        assert set(take(proof, {'two': BAD}, parts=['one', 'two']).rows) == {
            'one', 'two'}


def test_the_published_one_is_shown_unless_there_is_a_current_one(state):
    first = take('test', {'one': GOOD})
    record.publish(first)
    state.now = 'series2', 'tests1'
    assert record.best('test') == first and record.best('test').stale
    second = take('test', {'one': BAD})
    assert record.best('test') == second and not second.stale
    state.now = 'series1', 'tests2'
    assert record.best('test') == first
    assert first.stale == 'other tests, of tests1'


def test_a_record_that_cannot_be_read(state, tmp_path, capsys):
    (tmp_path / 'x.json').write_text('{"proof": "test"')
    with pytest.raises(SystemExit):
        record.read(tmp_path / 'x.json')
    assert 'writes it anew' in capsys.readouterr().err


def test_proofs_are_targets_and_can_be_asked_for():
    targets = {name for name, _ in help.entries(help.MAKEFILE.read_text())}
    assert {proof.command[0] for proof in proofs.ALL.values()} <= targets
    assert set(options.EVIDENCE.known()) == set(proofs.ALL)
    places = {place for proof in proofs.ALL.values()
              for place in proof.tests}
    assert all((paths.ROOT / place).exists() for place in places)


def test_each_record_is_of_a_proof():
    """A target that ends in a KeyError, after an hour, proves nothing."""
    taken = {name for path in (paths.ROOT / 'scripts' / 'dev').rglob('*.py')
             for name in re.findall(
                 r"(?:parts\.run|record\.Taking)\('(\w+)'",
                 path.read_text())}
    assert taken == set(proofs.ALL)


def make(state, monkeypatch, **outcomes):
    """Let make take records with these *outcomes*, {proof: row}; returns the
    list that gets the calls."""
    calls = []

    def run(argv, title, **more):
        calls.append(argv)
        if title in outcomes:
            take(title, {'one': outcomes[title]})
        if not outcomes.get(title, BAD)['ok']:
            raise SystemExit(1)

    monkeypatch.setattr(command.console, 'run', run)
    for name in ('EVIDENCE', 'PYTHON3S'):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_cheapest_first_and_what_is_measured_is_published(
        state, monkeypatch, capsys):
    take('bisect', {'one': dict(GOOD, seconds=5000)})
    take('coverage', {'one': dict(GOOD, seconds=70)})
    state.now = 'series2', 'tests1'
    take('clients', {'one': GOOD})
    calls = make(state, monkeypatch, coverage=GOOD, bisect=BAD)
    monkeypatch.setenv('EVIDENCE', 'bisect coverage')
    assert command.main() == 1
    assert calls == [['make', 'coverage'], ['make', 'bisect']]
    output = capsys.readouterr().out
    assert 'series series1, now series2' not in output  # never published
    assert 'there is no record' in output and '1:10 min' in output
    assert 'takes 84:30 min and an unknown time for {}'.format(
        len(proofs.ALL) - 3) in output
    assert [record.read(record.published_file(name)).ok
            for name in ('clients', 'coverage', 'bisect')] == [
                True, True, False]
    monkeypatch.setenv('EVIDENCE', 'none')
    assert command.main() == 0
    assert len(calls) == 2
    assert '{} of {} proofs'.format(len(proofs.ALL) - 3, len(
        proofs.ALL)) in capsys.readouterr().out


def test_what_cannot_be_renewed(state, monkeypatch, capsys):
    calls = make(state, monkeypatch)
    monkeypatch.setenv('EVIDENCE', 'conformance')
    assert command.main() == 1
    monkeypatch.setenv('PYTHON3S', 'python3.9 python3.13')
    assert command.main() == 1
    assert calls == [['make', 'review', 'PYTHON3S=python3'],
                     ['make', 'review']]
    assert 'still no complete record' in capsys.readouterr().out


def test_evidence_of_another_build_is_refused(state, monkeypatch, capsys):
    monkeypatch.setenv('CONFIG', 'debug')
    with pytest.raises(SystemExit):
        command.main()
    assert 'leave CONFIG' in capsys.readouterr().err


def test_lint_reports_what_is_stale(project):
    found = project.lint('evidence-fresh')
    assert len(found) == len(proofs.ALL)
    assert found[0].startswith('docs/evidence/test.json: there is no record')
    names = project.names()
    made = record.Record('test', *record.current('test', names, project.root),
                         {}, {}, '2026-11-29', False, {})
    made.write(record.published_file('test', project.root))
    assert len(project.lint('evidence-fresh')) == len(proofs.ALL) - 1
    project.write('0201-pep546-a.patch', {'Lib/a.py': 'x\n'})
    found = project.lint('evidence-fresh')
    assert 'test.json: series {}, now '.format(made.series) in found[0]
    results = lint.run_rules(project.context(), evidence.RULES)
    out = Console(width=200, record=True, file=io.StringIO())
    assert lint.report(results, 1, out) == 0
    assert '0 found, 1 rules checked, 0 not checked, {} to know'.format(
        len(proofs.ALL)) in \
        out.export_text()


def test_a_record_names_no_place_of_the_checkout(tmp_path):
    """As what a test that was skipped says of an OPENSSL_CONF does."""
    made = record.Record('matrix', 's', 't', {}, {}, '', True, {
        'plain': {'ok': True, 'texts': [str(paths.ROOT / 'build' / 'x.cnf')]}})
    made.write(tmp_path / 'record.json')
    assert record.read(tmp_path / 'record.json').rows['plain']['texts'] == [
        'build/x.cnf']


def test_published_records_name_no_place_of_a_machine():
    for path in sorted((paths.ROOT / 'docs' / 'evidence').glob('*.json')):
        assert not re.findall(r'"/(?:home|root|tmp|work|usr|var|opt)\b[^"]*"',
                              path.read_text()), path.name
