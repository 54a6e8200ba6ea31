"""variables: misspelt names and values that cannot be used, at once."""

import subprocess

import pytest

from scripts.base import paths
from scripts.build import variables


def refused(capsys, environ):
    """What is said while *environ* is refused."""
    with pytest.raises(SystemExit):
        variables.check(environ)
    return capsys.readouterr().err


def accepted(capsys, environ):
    """What is said about *environ*, which is accepted."""
    variables.check(environ)
    captured = capsys.readouterr()
    assert captured.out == ''
    return captured.err


@pytest.mark.parametrize('flags, names', [
    ('', []), ('ks', []), ('ks -j2 --jobserver-auth=3,4', []),
    (' -- PATCH=pep546', ['PATCH']),
    (r's -- PATCHES=compat\ pep546 JOBS=2', ['PATCHES', 'JOBS']),
    (r'-- A:=1 B?=2 C+=x=y', ['A', 'B', 'C']),
    (r'-- CFLAGS=-O2\ -DX=1', ['CFLAGS'])])
def test_names_on_the_command_line(flags, names):
    assert variables.on_command_line({'MAKEFLAGS': flags}) == names


@pytest.mark.parametrize('name, meant', [
    ('PATCH', 'PATCHES'), ('patches', 'PATCHES'), ('PATHCES', 'PATCHES'),
    ('JOB', 'JOBS'), ('CONF', 'CONFIG'), ('OPENSSL_DIR', 'OPENSSL'),
    ('OPENSLL', 'OPENSSL'), ('TEST', 'TESTS'), ('SUITE', 'SUITES'),
    ('prefix', 'PREFIX'), ('PYTHON', 'PYTHON3'), ('DISTFILE', 'DISTFILES'),
    ('CONFIGURE_ARG', 'CONFIGURE_ARGS'), ('SANITIZER', 'SANITIZE'),
    ('BUNDLE', 'BUNDLE_OPENSSL'), ('CLIENT', 'CLIENTS')])
def test_misspelt_name(name, meant, capsys):
    text = refused(capsys, {'MAKEFLAGS': '-- {}=x'.format(name), name: 'x'})
    assert 'error: there is no variable {}\n'.format(name) in text
    assert meant in text.split('did you mean ')[1].split('?')[0].split(' or ')


@pytest.mark.parametrize('name', [
    'CC', 'CFLAGS', 'V', 'PATH', 'TZ', 'PYTHONPATH', 'OPENSSL_CONF',
    'PIP_INDEX_URL', 'https_proxy', 'ALLOCATION_STRIDE', 'CONFIG_SITE',
    'DEBIAN_FRONTEND', 'LD_LIBRARY_PATH'])
def test_name_for_others(name, capsys):
    assert accepted(capsys, {'MAKEFLAGS': '-- {}=x'.format(name),
                             name: 'x'}) == ''


def test_name_for_nobody(capsys):
    assert accepted(capsys, {'MAKEFLAGS': '-- GREETING=x', 'GREETING': 'x'}) \
        == '    GREETING is no variable of this makefile\n'


def test_misspelt_in_the_environment(capsys):
    """It may be meant for something else: a word, and on it goes."""
    assert accepted(capsys, {'PATCH': 'x', 'HOME': '/', 'BASH': '/bin/sh'}) \
        == '    PATCH in the environment is ignored; is PATCHES meant?\n'


@pytest.mark.parametrize('name, value', [
    ('CONFIG', 'dbug'), ('PATCHES', 'compat pep'), ('OPENSSL', '/nowhere'),
    ('CPYTHON', '/nowhere'), ('CONFIGURE_ARGS', '"'), ('SHARED', 'perhaps'),
    ('PREFIX', '/a b'), ('PREFIX', '/etc/passwd'),
    ('DESTDIR', '/etc/passwd/x'),
    ('BUNDLE_OPENSSL', 'all'), ('CHECK', '2'), ('JOBS', 'abc'),
    ('JOBS', '0'), ('JOBS', '-1'), ('JOBS', '1.5'), ('JOBS', '\u00b2'),
    ('DISTFILES', '/nowhere'), ('DISTFILES', '/etc/passwd'),
    ('CACHE', '/etc/passwd'), ('BOOTSTRAP', 'perhaps'),
    ('OPENSSL_VERSION', '0.9'), ('SUITES', 'in_tree'), ('ORACLE', 'lax'),
    ('TESTS', 'ssl'), ('BENCH', 'bulky'), ('QUICK', 'very'),
    ('PYTHON3S', '/nowhere'), ('PYTHON27S', '/nowhere'),
    ('LINETESTS', 'some'), ('OPENSSL_VERSIONS', 'newest'),
    ('MATRIX_EXTRA', 'hurd'), ('CLIENTS', 'tornadoes'),
    ('CLIENTS_STOCK', 'perhaps'), ('SANITIZE', 'msan'),
    ('REFLEAK', 'lib_tests'), ('FUZZ', 'fields'), ('FUZZ_SECONDS', '1m'),
    ('FUZZ_INPUT', '/nowhere'), ('DEBIAN_MIRROR', 'mirror.example.org'),
    ('BASE', '/nowhere'), ('BASES', 'debian12'), ('BARE', 'buster'),
    ('PREVIOUS', '/nowhere'),
    ('DEBIAN', 'debian10'), ('DEBIAN_FULL', 'perhaps')])
def test_bad_value(name, value, capsys):
    text = refused(capsys, {name: value})
    assert name in text and '\n  -> ' in text


@pytest.mark.parametrize('name, value', [
    ('CONFIG', 'debug'), ('PATCHES', 'compat pep546'), ('SHARED', 'yes'),
    ('PREFIX', '/nowhere/yet'), ('DESTDIR', '/nowhere/yet'), ('JOBS', ' 2 '),
    ('DISTFILES', '/tmp'), ('CACHE', '/nowhere/yet'), ('BOOTSTRAP', 'no'),
    ('OPENSSL_VERSION', '3.5.7'), ('SUITES', 'in-tree, Lib_tests'),
    ('BENCH', 'bulk threads'), ('QUICK', '1'), ('PYTHON3S', 'sh'),
    ('OPENSSL_VERSIONS', 'host 4.0.2'), ('MATRIX_EXTRA', 'all'),
    ('CLIENTS', 'spoof'), ('SANITIZE', 'asan'), ('REFLEAK', 'in-tree'),
    ('FUZZ', 'bytes'), ('FUZZ_SECONDS', '60'), ('TESTS', 'test_ssl'),
    ('DEBIAN_MIRROR', 'file:/srv/debian'), ('ORACLE', 'strict'),
    ('CPYTHON', '/tmp'), ('JOBS', ''), ('DEBIAN', 'ubuntu20.04')])
def test_good_value(name, value, capsys):
    assert accepted(capsys, {name: value}) == ''


def test_module_that_is_not_there(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(paths, 'BUILD', tmp_path)
    assert accepted(capsys, {'TESTS': 'test_nothing'}) == ''
    (tmp_path / 'default/src/Lib/test').mkdir(parents=True)
    (tmp_path / 'default/src/Lib/test/test_a.py').touch()
    assert accepted(capsys, {'TESTS': 'test_a,test_memorybio'}) == ''
    assert 'there is no test_nothing' in refused(
        capsys, {'TESTS': 'test_a test_nothing'})


@pytest.mark.parametrize('target', ['bootstrap', 'clean', 'distclean',
                                    'print-python'])
@pytest.mark.parametrize('argument, text', [
    ('PATCH=pep546', 'did you mean PATCHES'), ('JOBS=abc', 'JOBS=abc')])
def test_by_make(target, argument, text, tmp_path):
    """Before anything is removed, installed or built."""
    done = subprocess.run(
        ['make', '--no-print-directory', '-C', str(paths.ROOT), target,
         argument, 'CONFIG=debug', 'CACHE={}'.format(tmp_path)],
        capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ''
    assert text in done.stderr
