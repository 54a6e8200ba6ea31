"""Parts of make debian and make rpm that need no build."""

import os
import shutil

import pytest

from scripts.base import paths
from scripts.dev.package import (
    debdeps,
    debian,
    debsource,
    lintiandiff,
    steps,
    take,
)
from scripts.tests import release

CONTROL = '''\
Source: x
Build-Depends: {}

Package: x
Architecture: all
'''


def source(folder, depends):
    (folder / 'debian').mkdir()
    (folder / 'debian' / 'control').write_text(CONTROL.format(depends))
    return folder


@pytest.fixture
def dpkg():
    if not shutil.which('dpkg-checkbuilddeps'):
        pytest.skip('no dpkg-dev here')


def test_missing_dependencies(dpkg, tmp_path):
    found = debdeps.missing(source(
        tmp_path, 'no-such-package (>= 3), other-one <!nocheck>'))
    assert 'no-such-package (>= 3)' in found and 'other-one' not in found


def test_missing_ends_with_what_to_type(dpkg, tmp_path, capsys):
    with pytest.raises(SystemExit):
        debdeps.ensure(source(tmp_path, 'no-such-package'), tmp_path / 'log',
                       {'BOOTSTRAP': 'no'})
    text = ''.join(capsys.readouterr())
    assert 'no-such-package' in text
    assert 'apt-get build-dep' in text and str(tmp_path) in text


def test_lintian_tags_are_compared_without_lines():
    before = {'W: x source: a-tag [debian/rules:]'}
    after = before | {'P: x source: b-tag [debian/patches/1.patch:]',
                      'W: x source: no-nmu-in-changelog [debian/changelog:]'}
    assert lintiandiff.new_tags(before, after) == (
        ['P: x source: b-tag [debian/patches/1.patch:]'],
        ['W: x source: no-nmu-in-changelog [debian/changelog:]'])


def test_their_own_fix_is_left_out_as_the_page_says(tmp_path):
    (tmp_path / 'series').write_text(
        '0001-base-a.patch\n0161-security-b.patch\n'
        '0191-security-cve-2023-40217.patch\n0501-performance-c.patch\n')
    script = steps.script('debian', ['names'], {'TAKE': tmp_path})
    assert os.popen(script + 'echo $NAMES').read().split() == [
        '0001-base-a.patch', '0161-security-b.patch',
        '0501-performance-c.patch']
    names = debian.patch_names()
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
    diff.write_bytes(b'1')
    orig.write_bytes(b'22')
    text = debsource._dsc_text(diff, orig)
    assert ' {} 1 a.diff.gz\n'.format(
        '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'
    ) in text and 'Format: 1.0\n' in text


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


@pytest.mark.parametrize('says, good', [
    ('Inst new (1-1 Debian [amd64])', True),
    ('Inst new (1-1 Debian [amd64])\nInst old [1-1] (1-2 Debian)', False),
    ('Remv old [1-1]', False)])
def test_nothing_is_upgraded(says, good, tmp_path, monkeypatch, capsys):
    """apt-get is asked first what it would do with what is installed."""
    program = tmp_path / 'apt-get'
    program.write_text('#!/bin/sh\ncase " $* " in *" -s "*) echo "{}" ;; '
                       '*) echo "$*" >{}/called ;; esac\n'.format(
                           says, tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=':')
    if good:
        debdeps._apt(tmp_path / 'log', 'install', 'new')
        assert '--no-upgrade --no-install-recommends install new' in \
            (tmp_path / 'called').read_text()
    else:
        with pytest.raises(SystemExit):
            debdeps._apt(tmp_path / 'log', 'install', 'new')
        assert 'upgrade or remove what is: old' in capsys.readouterr().err
        assert not (tmp_path / 'called').exists()
