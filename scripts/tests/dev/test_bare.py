"""bare: which roots, and what they get of the host."""

import pytest

from scripts.dev import bare
from scripts.dev.evidence import record
from scripts.dev.run.testreport import Row


@pytest.mark.parametrize('text, names', [
    ('', bare.NAMES), ('trixie', ('trixie-root', 'trixie-user')),
    ('sid-user, bookworm-root', ('bookworm-root', 'sid-user'))])
def test_selected(text, names):
    assert bare.selected({'BARE': text}) == list(names)


def test_selected_nothing_known(capsys):
    with pytest.raises(SystemExit):
        bare.selected({'BARE': 'trixie buster'})
    assert 'there is no buster' in capsys.readouterr().err


def test_pip_settings():
    """The way to the index, and nothing of where packages go."""
    assert bare.pip_settings(
        {'PIP_CERT': '/other.pem', 'HTTPS_PROXY': 'http://p', 'HOME': '/h'},
        "global.cert='/ca.pem'\nuser.index-url='https://index'\n"
        "global.target='/elsewhere'\n:env:.cert='/other.pem'\n") == {
            'PIP_CERT': '/other.pem', 'PIP_INDEX_URL': 'https://index',
            'HTTPS_PROXY': 'http://p'}


def test_given(tmp_path):
    """Files are copied, folders are mounted, other values stay."""
    (tmp_path / 'ca.pem').write_text('certificate')
    (tmp_path / 'wheels').mkdir()
    settings, folders = bare.give(
        {'PIP_CERT': str(tmp_path / 'ca.pem'), 'PIP_TIMEOUT': '180',
         'PIP_FIND_LINKS': str(tmp_path / 'wheels')}, tmp_path / 'root')
    assert settings == {'PIP_CERT': '/var/local/host/pip_cert.pem',
                        'PIP_TIMEOUT': '180',
                        'PIP_FIND_LINKS': str(tmp_path / 'wheels')}
    assert folders == [str(tmp_path / 'wheels')]
    assert (tmp_path / 'root/var/local/host/pip_cert.pem').read_text() == \
        'certificate'


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A Machine whose commands are recorded: (title, argv, env)."""
    (tmp_path / 'master/etc/apt/apt.conf.d').mkdir(parents=True)
    monkeypatch.setattr(bare, 'FOLDER', tmp_path / 'bare')
    monkeypatch.setattr(bare, 'master', lambda suite: tmp_path / 'master')
    calls = []
    monkeypatch.setattr(
        bare.console, 'run', lambda argv, *, title, env, **options:
        calls.append((title, list(map(str, argv)), env)))

    def make(name, **environ):
        machine = bare.Machine(name, environ)
        machine.make()
        machine.follow_readme()
        return machine, calls

    return make


def test_root_types_both_commands(machine):
    found, calls = machine('trixie-root', SUITES='examples')
    assert [call[0] for call in calls] == [
        'apt-get install git make', 'make', 'make test']
    assert (found.checkout / 'series').exists()
    assert calls[-1][1][-2:] == ['cd "$0" && make test',
                                 found.home + '/checkout']
    assert calls[-1][2]['SUITES'] == 'examples'


def test_user_types_both_commands(machine):
    """After root has installed what is missing."""
    _, calls = machine('sid-user')
    assert [call[0] for call in calls] == [
        'apt-get install git make', 'useradd', 'chown', 'make bootstrap',
        'make', 'make test']
    for title, argv, env in calls:
        assert ('setpriv' in argv) == (title in ('make', 'make test'))
        assert env['HOME'] == ('/home/user' if 'setpriv' in argv else '/root')


def test_localhost_is_ipv6_first(machine):
    found, _ = machine('bookworm-root')
    lines = (found.root / 'etc/hosts').read_text().splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [
        ['::1', 'localhost'], ['127.0.0.1', 'localhost']]


def test_results_that_are_not_there(machine):
    found, _ = machine('bookworm-root')
    assert found.results() is None
    assert bare.outcome(None, True)[-1] == '[bold red]FAILED[/]'


def test_outcome():
    results = record.Record(
        'test', '', '', {'openssl': 'OpenSSL 4'}, {}, '', True, {
            'one': Row('one', {'a': 'failed', 'b': 'error', 'c': 'passed'},
                       known='ab', note='oracle differs: 2 of 5 tests'
                       ).as_dict(),
            'two': Row('two', dict(a='failed', b='passed', c='passed',
                                   d='skipped'), known='a',
                       note='1 stock failures').as_dict()})
    assert bare.outcome(results, True) == [
        'OpenSSL 4', '3', '0', '1', '2', '[green]ok[/]']
    assert bare.outcome(results, False)[-1] == '[bold red]FAILED[/]'
    results.ok = False
    assert bare.outcome(results, True)[-1] == '[bold red]FAILED[/]'


def test_one_fails_and_the_others_go_on(machine, monkeypatch, capsys):
    def fail(*args, **options):
        raise SystemExit(1)

    monkeypatch.setattr(bare.console, 'run', fail)
    assert bare.try_one('trixie-root')[-1] == '[bold red]FAILED[/]'
    assert 'the root stays in ' in capsys.readouterr().out
