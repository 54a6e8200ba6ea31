"""make clients: definitions, options, verdicts and what is printed."""

import io
import json

import pytest
from msgspec.structs import asdict
from rich.console import Console

from scripts.base import paths
from scripts.build import sslprefix
from scripts.build.variant import Variant
from scripts.dev.clients import (
    definition,
    packages,
    report,
    request,
    results,
    suites,
    surroundings,
    verdict,
)
from scripts.dev.clients.definition import Wanted
from scripts.dev.run.testreport import Row

HASH = ' --hash=sha256:' + 64 * 'a'


def example(**changes):
    """A complete definition (dict), with *changes*."""
    values = {
        'name': 'spam', 'version': '1.0', 'about': 'eggs',
        'looks_for': 'bacon', 'requirements': ['spam==1.0' + HASH],
        'suites': [{'name': 'all', 'kind': 'pytest',
                    'command': ['-m', 'pytest', 'tests'], 'limit': 60,
                    'wanted': {'passed': 3}}]}
    values.update(changes)
    return {name: value for name, value in values.items()
            if value is not None}


def suite(**changes):
    return [dict(example()['suites'][0], **changes)]


@pytest.fixture
def read(tmp_path):
    """Write a definition and read it."""
    def call(values, name='spam.json'):
        path = tmp_path / name
        path.write_text(values if isinstance(values, str)
                        else json.dumps(values))
        return definition.read(path)
    return call


def test_definition(read):
    client = read(example(clock='2015-01-01 00:00:00'))
    assert client.title == 'spam 1.0' and client.build == []
    assert client.clock == '2015-01-01 00:00:00'
    assert client.suites[0].wanted == Wanted(3)


@pytest.mark.parametrize('values, text', [
    ('{', 'truncated'),
    ('[]', 'Expected `object`, got `array`'),
    (example(name='eggs'), 'its name is eggs'),
    (example(about=None), 'missing required field `about`'),
    (example(about=3), 'Expected `str`, got `int` - at `$.about`'),
    (example(colour='red'), 'unknown field `colour`'),
    (example(suites=[]), 'no suite'),
    (example(suites=['all']),
     'Expected `object`, got `str` - at `$.suites[0]`'),
    (example(suites=suite(kind='nose')), "'nose' - at `$.suites[0].kind`"),
    (example(suites=suite(limit='1')),
     'Expected `int`, got `str` - at `$.suites[0].limit`'),
    (example(suites=suite(limit=True)),
     'Expected `int`, got `bool` - at `$.suites[0].limit`'),
    (example(suites=suite(wanted={})),
     'missing required field `passed` - at `$.suites[0].wanted`'),
    (example(suites=suite(wanted=3)),
     'Expected `object`, got `int` - at `$.suites[0].wanted`'),
    (example(requirements=['spam==1.0']), '--hash=sha256:[0-9a-f]{64}'),
    (example(requirements=['spam>=1.0' + HASH]), 'at `$.requirements[0]`'),
    (example(build=['wheel']), 'at `$.build[0]`'),
    (example(build=['wheel==1' + HASH + '\n']), 'at `$.build[0]`'),
    (example(tests_of='spam'), 'at `$.tests_of`'),
    (example(files={'key.pem': 'a key'}), "'a key' - at `$.files"),
])
def test_wrong_definition(read, values, text):
    with pytest.raises(definition.DefinitionError) as caught:
        read(values)
    assert text in str(caught.value)


def test_wrong_definition_ends_the_program(tmp_path, capsys):
    (tmp_path / 'spam.json').write_text('{}')
    with pytest.raises(SystemExit):
        definition.read_all(tmp_path)
    captured = capsys.readouterr().err
    assert 'spam.json' in captured and 'docs/clients.md' in captured


def test_definitions_of_the_project():
    found = definition.read_all()
    assert {'trollius', 'sslkeylog', 'spoof', 'eventlet', 'gevent',
            'imports'} <= set(found)
    for client in found.values():
        names = [line.split('==')[0] for line in client.requirements]
        assert len(names) == len(set(names)), client.name
        if client.version:
            assert client.tests_of.split()[:1] == [
                client.tests_of.split('==')[0] + '==' + client.version] or \
                '{}=={} '.format(client.name, client.version) in [
                    line.split('--')[0].lower()
                    for line in client.requirements]
        for one in client.suites:
            assert not one.drop_in or one.drop_in.passed <= one.wanted.passed
        if client.drop_in:
            assert (paths.ROOT / 'docs' / 'examples' / client.drop_in.module
                    / '__init__.py').exists()
            assert len(client.requirements) - len(
                client.with_drop_in().requirements) == len(
                    client.drop_in.replaces)
        for name in client.plugins:
            assert (paths.ROOT / 'scripts' / 'dev' / 'clients' / 'py27' /
                    (name + '.py')).exists()
    # Those that must gain come first.
    strict = [not client.suites[0].wanted.as_stock
              for client in found.values()]
    assert strict == sorted(strict, reverse=True)


def test_options():
    known = definition.read_all()
    chosen = request.from_env({'PEP543': '/'})
    assert chosen.clients == tuple(known.values())
    assert chosen.stock and chosen.complete
    assert not request.from_env({}).complete
    chosen = request.from_env({'CLIENTS': 'spoof', 'CLIENTS_STOCK': ''})
    assert [client.name for client in chosen.clients] == ['spoof']
    # Its figures may stand beside those of other runs.
    assert chosen.stock and chosen.complete
    chosen = request.from_env({'CLIENTS_STOCK': 'no'})
    assert not chosen.stock and not chosen.complete


SSL3 = sslprefix.OpenSSL('', '', 'OpenSSL 3.0.19', 0x30000130)
SSL4 = sslprefix.OpenSSL('', '', 'OpenSSL 4.0.2', 0x40000020)


@pytest.mark.parametrize('environ, ssl, text', [
    ({}, SSL3, ''),
    ({'PATCHES': 'compat'}, SSL3, 'PATCHES leaves out group pep546'),
    ({'CONFIG': 'debug'}, SSL3, 'leave CONFIG out'),
    ({}, SSL4, 'CLIENTS_STOCK=no'),
    ({'CLIENTS_STOCK': 'no'}, SSL4, ''),
])
def test_what_cannot_be_run(capsys, environ, ssl, text):
    chosen = request.from_env(dict(environ, CLIENTS='imports'))
    variant = Variant.from_env(environ)
    if text:
        with pytest.raises(SystemExit):
            request.check(chosen, variant, ssl)
        assert text in capsys.readouterr().err
    else:
        request.check(chosen, variant, ssl)


def ran(*outcomes, problem='', counts=None, **named):
    """A suites.Ran with tests t0, t1, ... and *named* ones."""
    tests = {'t{}'.format(number): outcome
             for number, outcome in enumerate(outcomes)}
    tests.update(named)
    return suites.Ran(Row('spam', tests, {'t1': 'why'}, problem),
                      counts or {})


P, F, E, S = 'passed', 'failed', 'error', 'skipped'


@pytest.mark.parametrize('wanted, patched, stock, problems', [
    (Wanted(2), ran(P, P), None, []),
    (Wanted(2), ran(P, P, P), None, []),
    (Wanted(3), ran(P, P), None, ['2 passed, wanted are 3']),
    (Wanted(1), ran(P, F), None, ['t1: failed: why']),
    (Wanted(1), ran(P, S), None, ['t1: skipped: why']),
    (Wanted(1), ran(P, P, problem='no end'), None, ['no end']),
    # Named ones may fail or be skipped, but not if stock passes them.
    (Wanted(1, failed={'t1': 'x'}), ran(P, E), None, []),
    (Wanted(1, failed={'t1': 'x'}), ran(P, S), None, ['t1: skipped: why']),
    (Wanted(1, skipped={'t1': 'x'}), ran(P, S), None, []),
    (Wanted(1, skipped={'t1': 'x'}), ran(P, F), None, ['t1: failed: why']),
    (Wanted(1, skipped={'t1': 'x'}), ran(P, S), ran(P, P),
     ['t1: skipped: why (it passes on stock)']),
    # And those that say why.
    (Wanted(1, skip_reasons=['x', 'w*']), ran(P, S), None, []),
    (Wanted(1, skip_reasons=['x']), ran(P, S), None, ['t1: skipped: why']),
    (Wanted(1, skip_reasons=['why']), ran(P, F), None, ['t1: failed: why']),
    (Wanted(1, skip_reasons=['why']), ran(P, S), ran(P, P),
     ['t1: skipped: why (it passes on stock)']),
    # What stock has wrong is only an excuse where no more is wanted.
    (Wanted(1), ran(P, F), ran(P, F), ['t1: failed: why']),
    (Wanted(1, as_stock=True), ran(P, F), ran(P, E), []),
    (Wanted(1, as_stock=True), ran(P, S), ran(P, S), []),
    (Wanted(1, as_stock=True), ran(P, S), ran(P, F), ['t1: skipped: why']),
    (Wanted(1, as_stock=True), ran(P, F), ran(P, S), ['t1: failed: why']),
    (Wanted(1, as_stock=True), ran(P, F), ran(P), ['t1: failed: why']),
    (Wanted(1, as_stock=True), ran(P, F), None, ['t1: failed: why']),
    (Wanted(1), ran(P), ran(P, P), ['t1: not run (it passes on stock)']),
    (Wanted(1), ran(P), ran(P, F), []),
    (Wanted(1, counts={'m:C': 2}), ran(P, counts={'m:C': 1}), None,
     ['1 objects of C, wanted are 2']),
    (Wanted(1, counts={'m:C': 2}), ran(P), None,
     ['0 objects of C, wanted are 2']),
    (Wanted(1, counts={'m:C': 2}), ran(P, counts={'m:C': 3}), None, []),
])
def test_verdict(wanted, patched, stock, problems):
    judged = verdict.judge(wanted, patched, stock)
    assert judged.problems == problems
    assert judged.ok == (not problems)


def test_verdict_tells_what_is_better():
    judged = verdict.judge(Wanted(1, as_stock=True), ran(P, P, P, E),
                           ran(P, F, S, F))
    assert judged.ok and judged.better == ['t1', 't2']
    assert judged.expected == ['t3']


def result(read, wanted, patched, stock=None):
    client = read(example(suites=suite(wanted=asdict(wanted))))
    return results.Result(client, client.suites[0], patched, stock,
                          verdict.judge(wanted, patched, stock))


def test_closing_line(read):
    good = result(read, Wanted(2, failed={'t2': 'x'}, skipped={'t3': 'x'}),
                  ran(P, P, F, S))
    assert results.closing_line([good]) == '2 passed, 0 failed, 1 skipped'
    # A failure, a skip that should not be, a test that is gone; and then
    # too few objects.
    bad = result(read, Wanted(2, counts={'m:C': 1}), ran(P, F, S),
                 ran(P, F, S, P))
    assert results.closing_line([good, bad]) == \
        '3 passed, 4 failed, 1 skipped'


def test_table(read):
    wanted = Wanted(2, skipped={'t1': 'no network'}, as_stock=True,
                    skip_reasons=['no *'],
                    counts={'m:Pipe': 2})
    good = result(read, wanted, ran(P, S, P, counts={'m:Pipe': 5}),
                  ran(P, S, F, counts={'m:Pipe': 0}))
    bad = result(read, Wanted(3), ran(P, F))
    out = io.StringIO()
    report.terminal([good, bad], 'title', Console(file=out, width=200))
    text = out.getvalue()
    assert 'spam 1.0, all: t1: failed: why' in text
    assert '1 passed, 1 failed, 1 skipped; 0 Pipe' in text
    assert '2 passed, 1 skipped; 5 Pipe' in text
    assert report.of_wanted(wanted) == \
        '2 passed, 1 skipped, reasons to skip: 1; at least 2 Pipe, no worse ' \
        'than stock'
    assert 'ok, better than stock' in text and 'WORSE' in text
    assert 'not run' in text
    text = report.markdown(report.as_rows([good]), {'spam': good.client},
                           {'OpenSSL': '9.9'})
    assert '- OpenSSL: 9.9' in text
    assert '| spam 1.0 | all | `t1` | no network |' in text
    assert '| spam 1.0 | all | `because: no *` |' in text
    assert '## Better than stock' in text and '`t2`' in text
    assert 'may fail' not in text and 'WORSE' not in text
    text = report.markdown(report.as_rows([bad]), {'spam': bad.client}, {})
    assert '| not run | 1 passed, 1 failed |  | 3 passed | WORSE |' in text
    row, = json.loads(json.dumps(report.as_rows([good, bad]))).values()
    first, second = row['suites']
    assert not row['ok'] and first['ok'] and not second['ok']
    assert first['better_than_stock'] == ['t2']
    assert first['patched']['counts'] == {'m:Pipe': 5}
    assert first['patched']['passed'] == 2
    assert second['stock'] is None


def test_requirements_that_changed_are_installed_anew(
        tmp_path, monkeypatch, read, capsys):
    monkeypatch.setattr(paths, 'BUILD', tmp_path / 'build')
    variant = Variant()
    variant.src.mkdir(parents=True)
    calls = tmp_path / 'calls'
    variant.python.write_text(
        '#!/bin/sh\necho "$PYTHONUSERBASE $*" >>{}\n'.format(calls))
    variant.python.chmod(0o755)
    client = read(example(build=['wheel==1' + HASH],
                          tests_of='spam==1.0' + HASH))
    for _ in range(2):
        packages.ensure(client, variant)
        lines = calls.read_text().splitlines()
        assert [line.split()[3:5] for line in lines] == [
            ['--user', '--no-default-pip'], ['install', '--user'],
            ['install', '--user'], ['download', '--no-binary']]
        for line in lines:
            assert line.startswith(str(packages.base(client, variant)))
        for line in lines[1:]:
            assert ' --no-deps ' in line and ' --require-hashes ' in line
    packages.ensure(read(example()), variant)
    assert len(calls.read_text().splitlines()) == 6
    variant.python.write_text('#!/bin/sh\nexit 1\n')
    with pytest.raises(SystemExit):
        packages.ensure(client, variant)
    text = capsys.readouterr().err
    assert 'ensurepip' in text and 'pip.log' in text


def test_faketime_is_missing(read, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv('PATH', str(tmp_path))
    assert surroundings.clock_variables(read(example())) == {}
    with pytest.raises(SystemExit):
        surroundings.clock_variables(read(example(
            clock='2015-01-01 00:00:00')))
    text = capsys.readouterr().err
    assert 'CLIENTS: spam runs with the clock at 2015' in text
    assert 'apt-get install faketime' in text


# A module in place of packages.

DROP_IN = {'module': 'ham', 'replaces': ['Eggs'], 'startup': 'without'}


def dropping(read, **changes):
    values = dict(
        requirements=['spam==1.0' + HASH, 'eggs==2' + HASH], drop_in=DROP_IN,
        suites=suite(drop_in={'passed': 1, 'failed': {'t1': 'no eggs'}}))
    return read(example(**dict(values, **changes)))


def test_drop_in(read, monkeypatch):
    client = dropping(read)
    assert client.suites[0].drop_in == Wanted(
        1, failed={'t1': 'no eggs'}, as_stock=True, strict=True)
    other = client.with_drop_in()
    assert other.name == 'spam-drop-in'
    assert other.requirements == ['spam==1.0' + HASH]
    variant = Variant()
    assert packages.folder(other, variant) != packages.folder(client, variant)
    path = surroundings.environ(other, variant)['PYTHONPATH'].split(':')
    assert path == [surroundings.PY27 + '/without', surroundings.PY27,
                     str(paths.ROOT / 'docs' / 'examples')]
    assert surroundings.environ(client, variant)['PYTHONPATH'] == \
        surroundings.PY27


@pytest.mark.parametrize('changes', [
    {'drop_in': None}, {'suites': suite()},
    {'drop_in': {'module': 'ham'}}, {'drop_in': dict(DROP_IN, replaces='x')}])
def test_wrong_drop_in(read, changes):
    with pytest.raises(definition.DefinitionError) as caught:
        dropping(read, **changes)
    assert 'drop_in' in str(caught.value)


@pytest.mark.parametrize('listed, dropped, before, problems', [
    ({'t1': 'x'}, ran(P, F), ran(P, P), []),
    ({'*1': 'x'}, ran(P, F), ran(P, P), []),
    ({}, ran(P, F), ran(P, P), ['t1: failed: why (it passes on packages)']),
    ({}, ran(P), ran(P, P), ['t1: not run (it passes on packages)']),
    # Neither an unexpected pass nor a name that is no test goes unnoticed.
    ({'t1': 'x'}, ran(P, P), ran(P, P),
     ['t1: passed, but listed: take it out of the definition']),
    ({'t*': 'x'}, ran(P, F), ran(P, P),
     ['t*: passed, but listed: take it out of the definition']),
    ({'t9': 'x'}, ran(P, P), ran(P, P),
     ['t9: not run, but listed: take it out of the definition']),
    # What fails with the packages may.
    ({}, ran(P, F), ran(P, F), []),
])
def test_verdict_on_a_drop_in(listed, dropped, before, problems):
    judged = verdict.judge(Wanted(1, failed=listed, as_stock=True,
                                  strict=True), dropped, before, 'packages')
    assert judged.problems == problems


def test_drop_in_is_printed(read):
    client = dropping(read)
    found = []
    for outcome in (F, P):
        last = ran(P, outcome)
        found.append(results.Result(
            client, client.suites[0], ran(P, P, P), None,
            verdict.judge(Wanted(3), ran(P, P, P)), last,
            verdict.judge(client.suites[0].drop_in, last, ran(P, P))))
    assert [one.ok for one in found] == [True, False]
    assert results.closing_line(found[:1]) == \
        '4 passed, 0 failed, 0 skipped'
    assert results.closing_line(found[1:]) == \
        '5 passed, 1 failed, 0 skipped'
    out = io.StringIO()
    report.terminal(found, 'title', Console(file=out, width=200))
    assert 'all, ham: t1: passed, but listed' in out.getvalue()
    assert '1 passed, 1 failed' in out.getvalue()
    text = report.markdown(report.as_rows(found), {'spam': client}, {})
    assert '| 3 passed | 1 passed, 1 failed |' in text
    assert '| spam 1.0 | all | `t1` | no eggs |' in text
    read_back = report.as_rows(found)['spam']['suites']
    assert [one['ok'] for one in read_back] == [True, False]
    assert read_back[0]['drop_in']['failed'] == 1
    assert len(read_back[1]['problems']) == 1
