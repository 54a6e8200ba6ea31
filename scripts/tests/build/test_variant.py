"""layout: what the variables mean, and the names of the folders."""

import os

import pytest

from scripts import options
from scripts.base import paths
from scripts.build.variant import Variant
from scripts.source import fetch


def name(**variables):
    return Variant.from_env(variables).name


def test_names_are_readable():
    assert name() == 'default'
    assert name(CONFIG='debug') == 'debug'
    assert name(PATCHES='pep546') == 'default-pep546'
    assert name(PATCHES='compat pep546') == 'default-compat-pep546'
    assert name(PATCHES='base') == 'default-base'
    assert name(PATCHES='none') == 'default-none'
    assert name(SHARED='yes') == 'default-shared'
    assert name(CONFIG='asan', OPENSSL=str(
        paths.BUILD / 'openssl' / '1.1.1w')) == 'asan-openssl-1.1.1w'


def test_base_comes_with_every_group():
    assert Variant.from_env({'PATCHES': 'pep546'}).groups == (
        'base', 'security', 'pep546')
    assert name(PATCHES='base pep546') == name(PATCHES='pep546')
    assert name(PATCHES='pep546, compat') == name(PATCHES='compat pep546')


def test_names_are_unique_and_stable():
    variants = [dict(zip(('CONFIG', 'PATCHES', 'OPENSSL', 'CPYTHON',
                          'CONFIGURE_ARGS'), values)) for values in (
        ('', '', '/a/ssl', '', ''), ('', '', '/b/ssl', '', ''),
        ('', '', '', '/a/ssl', ''), ('', '', '', '', '--with-x'),
        ('', '', '', '', '--with-x --with-y'), ('tsan', '', '', '', ''),
        ('', 'none', '', '', ''), ('', 'compat', '', '', ''))]
    names = [name(**variables) for variables in variants]
    assert len(set(names)) == len(names)
    assert names == [name(**variables) for variables in variants]
    for text in names:
        assert '/' not in text and ' ' not in text


def test_paths():
    variant = Variant.from_env({'CONFIG': 'debug'})
    assert variant.root == paths.BUILD / 'debug'
    assert variant.src == variant.root / 'src'
    assert variant.python == variant.src / 'python'
    assert variant.log_dir == variant.root / 'logs'
    assert variant.userbase == variant.root / 'userbase'


def test_relative_paths_become_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    variant = Variant.from_env({'OPENSSL': 'ssl', 'CPYTHON': '~/python'})
    assert variant.openssl == str(tmp_path / 'ssl')
    assert variant.cpython == os.path.expanduser('~/python')


def test_slug_of_a_path_without_letters():
    assert name(OPENSSL='/') == 'default-openssl-' + \
        name(OPENSSL='/').rpartition('-')[2]


@pytest.mark.parametrize('variables, message', [
    ({'CONFIG': 'fast'}, 'use one of: default, optimized, debug'),
    ({'PATCHES': 'pep547'}, 'no such group of patches: pep547'),
    ({'CONFIGURE_ARGS': '"'}, 'quote it as for the shell'),
    ({'SHARED': 'perhaps'}, 'write SHARED=yes or SHARED=no'),
    ({'OPENSSL': '/a b'}, 'white space'),
])
def test_bad_values(variables, message, capsys):
    with pytest.raises(SystemExit) as error:
        Variant.from_env(variables)
    assert error.value.code == 1
    assert message in capsys.readouterr().err


def test_configure_args_are_split_as_by_the_shell():
    variant = Variant.from_env({'CONFIGURE_ARGS': "--with-a='b c' --with-d"})
    assert variant.configure_args == ('--with-a=b c', '--with-d')


def test_jobs(capsys):
    assert options.JOBS.read({'JOBS': '3'}) == 3
    assert options.JOBS.read({}) >= 1
    for text in ('0', '-1', 'many'):
        with pytest.raises(SystemExit):
            options.JOBS.read({'JOBS': text})
    assert 'JOBS=2' in capsys.readouterr().err


def test_cache_and_prefix(tmp_path):
    assert fetch.cache_dir({}) == paths.BUILD / 'cache'
    assert fetch.cache_dir({'CACHE': str(tmp_path)}) == tmp_path
    assert options.prefix({}) == options.PREFIX.default
    assert options.prefix({'PREFIX': '/usr'}) == '/usr'
