"""What a release changes, by patch-id."""

import json
import os
import re
import subprocess
import tarfile

import pytest
from rich.console import Console

from scripts import __main__ as commands
from scripts.base import paths
from scripts.dev.package import compare


def release(folder, patches, version='1.0.0'):
    """A release in *folder* of *patches*, {name: (patch-id, text)}."""
    (folder / 'patches').mkdir(parents=True)
    for name, (_, text) in patches.items():
        (folder / 'patches' / name).write_text(text)
    (folder / 'patches.json').write_text(json.dumps({
        'version': version, 'patches': [
            {'name': name, 'patch_id': patch_id}
            for name, (patch_id, _) in patches.items()]}))
    return folder


OLD = {'0001-base-a.patch': ('1', 'a\n'), '0002-base-b.patch': ('2', 'b\n'),
       '0003-base-c.patch': ('3', 'c\n'), '0004-base-d.patch': ('4', 'd\n'),
       '0005-base-e.patch': ('5', 'e\n')}
NEW = {'0001-base-a.patch': ('1', 'a\n'), '0002-base-b.patch': ('2', 'B\n'),
       '0003-base-c.patch': ('33', 'C\n'), '0006-base-e.patch': ('5', 'e\n'),
       '0007-base-f.patch': ('7', 'f\n')}


@pytest.fixture
def both(tmp_path):
    return (compare.read(release(tmp_path / 'old', OLD)),
            compare.read(release(tmp_path / 'new', NEW, '1.1.0')))


def found(both):
    old, new = both
    return compare.changes(old[1], new[1], old[2], new[2])


def test_changes(both):
    assert [tuple(change) for change in found(both)] == [
        ('same, other words or lines', '0002-base-b.patch',
         '0002-base-b.patch'),
        ('changed', '0003-base-c.patch', '0003-base-c.patch'),
        ('renamed', '0005-base-e.patch', '0006-base-e.patch'),
        ('new', '', '0007-base-f.patch'),
        ('gone', '0004-base-d.patch', '')]


def test_a_name_that_another_patch_has_now(tmp_path):
    # What was 0001 is 0002, and another one is 0001.
    result = compare.changes({'0001-base-a.patch': '1'},
                             {'0001-base-b.patch': '2',
                              '0002-base-a.patch': '1'},
                             {'0001-base-a.patch': 'a'},
                             {'0001-base-b.patch': 'b',
                              '0002-base-a.patch': 'a'})
    assert [change.word for change in result] == ['new', 'renamed']


def test_diff_can_be_applied(both, tmp_path):
    text = compare.diff(found(both), both[0][2], both[1][2])
    tree = tmp_path / 'old' / 'patches'
    subprocess.run(['git', 'apply', '--directory='], cwd=tree, check=True,
                   input=text, text=True)
    assert (tree / '0003-base-c.patch').read_text() == 'C\n'
    assert (tree / '0007-base-f.patch').read_text() == 'f\n'
    assert not (tree / '0004-base-d.patch').exists()


def test_report(both, capsys):
    compare.report('1.0.0', '1.1.0', found(both), Console(width=100))
    out = capsys.readouterr().out
    assert '0006-base-e.patch (was 0005-base-e.patch)' in out
    assert '1.0.0 to 1.1.0: 1 same' in out
    compare.report('1.0.0', '1.0.0', [], Console(width=100))
    assert 'no difference' in capsys.readouterr().out


def test_tarball(tmp_path):
    folder = release(tmp_path / 'x' / 'stem', OLD)
    tarball = tmp_path / 'x.tar.gz'
    with tarfile.open(tarball, 'w:gz') as archive:
        archive.add(folder, 'stem')
    unpacked = compare._unpacked(tarball, tmp_path / 'work')
    assert compare.read(unpacked)[0] == '1.0.0'


@pytest.mark.parametrize('environ, message', [
    ({}, 'which release'), ({'PREVIOUS': '/nowhere'}, 'no such file'),
    ({'PREVIOUS': __file__}, 'cannot be unpacked'),
    ({'PREVIOUS': os.path.dirname(__file__)}, 'is no release')])
def test_bad_previous(environ, message, capsys, monkeypatch, tmp_path):
    """Before make dist does its work."""
    monkeypatch.setattr(paths, 'BUILD', tmp_path)
    monkeypatch.setattr(compare.dist, 'main', None)
    monkeypatch.delenv('PREVIOUS', raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        commands.main(['compare'])
    assert message in ''.join(capsys.readouterr())


def test_all_of_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(paths, 'BUILD', tmp_path)
    monkeypatch.setattr(compare, 'DIFF', tmp_path / 'series.diff')
    made = []
    monkeypatch.setattr(compare.dist, 'main', lambda: made.append('dist'))
    monkeypatch.setattr(compare.take, 'unpack', lambda folder: release(
        tmp_path / made[0], NEW, '1.1.0'))
    old = release(tmp_path / 'old', OLD)
    monkeypatch.setenv('PREVIOUS', str(old))
    assert commands.main(['compare']) == 0
    assert '1.0.0 to 1.1.0' in capsys.readouterr().out


def test_the_makefile_leaves_dist_to_it():
    text = (paths.ROOT / 'Makefile').read_text()
    assert re.search('^compare: bootstrap tools  ##', text, re.MULTILINE)


def test_no_release(tmp_path, capsys):
    with pytest.raises(SystemExit):
        compare.read(tmp_path)
    assert 'is no release' in ''.join(capsys.readouterr())
