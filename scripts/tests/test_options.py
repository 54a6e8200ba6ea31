"""options: what the variables mean, and who says so."""

import os
import re

import pytest

from scripts import options
from scripts.base import paths
from scripts.base.option import Flag, Program, Words
from scripts.dev.bench import request
from scripts.dev.fuzz import command as fuzz
from scripts.dev.matrix import plan
from scripts.dev.refleak import parts as refleak
from scripts.dev.sanitize import parts as sanitize

#: What other programs define, too, is documented, not exported: set but
#: empty, it would be an error for the compiler.
OTHERS = {'CC', 'PATH', 'SOURCE_DATE_EPOCH', 'HOME'}


def refused(option, text, capsys):
    with pytest.raises(SystemExit):
        option.check({option.name: text})
    return capsys.readouterr().err


@pytest.mark.parametrize('word, instead', [
    ('--prefix=/x', 'PREFIX=folder'), ('--prefix /x', 'PREFIX=folder'),
    ('-prefix=/x', 'PREFIX=folder'), ('prefix=/x', 'PREFIX=folder'),
    ('--pref=/x', 'PREFIX=folder'), ('--p=/x', 'PREFIX=folder'),
    ('--exec-prefix=/x', 'PREFIX=folder'), ('--ex=/x', 'PREFIX=folder'),
    ('exec_prefix=/x', 'PREFIX=folder'), ('--exec=/x', 'PREFIX=folder'),
    ('--bindir=/x', 'PREFIX=folder'), ('--libdir=/x', 'PREFIX=folder'),
    ('--srcdir=/x', 'CPYTHON=source'), ('--enable-shared', 'SHARED=yes'),
    ('--disable-shared', 'SHARED=no'), ('--enable-shared=no', 'SHARED=no'),
    ('--with-a --without-pydebug', 'another CONFIG'),
    ('--with-lto=no', 'another CONFIG')])
def test_configure_arguments_that_variables_say(word, instead, capsys):
    """The last of several would count, whatever the variable says."""
    text = refused(options.CONFIGURE_ARGS, word, capsys)
    assert 'leave it out' in text and instead in text


@pytest.mark.parametrize('word', [
    '--with-pydebug', '--enable-unicode=ucs2', '--with-system-ffi=no', 'CC=x',
    '--without-pymalloc', '--enable-optimizations', '--enable-ipv6',
    'CFLAGS=--prefix=/x', '--with-fpectl', '--program-prefix=x'])
def test_other_configure_arguments(word):
    assert options.CONFIGURE_ARGS.read({'CONFIGURE_ARGS': word}) == (word,)


def test_the_makefile_exports_every_variable():
    exported = re.findall(r'^export (.*)$',
                          (paths.ROOT / 'Makefile').read_text(),
                          re.MULTILINE)
    assert sorted(' '.join(exported).split()) == sorted(options.ALL)


def test_nothing_else_reads_them():
    for path in paths.SCRIPTS.glob('**/*.py'):
        # The overlay's setup.py is run by whom an sdist was given to, too.
        if 'tests' in path.parts or path.match('overlay/package/setup.py'):
            continue
        for name in re.findall(r"environ(?:\.get\(|\[)'([A-Z][A-Z0-9_]*)'",
                               path.read_text()):
            assert name not in options.ALL, path


def test_targets_are_targets():
    text = (paths.ROOT / 'Makefile').read_text()
    for option in options.ALL.values():
        for name in option.targets:
            assert re.search('^{}:'.format(name), text, re.MULTILINE)


def examples():
    """(name, value, the row's text) of all in docs/building.md."""
    text = (paths.DOCS / 'building.md').read_text()
    for line in re.findall(r'^\| (`[A-Z].*) \|$', text, re.MULTILINE):
        named, _, meaning = line.partition(' | ')
        for name, value in re.findall(r'`([A-Z0-9_]+)=([^`]*)`', named):
            yield name, value.strip('"'), meaning


def test_every_variable_is_in_building():
    assert {name for name, _, _ in examples()} - OTHERS == set(options.ALL)


@pytest.mark.parametrize('name, value, meaning', [
    row for row in examples() if row[0] in options.ALL and row[1] != '…'])
def test_building_is_right(name, value, meaning):
    option = options.ALL[name]
    option.read({name: value})
    for target in option.targets:
        assert 'make ' + target in meaning
    if isinstance(option, Words) and option.known():
        for word in re.split(r'[ ,]+', value):
            assert word in option.known()


#: Rows whose first word says it, or that are about several variables.
NO_DEFAULT = {'CONFIG', 'SUITES', 'ORACLE', 'OPENSSL_VERSIONS', 'CLIENTS',
              'SANITIZE', 'REFLEAK', 'FUZZ', 'FUZZ_SECONDS', 'MUTANTS',
              'SOAK_SECONDS', 'VARIATIONS', 'BENCH', 'PYTHON3S', 'PYTHON27S'}


@pytest.mark.parametrize('name, value, meaning', [
    row for row in examples()
    if row[0] in options.ALL and not row[1].startswith('...')])
def test_building_has_the_defaults(name, value, meaning):
    option = options.ALL[name]
    said = re.search(r'Default: (.*)', meaning)
    if isinstance(option, Flag):
        # What is shown is the other one.
        assert option.read({name: value}) != option.read({})
    elif name not in NO_DEFAULT:
        assert bool(said) == bool(option.default)
        assert not said or said[1].replace('`', '').startswith(
            option.default)


def test_defaults_mean_what_they_say():
    assert options.JOBS.default == 'one per CPU'
    assert options.JOBS.read({}) == len(os.sched_getaffinity(0))
    for option in (options.FUZZ_SECONDS, options.SOAK_SECONDS):
        assert option.read({}) == int(option.default)
    assert options.prefix({}) == options.PREFIX.default
    for option in options.ALL.values():
        if isinstance(option, Flag):
            assert option.read({}) == (option.default == 'yes')


def test_choices_are_what_is_run():
    assert set(options.SANITIZE.choices) == set(sanitize.PARTS)
    assert set(options.REFLEAK.choices) == set(refleak.PARTS)
    assert set(options.MATRIX_EXTRA.choices) == {
        section.name for section in plan.EXTRA}
    assert set(request.from_env({'PYTHON3': 'sh'}).parts) | set(
        options.BENCH.special) == set(options.BENCH.choices)
    assert set(fuzz.Options({}).parts) == set(options.FUZZ.choices)


def test_words(capsys):
    option = options.SANITIZE
    every = ['asan', 'tsan', 'valgrind']
    assert option.read({}) == option.read({'SANITIZE': 'all'}) == every
    assert option.read({'SANITIZE': 'tsan,asan'}) == ['asan', 'tsan']
    text = refused(option, 'msan asan', capsys)
    assert 'SANITIZE=msan asan: there is no msan' in text
    assert 'use some of: asan tsan valgrind' in text
    assert 'there is no none' in refused(option, 'none', capsys)
    assert options.OPENSSL_VERSIONS.read({'OPENSSL_VERSIONS': 'none'}) == []
    assert options.MATRIX_EXTRA.read({}) == []
    assert options.TESTS.read({'TESTS': 'b, a'}) == ['b', 'a']
    assert 'instructions' not in options.BENCH.read({'BENCH': 'all'})
    assert options.BENCH.read({'BENCH': 'instructions'}) == ['instructions']


def test_flags(capsys):
    assert not options.QUICK.read({}) and options.BOOTSTRAP.read({})
    assert options.QUICK.read({'QUICK': '1'})
    assert not options.BOOTSTRAP.read({'BOOTSTRAP': ' No '})
    assert 'QUICK=maybe: neither yes nor no' in refused(
        options.QUICK, 'maybe', capsys)


def test_numbers(capsys):
    assert options.FUZZ_SECONDS.read({}) == 60
    assert options.FUZZ_SECONDS.read({'FUZZ_SECONDS': '5'}) == 5
    for text in ('0', '-1', '1.5', 'abc', '\u0663'):
        assert 'not a number from 1 on' in refused(options.JOBS, text, capsys)


def test_paths(tmp_path, capsys):
    text = refused(options.DISTFILES, str(tmp_path / 'none'), capsys)
    assert 'there is no such folder' in text and 'leave DISTFILES out' in text
    (tmp_path / 'file').write_text('')
    refused(options.DISTFILES, str(tmp_path / 'file'), capsys)
    options.CPYTHON.check({'CPYTHON': str(tmp_path / 'file')})
    refused(options.CPYTHON, str(tmp_path / 'none'), capsys)
    # What a build was made from may be gone when its folder is removed.
    assert options.CPYTHON.read({'CPYTHON': '/gone'}) == '/gone'
    assert options.CACHE.read({}) == ''


def test_programs(capsys):
    assert options.PYTHON3S.read({}) == ()
    found, = options.PYTHON3S.read({'PYTHON3S': 'sh'})
    assert found.startswith('/') and found.endswith('/sh')
    assert 'PYTHON3S=no-such: no-such is not there' in refused(
        options.PYTHON3S, 'no-such', capsys)


def test_program(tmp_path, monkeypatch, capsys):
    option = options.PYTHON27
    text = refused(option, str(tmp_path / 'none'), capsys)
    assert 'PYTHON27={}: '.format(tmp_path / 'none') in text
    assert 'is not there, or not a program' in text and 'python2.7' in text
    # One path, whatever is in it.
    path = tmp_path / 'python 2.7'
    path.write_text('#!/bin/sh\n')
    refused(option, str(path), capsys)
    path.chmod(0o755)
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('PATH', str(tmp_path))
    for text in (str(path), ' python 2.7 ', '~/python 2.7'):
        assert option.read({'PYTHON27': text}) == str(path)


def test_program_by_default(capsys):
    option = Program('X', 'help', 'no-such-program', hint='install it')
    with pytest.raises(SystemExit):
        option.read({})
    text = capsys.readouterr().err
    assert 'X=: no-such-program is not there' in text and 'install it' in text
    option = Program('X', 'help', 'sh')
    assert option.read({}).endswith('/sh')
