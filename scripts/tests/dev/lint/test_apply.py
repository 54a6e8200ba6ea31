"""Rules that apply patches: pin, groups, refresh, git am; real quilt."""

import dataclasses
import gzip
import hashlib
import pathlib
import shutil
import subprocess

import pytest

from scripts.dev.lint.rules import debian
from scripts.dev.lint.rules.model import NotChecked
from scripts.source import aptsource, debiantree
from scripts.tests.fakeproject import HEADER, Project

BASE, COMPAT, PEP546 = ('0001-base-a.patch', '0101-compat-b.patch',
                        '0201-pep546-c.patch')
HEADERS = [HEADER.replace('add one thing', 'add thing {}'.format(number))
           for number in range(3)]


@pytest.fixture(scope='module')
def template(tmp_path_factory):
    """Three patches: base, and two groups that do not meet."""
    project = Project(tmp_path_factory.mktemp('template'))
    project.add(BASE, {'Lib/ssl.py': ('line_100 = 100\n', 'base = 1\n')},
                HEADERS[0])
    project.add(COMPAT, {'Lib/ssl.py': ('line_200 = 200\n', 'compat = 1\n')},
                HEADERS[1])
    project.add(PEP546, {'Lib/ssl.py': ('line_300 = 300\n', 'pep = 1\n'),
                         'Lib/new.py': 'new = 1\n'}, HEADERS[2])
    return project


@pytest.fixture
def three(template, tmp_path):
    return template.copy(tmp_path / 'project')


@pytest.mark.parametrize('rule_id', [
    'patch-readable', 'apply-pin', 'apply-groups', 'refresh-stable',
    'git-am'])
def test_good(three, rule_id):
    assert three.lint(rule_id) == []


def test_readable(three):
    three.edit(PEP546, lambda text: text.replace('+pep = 1\n', ''))
    found, = three.lint('patch-readable')
    assert found.startswith(PEP546) and 'refresh' in found
    with pytest.raises(NotChecked, match='unreadable'):
        three.lint('apply-pin')


def test_missing_file(three):
    (three.patches / COMPAT).unlink()
    assert three.lint('patch-readable') == [
        COMPAT + ': the file is missing']


def test_fuzz_is_found(three):
    # Context that differs at its edge is what fuzz forgives.
    three.edit(PEP546, lambda text: text.replace(' line_297 =', ' line_x ='))
    found, = three.lint('apply-pin')
    assert found.startswith(PEP546 + ': does not apply without fuzz: '
                            'Lib/ssl.py: hunk #1 FAILED')
    with pytest.raises(NotChecked, match='does not apply'):
        three.lint('refresh-stable')


def test_offset_is_found(three):
    three.edit(PEP546, lambda text: text.replace('@@ -297,7 +297,7 @@',
                                                 '@@ -290,7 +290,7 @@'))
    found, = three.lint('apply-pin')
    assert 'Lib/ssl.py: hunk #1 succeeded at 297 (offset 7 lines)' in found
    assert found.startswith(PEP546)


def test_offset_is_allowed_for_a_group_alone(three):
    three.edit(BASE, lambda text: text)
    three.add('0102-compat-d.patch',
              {'Lib/ssl.py': ('line_10 = 10\n', 'a = 1\nb = 1\n')})
    three.series.write_text('\n'.join(
        [BASE, COMPAT, '0102-compat-d.patch', PEP546]) + '\n')
    assert three.lint('apply-groups') == []


def test_group_that_needs_another_is_found(three):
    three.add('0202-pep546-d.patch',
              {'Lib/ssl.py': ('compat = 1\n', 'compat = 2\n')})
    assert three.lint('apply-pin') == []
    found = three.lint('apply-groups')
    assert [text.split(':')[1] for text in found] == [
        ' PATCHES=pep546', ' PATCHES=hardening']
    for text in found:
        assert text.startswith('0202-pep546-d.patch: ')
        assert ': does not' in text


def test_refresh_finds_timestamps_and_index_lines(three):
    three.edit(COMPAT, lambda text: text.replace(
        '--- a/Lib/ssl.py\n', 'Index: b/Lib/ssl.py\n' + '=' * 67 +
        '\n--- a/Lib/ssl.py\t2020-01-01 00:00:00.000000000 +0000\n'))
    found, = three.lint('refresh-stable')
    assert found.startswith(COMPAT + ': a refresh changes it')
    assert '-Index: b/Lib/ssl.py' in found


def test_refresh_finds_what_is_not_canonical(three):
    three.edit(COMPAT, lambda text: text.replace('@@ -197,7', '@@ -197,07'))
    assert 'refresh changes it' in '\n'.join(three.lint('refresh-stable'))


def test_git_am_needs_the_from_line(three):
    three.edit(PEP546, lambda text: text.split('\n', 1)[1])
    assert '2 commits of 3 patches' in '\n'.join(three.lint('git-am'))


def test_git_am_failure_is_told(three):
    three.edit(PEP546, lambda text: text.replace('From: A. ', 'Frm: A. '))
    assert 'fails' in '\n'.join(three.lint('git-am'))


def test_git_am_subject_is_kept(three):
    three.edit(PEP546, lambda text: text.replace('Subject: ssl:',
                                                 'Subject: [x] ssl:'))
    found = '\n'.join(three.lint('git-am'))
    assert PEP546 in found and 'subject' in found


@pytest.fixture
def debian_diff(three, tmp_path, monkeypatch):
    """A small Debian diff for the small pin: one patch, one #if."""
    if shutil.which('cpp') is None:
        pytest.skip('no C preprocessor')
    new = three.pristine.with_name('new')
    shutil.copytree(str(three.pristine), str(new))
    three.put(new, 'debian/patches/series.in',
              '# off.diff\n#if defined (Ubuntu)\nubuntu.diff\n#endif\n'
              'deb.diff\n')
    three.put(new, 'debian/patches/deb.diff', (
        '--- a/Lib/ssl.py\n+++ b/Lib/ssl.py\n@@ -1,4 +1,6 @@\n'
        '+debian = 1\n+debian = 2\n line_1 = 1\n line_2 = 2\n'
        ' line_three = 3\n line_4 = 4\n'))
    diff = subprocess.run(['diff', '-urN', 'pristine', 'new'],
                          cwd=str(new.parent), stdout=subprocess.PIPE).stdout
    data = gzip.compress(diff)
    folder = tmp_path / 'distfiles'
    folder.mkdir()
    (folder / debian.TREE.diff).write_bytes(data)
    monkeypatch.setattr(debian, 'TREE', dataclasses.replace(
        debian.TREE, size=len(data), sha256=hashlib.sha256(data).hexdigest()))
    return str(folder)


def test_debian(three, debian_diff):
    # At an offset of two lines, and after Debian's own fuzz.
    assert three.lint('apply-debian', distfiles=[debian_diff]) == []


def test_debian_conflict_is_found(three, debian_diff):
    three.add('0103-compat-e.patch',
              {'Lib/ssl.py': ('line_1 = 1\n', 'first = 1\n')})
    three.series.write_text('\n'.join(
        [BASE, COMPAT, '0103-compat-e.patch', PEP546]) + '\n')
    assert three.lint('apply-pin') == []
    found = three.lint('apply-debian', distfiles=[debian_diff])
    assert [line.split(':')[0] for line in found] == [
        '0103-compat-e.patch'] * 2
    assert "PATCHES=compat on Debian's" in found[0]


def no_apt(pin, target, part):
    raise aptsource.AptError('no network')


def test_debian_missing_is_told(three, monkeypatch):
    monkeypatch.setattr(aptsource, 'fetch', no_apt)
    with pytest.raises(NotChecked, match='no network.*DISTFILES'):
        three.lint('apply-debian', distfiles=[])


def test_debian_fetched_file_is_kept(three, debian_diff, tmp_path,
                                     monkeypatch):
    def fetch(pin, target, part):
        assert (part, pin.version) == ('diff', debian.TREE.version)
        target.parent.mkdir()
        shutil.copy(debian_diff + '/' + pin.file, target)
    monkeypatch.setattr(aptsource, 'fetch', fetch)
    cache = tmp_path / 'cache'
    assert three.lint('apply-debian', cache=str(cache)) == []
    monkeypatch.setattr(aptsource, 'fetch', no_apt)
    assert three.lint('apply-debian', cache=str(cache)) == []


def test_debian_wrong_file_is_told(three, debian_diff, monkeypatch):
    monkeypatch.setattr(debian, 'TREE', dataclasses.replace(
        debian.TREE, sha256='0' * 64))
    with pytest.raises(NotChecked, match='replace the file'):
        three.lint('apply-debian', distfiles=[debian_diff])


def test_dropped_patches(three, debian_diff):
    diff = debian_diff + '/' + debian.TREE.diff
    series = pathlib.Path('debian/patches/series')
    with three.context() as context:
        ubuntu = dataclasses.replace(debian.TREE, defines=['Ubuntu'],
                                     drop=['ubuntu.diff'])
        tree = debiantree.make(ubuntu, context.pristine, diff,
                               context.scratch + '/a')
        assert (pathlib.Path(tree) / series).read_text() == 'deb.diff\n'
        wrong = dataclasses.replace(debian.TREE, drop=['ubuntu.diff'])
        with pytest.raises(debiantree.TreeError, match='has no ubuntu.diff'):
            debiantree.make(wrong, context.pristine, diff,
                            context.scratch + '/b')
