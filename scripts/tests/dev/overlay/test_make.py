"""overlay: options, names, and what is compared."""

import shlex
import subprocess
import sys
from types import SimpleNamespace

import pytest

from scripts import options
from scripts.build.variant import ALL_GROUPS
from scripts.dev.overlay import (
    make_overlay,
    make_trials,
    roots,
    snapshot,
    suites,
    variables,
    wheeltrial,
)
from scripts.dev.patchfile import Patch
from scripts.dev.run import debianroot, knownfailures, testreport


def test_groups():
    assert variables.groups({})[0] == ALL_GROUPS
    assert variables.groups({'PATCHES': 'none'}) == ((), '')
    assert 'base' in variables.groups({'PATCHES': 'pep546'})[0]


@pytest.mark.parametrize('environ', [
    {'CONFIG': 'debug'}, {'SHARED': 'yes'}, {'CONFIGURE_ARGS': '--x'}])
def test_options_of_a_build_are_refused(environ, capsys):
    with pytest.raises(SystemExit):
        variables.groups(environ)
    assert 'leave them out' in capsys.readouterr().err


def test_each_combination_has_a_folder():
    folders = {make_overlay.folder_of(python, openssl, groups)
               for python in ('/usr/bin/python2.7', '/opt/bin/python2.7')
               for openssl in ('', '/opt/openssl')
               for groups in (ALL_GROUPS, ())}
    assert len(folders) == 8
    assert make_overlay.folder_of(
        '/usr/bin/python2.7', '', ALL_GROUPS).name == \
        'usr-bin-python2.7'


@pytest.mark.parametrize('text, old', [
    ('OpenSSL 1.0.2g-fips  1 Mar 2016', True),
    ('OpenSSL 1.1.0g  2 Nov 2017', True),
    ('OpenSSL 1.1.1  11 Sep 2018', False),
    ('OpenSSL 3.5.7 9 Jun 2026', False), ('LibreSSL 2.8', False)])
def test_an_openssl_that_the_series_is_not_for(text, old):
    assert make_overlay._too_old(text) is old


def test_trials():
    assert list(options.OVERLAY_TRIALS.choices) == [
        *roots.RELEASES, *make_trials.STOCK]


def test_an_emulator_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(make_trials, 'FOLDER', tmp_path)
    every = options.OVERLAY_TRIALS.read({})
    for name, release in roots.RELEASES.items():
        tried = make_trials.Trial(name, ALL_GROUPS, '')
        assert tried.emulated is bool(tried.failing) is bool(release.qemu)
        assert (name in every) is not tried.emulated


def test_a_trial_whose_emulator_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(debianroot.os, 'geteuid', lambda: 0)
    monkeypatch.setattr(debianroot.shutil, 'which', lambda name: name)
    with pytest.raises(SystemExit):
        debianroot.check_host('x', [
            roots.RELEASES['debian11'].kind, roots.Release(
                'Mars', 'mars', arch='mars', qemu='qemu-mars').kind])
    error = capsys.readouterr().err
    assert 'a root of Mars: the kernel does not know qemu-mars' in error
    assert 'gcc-mars-linux-gnu' in error


def test_changes_of_files(tmp_path):
    for name, text in (('a.py', '1'), ('b.py', '2'), ('b.pyc', 'x')):
        (tmp_path / name).write_text(text)
    (tmp_path / 'link').symlink_to('a.py')
    before = snapshot.digests(tmp_path)
    assert sorted(before) == ['a.py', 'b.py', 'link']
    (tmp_path / 'b.pyc').write_text('y')
    assert snapshot.differences(before, snapshot.digests(tmp_path)) == []
    (tmp_path / 'a.py').write_text('3')
    (tmp_path / 'c.py').write_text('4')
    (tmp_path / 'link').unlink()
    assert snapshot.differences(before, snapshot.digests(tmp_path)) == [
        'a.py', 'c.py', 'link']


def test_the_pips_reach_from_9_to_the_last_one():
    text = wheeltrial.REQUIREMENTS.read_text()
    assert 'pip==9.0.3 ' in text and 'pip==20.3.4 ' in text


def test_known_failures_are_those_of_one_version():
    assert knownfailures.of_openssl('OpenSSL 3.0.19 27 Jan 2026') == set()
    assert knownfailures.of_openssl('OpenSSL 1.1.1ff  1 Jan 2030') == set()
    known = knownfailures.of_openssl('OpenSSL 1.1.1f  31 Mar 2020')
    one = min(name for name in known if not name.endswith('*'))
    rows = [testreport.Row('a', {one: 'failed', 'other': 'failed'}),
            testreport.Row('b', {'other': 'passed'})]
    first, second = suites.with_known(rows, 'OpenSSL 1.1.1f  31 Mar 2020')
    assert (first.failed, first.expected) == (1, 1)
    assert second.ok and not second.expected


@pytest.mark.parametrize('hashlib', [None, '/usr/lib/_hashlib.so'])
def test_what_to_type(tmp_path, capsys, hashlib):
    """A shell takes it as it is.  _hashlib only where there is none."""
    python = tmp_path / 'a folder' / 'python2.7'
    site = tmp_path / 'site of it'
    make_overlay.report(make_overlay.Built(
        SimpleNamespace(path=str(python), abi='cp27mu', hashlib=hashlib),
        {'in_use': {'openssl': 'OpenSSL 3.5.7'}, 'version': '1.0.0',
         'groups': [], 'own': {'ssl': None, 'openssl': None}, 'problems': []},
        site, site / 'a.whl', site / 'pip.whl'))
    lines = capsys.readouterr().out.splitlines()
    once, install = (
        shlex.split(line.partition(':')[2]) for line in lines
        if line.strip().startswith(('once', 'install')))
    variable, program, _ = once
    assert program == str(python) and install[-1] == str(site / 'a.whl')
    folders = variable.partition('=')[2].split(':')
    assert folders[:2] == [str(site / 'ssl_overlay/cp27mu-front'), str(site)]
    assert folders[2:] == ([] if hashlib else
                           [str(site / 'ssl_overlay/cp27mu-last')])


def test_in_path_without_pythonpath(tmp_path):
    site, folder = tmp_path / 'site', tmp_path / "it's"
    for path in (site, folder):
        path.mkdir()
    code = 'import site, sys; site.addsitedir({!r}); print(sys.path[0])'
    with suites.in_path(folder, site):
        printed = subprocess.run(
            [sys.executable, '-E', '-c', code.format(str(site))],
            check=True, text=True, stdout=subprocess.PIPE).stdout
    assert printed.strip() == str(folder)
    assert list(site.iterdir()) == []


def test_failures_of_one_trial():
    rows = [testreport.Row('a', {'one': 'failed', 'other': 'failed'})]
    row, = suites.with_known(rows, 'OpenSSL 3.5.7', others=['one'])
    assert (row.failed, row.expected) == (1, 1)


def test_known_failures_of_a_module():
    rows = [testreport.Row('a', {
        'test_allocation_failure::test_a[1]': 'failed',
        'test_allocation::test_a[1]': 'failed'})]
    row, = suites.with_known(rows, 'OpenSSL 3.0.2 15 Mar 2022')
    assert (row.failed, row.expected) == (1, 1)


def patch(*paths):
    """A patch that adds a test, and a line to each of *paths*."""
    return Patch('a', ''.join(
        '--- a/{0}\n+++ b/{0}\n@@ -1 +1,2 @@\n x\n+{1}\n'.format(path, line)
        for path, line in [('Lib/test/test_a.py', '    def test_it(self):'),
                           *((path, 'y') for path in paths)]))


@pytest.mark.parametrize('paths, found', [
    (['Lib/hashlib.py'], True), (['Modules/_ssl.c', 'setup.py'], True),
    (['Modules/_sslx.c'], True), (['Modules/socketmodule.c'], True),
    (['Modules/_ssl.c', 'Lib/ssl.py', 'Doc/library/ssl.rst'], False),
    (['Modules/_hashopenssl.c', 'Modules/_ssl_data.h'], False)])
def test_tests_of_what_an_overlay_has_not(paths, found):
    patches = [patch(*paths)]
    assert suites.tests_of_the_rest(patches) == (
        {('test_a', 'test_it')} if found else set())
    row, = suites.with_known([testreport.Row('a', {
        'test.test_a.Tests.test_it': 'failed',
        'test.test_a.Tests.test_it_not': 'failed',
        'test.test_a.More.test_it': 'passed',
        'test.test_b.Tests.test_it': 'failed',
        'test_a.py::test_it': 'failed'})], '', patches)
    assert (row.failed, row.expected) == ((3, 1) if found else (4, 0))
    assert row.passed == 1


def test_those_of_the_series():
    assert ('test_hashlib_compat', 'test_no_fallback') in \
        suites.tests_of_the_rest(suites.patches_of(ALL_GROUPS))
    assert suites.tests_of_the_rest(suites.patches_of(
        ('base', 'security', 'pep546', 'hardening', 'performance'))) == set()


def like(version=(2, 7, 18), hashlib=None):
    return SimpleNamespace(version=version, hashlib=hashlib)


def test_tests_of_hashlib_only_where_it_is_the_overlays():
    every = suites.modules(ALL_GROUPS, like())
    some = suites.modules(ALL_GROUPS, like(hashlib='built-in'))
    assert set(every) - set(some) == {'test_hashlib_compat',
                                      'test_hashlib_keywords'}
    assert {'test_ssl', 'test_ssl_base', 'test_ssl_certificates',
            'test_ssl_compat', 'test_ssl_cve_2023_40217', 'test_ssl_errors',
            'test_ssl_files', 'test_ssl_hardening', 'test_ssl_memorybio',
            'test_ssl_performance', 'test_ssl_security',
            'test_ssl_sslsocket'} <= set(some)
    assert 'test_ssl_memorybio' not in suites.modules((), like())


def test_tests_of_other_modules_only_where_they_are_of_that_version():
    every = suites.modules(ALL_GROUPS, like())
    some = suites.modules(ALL_GROUPS, like((2, 7, 11)))
    assert 'test_ftplib' in every and 'test_ftplib' not in some
    assert {'test_ssl', 'test_ssl_memorybio'} <= set(some)
    assert suites.modules(ALL_GROUPS, like(), neighbours=False) == some
