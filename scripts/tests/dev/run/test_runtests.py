"""runtests: nothing that did not run may look green."""

import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts import options
from scripts.dev.patchfile import Patch
from scripts.dev.run import intree, pytestrun, runtests, testreport
from scripts.dev.run.intree import ModuleResult
from scripts.dev.run.testreport import Row
from scripts.source import tree

SSL = SimpleNamespace(text='OpenSSL 3.0.19', number=0x30000130, prefix='')
OLD_SSL = SimpleNamespace(text='OpenSSL 1.1.1w', number=0x1010117f,
                          prefix='')
COMPAT = SimpleNamespace(groups=('base', 'compat', 'pep546'), name='v')
NO_COMPAT = SimpleNamespace(groups=('base', 'pep546'), name='v')


@pytest.fixture(autouse=True)
def expects_hashlib(monkeypatch):
    monkeypatch.setattr(runtests.interpreter, 'expects_hashlib',
                        lambda variant, ssl: 'compat' in variant.groups)


def found(missing=(), openssl='OpenSSL 3.0.19', groups=COMPAT.groups):
    return {'missing': dict.fromkeys(missing, 'No module'),
            'openssl': openssl,
            'series': {'patches': tree.select(groups)} if groups else None}


@pytest.mark.parametrize('what, ok', [
    (found(), True), (found(['readline']), True), (found(['_ssl']), False),
    (found(['_hashlib']), False), (found(groups=()), False),
    (found(groups=('base', 'compat')), False),
    (found(openssl='OpenSSL 3.5.0'), False)])
def test_gate(what, ok):
    assert runtests.gate(COMPAT, SSL, what).ok == ok


def test_machine_without_services():
    """What asks for them is known to fail, and nothing else."""
    asking, other = runtests.ASK_FOR_SERVICES['test_socket']
    row = runtests.without_services(Row(
        'test_socket', {asking: 'error', other: 'passed', 'x': 'passed'}))
    assert row.ok and row.note == '1 need /etc/services (netbase)'
    row = runtests.without_services(Row(
        'test_socket', {asking: 'crashed', other: 'error', 'x': 'failed'}))
    assert row.ids('failed', 'crashed', 'error') == [asking, 'x']
    row = runtests.without_services(Row('test_ssl', {asking: 'error'}))
    assert not row.ok and row.note == ''


def test_services_are_looked_for(monkeypatch):
    def unknown(*args):
        raise OSError('service/proto not found')

    monkeypatch.setattr(runtests.socket, 'getservbyname', unknown)
    assert not runtests.has_services()
    monkeypatch.setattr(runtests.socket, 'getservbyname', lambda *args: 80)
    assert runtests.has_services()


def test_gate_without_patches():
    none = SimpleNamespace(groups=(), name='v')
    for groups, ok in (((), True), (('base',), False)):
        assert runtests.gate(none, SSL, found(groups=groups)).ok == ok


def test_gate_says_that_hashlib_needs_compat():
    row = runtests.gate(NO_COMPAT, SSL,
                        found(['_hashlib'], groups=NO_COMPAT.groups))
    assert row.ok and 'needs group compat' in row.note


def test_registration():
    assert runtests.registration(['test_a'], ['test_a', 'test_b']).ok
    assert not runtests.registration(['test_c'], ['test_a']).ok


def result(problem='', **tests):
    return ModuleResult('test_ssl', tests, {}, problem)


def test_known_failures(tmp_path):
    path = tmp_path / 'known.json'
    path.write_text('{"3.0": {"test_ssl": ["a"]}}')
    assert runtests.known_failures(COMPAT, SSL, path) == {}
    assert runtests.known_failures(NO_COMPAT, OLD_SSL, path) == {}
    assert runtests.known_failures(NO_COMPAT, SSL, path) == {
        'test_ssl': ['a']}
    newer = SimpleNamespace(number=0x30500070)
    assert runtests.known_failures(NO_COMPAT, newer, path) is None


def test_the_list_of_stock_failures_is_what_was_measured():
    known = runtests.known_failures(NO_COMPAT, SSL)
    assert len(known['test_ssl']) == 21
    assert all(test.startswith('test.test_ssl.')
               for test in known['test_ssl'])


def test_judge():
    known = {'test_ssl': ['a']}
    row = runtests.judge(result(a='error', b='passed'), known, [], None)
    assert row.ok and row.expected == 1 and row.passed == 1
    assert row.note == '1 stock failures, needs group compat'
    row = runtests.judge(result(a='error', b='failed'), known, [], None)
    assert not row.ok and row.failed == 1
    # With compat nothing is known to fail.
    assert not runtests.judge(result(a='error'), {}, [], None).ok
    # Nor in a module of the series, on whatever OpenSSL.
    assert not runtests.judge(result(a='failed'), None, ['test_ssl'],
                              None).ok
    row = runtests.judge(result(a='failed'), None, [], None)
    assert row.ok and 'not judged' in row.note


@pytest.mark.parametrize('variant, ssl, missing, left_out', [
    (COMPAT, SSL, (), []),
    (NO_COMPAT, SSL, ['_hashlib'], [
        'test_ftplib', 'test_urllib2_localnet', 'test_hashlib_keywords']),
    (NO_COMPAT, SSL, (), ['test_ftplib', 'test_urllib2_localnet']),
    # In a prefix, where the host's header decides.
    (NO_COMPAT, OLD_SSL, ['_hashlib'], ['test_hashlib_keywords'])])
def test_left_out_without_compat(monkeypatch, tmp_path, variant, ssl, missing,
                                 left_out):
    """What cannot pass there, unless it is asked for by name."""
    def rows(modules):
        return list(runtests.run_in_tree(
            variant, ssl, SimpleNamespace(modules=modules),
            ['test_hashlib_keywords'], tmp_path, found(missing)))[1:]

    monkeypatch.setattr(variant, 'python', None, raising=False)
    monkeypatch.setattr(runtests.intree, 'clean_env', lambda variant: {})
    monkeypatch.setattr(runtests.intree, 'default_modules',
                        lambda *args: ['test_hashlib_keywords'])
    monkeypatch.setattr(
        runtests.intree, 'run_module', lambda python, name, env, log_dir:
        ModuleResult(name, {name: 'passed'}, {}, ''))
    assert [row.name for row in rows(None) if not row.tests] == left_out
    assert {row.note for row in rows(None) if not row.tests} <= {
        'not run: needs group compat'}
    assert all(row.ok for row in rows(None))
    assert [row.tests for row in rows(['test_hashlib_keywords'])] == [
        {'test_hashlib_keywords': 'passed'}]


def test_a_problem_is_never_excused():
    assert not runtests.judge(result('ran no test'), None, [], None).ok


def test_unknown_suite_is_refused(capsys):
    with pytest.raises(SystemExit):
        runtests.Options({'SUITES': 'Lib_test'})
    assert ('in-tree Lib_tests oracle examples tooling'
            in capsys.readouterr().err)


def test_options():
    assert runtests.Options({}).suites == list(
        options.SUITES.choices)
    asked = runtests.Options({'TESTS': 'test_ssl, test_hmac'})
    assert asked.modules == ['test_ssl', 'test_hmac']
    assert asked.suites == ['in-tree']
    assert runtests.Options({'TESTS': 'test_ssl', 'SUITES': 'oracle in-tree'
                             }).suites == ['in-tree', 'oracle']


@pytest.fixture
def examples(monkeypatch, tmp_path):
    """Calls of pytest by run_examples(): a list of (name, folder, env)."""
    calls = []

    def pytest_row(name, python, folder, env, log_dir, label):
        calls.append((name, folder.name, dict(env)))
        return Row(name, {'a': 'passed'})

    for module, name, value in (
            (runtests, 'pytest_row', pytest_row),
            (runtests.intree, 'clean_env', lambda variant: {'HOME': 'clean'}),
            (runtests.site27, 'ensure', lambda variant: {
                'PYTHONUSERBASE': 'base', 'PIP_CERT': 'no'}),
            (runtests.examples27, 'packages', lambda variant: Path('site')),
            (runtests.examples27, 'installed', lambda variant: Path('py'))):
        monkeypatch.setattr(module, name, value)
    return calls


def test_examples(examples):
    variant = SimpleNamespace(groups=('base', 'pep546'), python=Path('2.7'))
    rows = list(runtests.run_examples(variant, Path('logs'), {
        'HOME': 'real', 'PIP_INDEX_URL': 'x', 'https_proxy': 'y',
        'SSL_CERT_FILE': 'z'}))
    assert len(rows) == 3 and all(row.ok for row in rows)
    (_, first, plain), (_, second, packages), (_, third, three) = examples
    assert (first, second, third) == ('tests', 'tests27', 'tests')
    assert plain == {'HOME': 'clean', 'PYTHONUSERBASE': 'base'}
    assert packages == {
        'HOME': 'real', 'PYTHONUSERBASE': 'base', 'PIP_INDEX_URL': 'x',
        'https_proxy': 'y', 'PYTHONPATH': 'site', 'INSTALLED_PYTHON': 'py'}
    assert three == {'HOME': 'clean'}


def test_examples_need_pep546(examples):
    variant = SimpleNamespace(groups=('base', 'compat'))
    rows = list(runtests.run_examples(variant, Path('logs'), {}))
    assert 'needs group pep546' in rows[0].note
    assert [call[1] for call in examples] == ['tests']


# What regrtest and the interpreter do, by a small program in their place.

FAKE_PYTHON = '''#!/bin/sh
record=$2
{body}
'''


def run_fake(tmp_path, body, timeout=30):
    python = tmp_path / 'python'
    python.write_text(FAKE_PYTHON.format(body=body))
    python.chmod(0o755)
    return intree.run_module(python, 'test_x', {'PATH': '/usr/bin:/bin'},
                             tmp_path / 'logs', timeout)


def events(*rows):
    return "cat >> $record <<'EOF'\n" + ''.join(
        json.dumps(row) + '\n' for row in rows) + 'EOF\n'


RAN_ONE = events(['start', 'a', ''], ['passed', 'a', ''])


@pytest.mark.parametrize('body, problem', [
    (RAN_ONE, ''),
    ('echo "test_x skipped -- No module named _ssl"', 'skipped as a whole: '
     'No module named _ssl'),
    ('true', 'ran no test'),
    (events(['start', 'a', ''], ['skipped', 'a', 'no network']),
     'ran no test'),
    (RAN_ONE + 'exit 2', 'regrtest ended with status 2, see the log'),
    (RAN_ONE + 'kill -SEGV $$', 'the interpreter died of signal SIGSEGV'),
    (events(['start', 'a', ''], ['failed', 'a', 'no']) + 'exit 2', ''),
])
def test_module_problem(tmp_path, body, problem):
    assert run_fake(tmp_path, body).problem == problem


def test_module_timeout(tmp_path):
    outcome = run_fake(tmp_path, RAN_ONE + 'sleep 60', timeout=0.5)
    assert outcome.problem == 'no end after 0.5 s'
    assert outcome.seconds < 20


def test_crash_names_the_test(tmp_path):
    outcome = run_fake(tmp_path, RAN_ONE + events(['start', 'b', '']) +
                       'kill -SEGV $$')
    assert outcome.bad == ['b']
    assert outcome.tests == {'a': 'passed', 'b': 'crashed'}


def test_worst_outcome_of_a_test_counts(tmp_path):
    outcome = run_fake(tmp_path, events(
        ['start', 'a', ''], ['failed', 'a', 'why'], ['start', 'a', ''],
        ['passed', 'a', '']))
    assert outcome.tests == {'a': 'failed'}
    assert outcome.texts == {'a': 'why'}


def test_environ_is_clean(tmp_path, monkeypatch):
    monkeypatch.setattr(intree.interpreter, 'run_env',
                        lambda variant, environ: dict(environ))
    env = intree.clean_env(
        SimpleNamespace(root=tmp_path), {
            'SSL_CERT_FILE': 'x', 'SSL_CERT_DIR': 'x', 'OPENSSL_CONF': 'x',
            'REQUESTS_CA_BUNDLE': 'x', 'https_proxy': 'x', 'PATH': '/bin',
            'HOME': '/nowhere'})
    assert set(env) == {'PATH', 'HOME', 'LC_ALL'}
    assert Path(env['HOME']).is_dir()


DIFF = ('--- /dev/null\n+++ b/Lib/test/test_ssl_a.py\n@@ -0,0 +1 @@\n+a\n'
        '--- a/Lib/test/test_ssl.py\n+++ b/Lib/test/test_ssl.py\n'
        '@@ -1 +1 @@\n-a\n+b\n'
        '--- /dev/null\n+++ b/Lib/test/ssl_helper.py\n@@ -0,0 +1 @@\n+a\n')


def test_added_modules():
    assert intree.added_modules([Patch('p', DIFF)]) == ['test_ssl_a']


def run_pytest(tmp_path, **files):
    folder = tmp_path / 'suite'
    folder.mkdir()
    for name, text in files.items():
        (folder / (name + '.py')).write_text(text)
    return pytestrun.run_pytest(Path(sys.executable), folder,
                                dict(os.environ), tmp_path / 'logs', 'x',
                                timeout=60)


def test_pytest_outcomes(tmp_path):
    outcome = run_pytest(tmp_path, test_a=(
        'import pytest\n'
        'def test_good(): pass\n'
        'def test_bad(): assert 1 == 2\n'
        'def test_skip(): pytest.skip("why not")\n'
        '@pytest.fixture\ndef broken(): raise ValueError\n'
        'def test_error(broken): pass\n'))
    assert outcome.problem == ''
    assert {name.split('::')[1]: result
            for name, result in outcome.tests.items()} == {
        'test_good': 'passed', 'test_bad': 'failed', 'test_skip': 'skipped',
        'test_error': 'error'}
    assert 'why not' in outcome.texts.values()


def test_each_run_of_pytest_has_its_own_folder(tmp_path):
    """It is gone afterwards; a root of another release has the folder that
    it is made in."""
    outcome = run_pytest(tmp_path, test_a=(
        'def test_a(tmp_path):\n'
        '    open({!r}, "w").write(str(tmp_path))\n'.format(
            str(tmp_path / 'place'))))
    assert set(outcome.tests.values()) == {'passed'}
    place = Path((tmp_path / 'place').read_text())
    assert 'pytest-of-' not in str(place)
    assert not place.parent.exists()
    assert place.parent.parent == Path(tempfile.gettempdir())


def test_pytest_module_that_does_not_run_is_a_problem(tmp_path):
    outcome = run_pytest(
        tmp_path, test_a='def test_good(): pass\n',
        test_b='import pytest\npytest.skip("no", allow_module_level=True)\n',
        test_c='import pytest\ndef test_x(): pytest.skip("no")\n')
    assert outcome.problem == 'no test ran in: test_b, test_c'


@pytest.mark.parametrize('text, expected', [
    ('import os\ndef test_a(): os.abort()\n', 'signal SIGABRT'),
    ('import os\ndef test_a(): os._exit(0)\n', 'no test ran in: test_a'),
    ('x = 1\n', 'status 5')])
def test_pytest_problem(tmp_path, text, expected):
    assert expected in run_pytest(tmp_path, test_a=text).problem


@pytest.mark.parametrize('text, said', [
    ('test_a PASSED  [  5%]\ntest_b PASSED  [ 12%]\n', '12%'),
    ('test_a PASSED  [  5%]\ntest_b ', '5%'),
    ('test_a PASSED  [  5%]\n  a line of the test\n\n', '5%'),
    ('collecting\n', ''), ('', '')])
def test_progress_of_pytest(tmp_path, text, said):
    (tmp_path / 'log').write_text(text)
    assert pytestrun._last_words(tmp_path / 'log') == said


def oracle(**options):
    return Row('Lib_tests, Python 3.99', oracle=True, **options)


def test_oracle_that_differs(capsys, tmp_path):
    """It is said, counted and listed, and fails nothing."""
    row = runtests.as_oracle(oracle(
        tests={'a': 'failed', 'b': 'error', 'c': 'passed', 'd': 'skipped'},
        texts={'a': 'why', 'd': 'reason'}, log=Path('/the.log')))
    status, text = summary(row)
    assert status == 0
    assert 'oracle differs: 2 of 4 tests' in text and '/the.log' in text
    assert 'FAILED' not in text
    assert capsys.readouterr().out == '1 passed, 0 failed, 1 skipped\n'
    assert row.as_dict()['ok'] is True
    assert row.as_dict()['differing'] == {'a': 'why', 'b': ''}
    assert row.as_dict()['failures'] == {}


def test_oracle_that_crashes():
    row = runtests.as_oracle(oracle(
        tests={'a': 'passed'}, problem='the interpreter died of signal '
        'SIGSEGV'))
    assert row.ok
    assert row.note == 'oracle differs: the interpreter died of signal SIGSEGV'


def test_oracle_that_agrees():
    row = runtests.as_oracle(oracle(tests={'a': 'passed'}))
    assert row.ok and row.note == '' and not row.known


@pytest.mark.parametrize('strict', [False, True])
def test_who_is_judged(monkeypatch, strict):
    """On 2.7 every failure counts, on Python 3 none, or all of them."""
    def row(name, oracle=False):
        return Row(name, {name: 'failed'}, oracle=oracle)

    monkeypatch.setattr(runtests, 'gate', lambda *args: Row('the build'))
    monkeypatch.setattr(runtests.interpreter, 'look_at', lambda *args: {})
    monkeypatch.setattr(runtests, 'run_lib_tests', lambda *args: row('2.7'))
    monkeypatch.setattr(runtests, 'run_oracle', lambda *args: row('3', True))
    monkeypatch.setattr(runtests, 'run_examples', lambda *args: iter(
        [row('examples 2.7'), row('examples 3', True)]))
    monkeypatch.setattr(runtests, 'run_tooling', lambda *args: row('tooling'))
    options = runtests.Options({
        'SUITES': 'Lib_tests oracle examples tooling',
        'ORACLE': 'strict' if strict else ''})
    rows = runtests.run_all(SimpleNamespace(python=None), SSL, options, None)
    assert [row.name for row in rows if not row.ok] == (
        ['2.7', '3', 'examples 2.7', 'examples 3', 'tooling'] if strict else
        ['2.7', 'examples 2.7', 'tooling'])


def test_python_3_is_the_oracle(monkeypatch, tmp_path):
    monkeypatch.setattr(runtests, 'pytest_row',
                        lambda name, *args, **keywords: Row(name))
    monkeypatch.setattr(runtests.intree, 'clean_env', lambda variant: {})
    assert runtests.run_oracle(COMPAT, tmp_path).oracle
    variant = SimpleNamespace(groups=('base',))
    rows = list(runtests.run_examples(variant, tmp_path, {}))
    assert [row.oracle for row in rows] == [False, True]


def summary(*rows):
    out = io.StringIO()
    status = testreport.report(rows, 'title', Console(file=out, width=120))
    return status, out.getvalue()


def test_report_good(capsys):
    status, text = summary(Row('one', {'a': 'passed', 'b': 'skipped'},
                               {'b': 'no [network]'}))
    assert status == 0
    assert 'no [network]' in text
    assert capsys.readouterr().out == '1 passed, 0 failed, 1 skipped\n'


def test_report_bad(capsys):
    status, text = summary(
        Row('one', {'a': 'failed', 'b': 'error'}, {'a': 'why'},
            log=Path('/l')),
        Row('two', {'c': 'passed'}, problem='died'))
    assert status == 1
    assert 'FAILED: a: why' in text and 'two: died' in text
    assert 'the output is in /l' in text
    assert capsys.readouterr().out == '1 passed, 3 failed, 0 skipped\n'


def test_report_known_failures(capsys):
    status, text = summary(Row('one', {'a': 'error', 'b': 'passed'},
                               known=['a'], note='1 stock failures'))
    assert status == 0 and '1 stock failures' in text
    assert capsys.readouterr().out == '1 passed, 0 failed, 0 skipped\n'


def test_part_of_a_record():
    found = testreport.part([Row('one', {'a': 'failed'}, {'a': 'why'}),
                             Row('two', {'a': 'passed'})], time.monotonic())
    assert found['ok'] is False and found['seconds'] < 60
    assert found['suites'][0]['failures'] == {'a': 'why'}
