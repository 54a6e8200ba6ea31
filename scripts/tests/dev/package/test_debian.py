"""Parts of make debian and make rpm that need no build."""

import dataclasses
import gzip
import os
import socket

import pytest

from scripts import options
from scripts.base import paths
from scripts.dev.package import (
    debreleases,
    debsource,
    lintiandiff,
    steps,
    take,
)
from scripts.dev.run import debianroot
from scripts.tests import release

RELEASES = debreleases.load()


def test_the_default_is_one_of_them():
    assert list(RELEASES) == options.DEBIAN.known()
    assert options.DEBIAN.read({}) in RELEASES


@pytest.mark.parametrize('name', RELEASES)
def test_entry(name):
    """Its steps set NAMES to what trees.json leaves, and drop from the
    package's own what it says."""
    entry = RELEASES[name]
    script = steps.script('debian', [entry.names], {'TAKE': paths.ROOT})
    assert os.popen(script + 'echo "$NAMES"').read().split() == entry.patches
    assert bool(entry.drop) == bool(entry.source.drop)
    assert entry.source.diff.startswith(entry.dsc[:-len('.dsc')] + '.')


@pytest.mark.parametrize('name', [name for name in RELEASES
                                  if RELEASES[name].drop])
def test_drop_of_an_entry(name, tmp_path):
    entry = RELEASES[name]
    series = tmp_path / 'debian/patches/series.in'
    series.parent.mkdir(parents=True)
    series.write_text('\n'.join(['a.diff', *entry.source.drop, 'b.diff', '']))
    script = steps.script('debian', [entry.drop], {})
    assert os.system('cd {} && {}'.format(tmp_path, script)) == 0
    assert series.read_text() == 'a.diff\nb.diff\n'


def test_tests_that_fail_are_there():
    for entry in RELEASES.values():
        text = ''.join((paths.PATCHES_DIR / name).read_text()
                       for name in entry.patches)
        for test in entry.failing:
            package, module, case, name = test.split('.')
            assert package == 'test'
            if module == 'test_ssl':
                continue        # it is CPython's own
            assert '+++ b/Lib/test/{}.py\n'.format(module) in text
            assert 'class {}('.format(case) in text
            assert '    def {}(self):\n'.format(name) in text


@pytest.mark.parametrize('name, universe, end', [
    ('ubuntu22.04', True, ['jammy', 'root']),
    ('debian11', False, ['bullseye', 'root', 'http://mirror/'])])
def test_ubuntu_has_universe(name, universe, end, monkeypatch):
    monkeypatch.setattr(debianroot, 'mirror', lambda: 'http://mirror/')
    kind = RELEASES[name].kind
    argv = debianroot.debootstrap('root', kind)
    assert ('--components=main,universe' in argv) == universe
    assert argv[-len(end):] == end


@pytest.mark.parametrize('there', [True, False])
def test_signatures_of_ubuntu(there, tmp_path, monkeypatch, capsys):
    key = tmp_path / 'ubuntu.gpg'
    monkeypatch.setattr(debianroot, '_UBUNTU_KEY', key)
    if there:
        key.touch()
    argv = debianroot.debootstrap('root', debianroot.Kind(
        'one', 'jammy', ubuntu=True))
    assert ('--keyring={}'.format(key) in argv) == there
    assert ('--no-check-gpg' in argv) != there
    assert ("signatures of Ubuntu's packages are not checked" in
            capsys.readouterr().err) != there


def test_of_the_host_a_root_has_its_way_to_the_network_only():
    env = debianroot.environment({
        'http_proxy': 'http://proxy/', 'MAKEFLAGS': 'n', 'CC': 'tcc',
        'PATH': '/nowhere', 'LC_ALL': 'tr_TR'})
    assert env['http_proxy'] == 'http://proxy/'
    assert '/usr/bin' in env['PATH'] and env['LC_ALL'] == 'C.UTF-8'
    assert 'MAKEFLAGS' not in env and 'CC' not in env


def test_a_root_is_made_once_and_copied(tmp_path, monkeypatch):
    """What was done in the copy is not in the next one; other packages make
    another root."""
    monkeypatch.setattr(debianroot, 'FOLDER', tmp_path / 'roots')
    monkeypatch.setattr(debianroot, 'mirror', lambda: 'http://mirror/')
    program = tmp_path / 'debootstrap'
    program.write_text(
        '#!/bin/sh\necho "$*" >> {}/called\n'
        'for root; do case $root in /*) mkdir -p "$root/etc/apt/apt.conf.d" '
        '"$root/etc/apt/sources.list.d";; esac; done\n'.format(tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=':')
    kind = debianroot.Kind('one', 'jammy', ('a', 'b'), ubuntu=True)
    root = debianroot.make(tmp_path / 'root', kind)
    (root / 'changed').touch()
    debianroot.make(tmp_path / 'root', kind)
    assert not (root / 'changed').exists()
    assert 'localhost' in (root / 'etc/hosts').read_text()
    assert (tmp_path / 'called').read_text().count('\n') == 1
    for number, changes in enumerate([
            {'packages': ('a',)}, {'ubuntu': False}, {'arch': 'i386'},
            {'newer': 'mars'}, {'day': 'today'}, {'suite': 'mars'}], 2):
        kind = dataclasses.replace(kind, **changes)
        debianroot.make(tmp_path / 'root', kind)
        assert (tmp_path / 'called').read_text().count('\n') == number


def test_a_copy_is_told_of_this_machine(tmp_path):
    """Which may have another name by now."""
    source = tmp_path / 'source'
    (source / 'etc/apt/apt.conf.d').mkdir(parents=True)
    root = debianroot.copy(source, tmp_path / 'root')
    assert socket.gethostname() in (root / 'etc/hosts').read_text()
    assert 'Valid-Until' in (
        root / 'etc/apt/apt.conf.d/90snapshot').read_text()


def test_what_debootstrap_gets_wrong_is_left_to_apt(tmp_path, monkeypatch):
    """In the root, and where the suite has an older one, of the newer
    suite."""
    monkeypatch.setattr(debianroot, 'mirror', lambda: 'http://mirror/')
    runs = []
    monkeypatch.setattr(debianroot.console, 'run',
                        lambda argv, **options: runs.append(argv))
    (tmp_path / 'etc/apt/sources.list.d').mkdir(parents=True)
    kind = debianroot.ROOTS['experimental']
    debianroot._install(tmp_path, kind, tmp_path / 'log')
    assert runs[0][1] == str(tmp_path)
    assert runs[0][-5:] == ['sh', '-t', 'experimental', 'openssl',
                            'libssl-dev']
    assert (tmp_path / 'etc/apt/sources.list.d/newer.list').read_text() == \
        'deb http://mirror/ experimental main\n'


def test_lintian_tags_are_compared_without_lines():
    before = {'W: x source: a-tag [debian/rules:]'}
    after = before | {'P: x source: b-tag [debian/patches/1.patch:]',
                      'W: x source: no-nmu-in-changelog [debian/changelog:]',
                      'W: x source: binary-nmu 1-1~2+memorybio1'}
    assert lintiandiff.new_tags(before, after) == (
        ['P: x source: b-tag [debian/patches/1.patch:]'],
        ['W: x source: binary-nmu 1-1~2+memorybio1',
         'W: x source: no-nmu-in-changelog [debian/changelog:]'])


def test_their_own_fix_is_left_out_as_the_page_says(tmp_path):
    (tmp_path / 'series').write_text(
        '0001-base-a.patch\n0161-security-b.patch\n'
        '0191-security-cve-2023-40217.patch\n0501-performance-c.patch\n')
    script = steps.script('debian', ['names'], {'TAKE': tmp_path})
    assert os.popen(script + 'echo $NAMES').read().split() == [
        '0001-base-a.patch', '0161-security-b.patch',
        '0501-performance-c.patch']
    names = RELEASES['debian11'].patches
    assert any('-security-' in name for name in names)
    assert not any('-cve-2023-40217' in name for name in names)


def test_added_to_series_in(tmp_path):
    (tmp_path / 'debian/patches').mkdir(parents=True)
    (tmp_path / 'debian/patches/series.in').write_text('theirs.diff\n')
    take = release.unpacked(tmp_path / 'take', ['0001-base-a.patch'])
    script = steps.script('debian', ['names', 'add'], {'TAKE': take})
    assert os.system('cd {} && {}'.format(tmp_path, script)) == 0
    assert (tmp_path / 'debian/patches/series.in').read_text() == \
        'theirs.diff\n0001-base-a.patch\nssl-series.patch\n'
    for name in ('0001-base-a.patch', 'ssl-series.patch'):
        assert (tmp_path / 'debian/patches' / name).exists()


def test_made_dsc(tmp_path):
    diff, orig = tmp_path / 'a.diff.gz', tmp_path / 'a.orig.tar.gz'
    with gzip.open(diff, 'wb') as file:
        file.write(b'+++ a/x\n+in Latin 1: \xf6\n+++ a/debian/control\n'
                   b'+Source: a\n+Maintainer: B <b@c>\n')
    orig.write_bytes(b'1')
    text = debsource._dsc_text('1-2', diff, orig)
    assert ' {} 1 a.orig.tar.gz\n'.format(
        '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'
    ) in text and 'Format: 1.0\n' in text
    assert 'Version: 1-2\n' in text and 'Maintainer: B <b@c>\n' in text


def test_no_release_yet(tmp_path, capsys):
    with pytest.raises(SystemExit):
        take.unpack(tmp_path, tmp_path / 'none.tar.gz', 'none')
    assert 'make dist' in capsys.readouterr().err


def test_spec_has_the_patches_of_the_page(tmp_path):
    take = release.unpacked(
        tmp_path / 'take',
        ['{:04}-base-a.patch'.format(number) for number in (1, 2)])
    script = steps.script('rpm', ['names', 'sources'],
                          {'TAKE': take, 'SOURCES': tmp_path})
    assert os.system(script) == 0
    assert (tmp_path / 'memorybio-patches.inc').read_text() == (
        'Patch54601: 0001-base-a.patch\nPatch54602: 0002-base-a.patch\n'
        'Patch54603: ssl-series.patch\n')
    spec = (paths.ROOT / 'packaging/rpm/python27-memorybio.spec').read_text()
    assert (tmp_path / 'memorybio-prep.inc').read_text().split('\n')[::2] == [
        '%patch -P 54601 -p1', '%patch -P 54603 -p1']
    assert '%include %{_sourcedir}/memorybio-prep.inc' in spec
    assert '%include %{_sourcedir}/memorybio-patches.inc' in spec
