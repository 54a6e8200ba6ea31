"""gitrepo: what of the surroundings counts for git."""

import os

import pytest

from scripts.dev import refresh
from scripts.dev.package import release_files
from scripts.series import gitrepo


@pytest.fixture
def checkout(tmp_path):
    """A checkout in which one file is known to git, and in a hook of
    another one."""
    folder = tmp_path / 'checkout'
    for name in 'packaging/known', 'packaging/other', 'patches/new':
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('')
    gitrepo.git(folder, 'init', '-q', check=True)
    gitrepo.git(folder, 'add', 'packaging/known', check=True)
    return folder


@pytest.mark.parametrize('call, expected', [
    (release_files._there, {'packaging/known'}),
    (refresh.uncommitted, ['?? patches/']),
    (lambda root: gitrepo.git(root, 'ls-files').stdout, 'packaging/known\n')])
def test_in_a_hook(checkout, tmp_path, monkeypatch, call, expected):
    """git tells its hooks by variables which repository it is about."""
    for name in 'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE':
        monkeypatch.setenv(name, str(tmp_path / 'other'))
    assert call(checkout) == expected


def test_clone_of_a_users_checkout(checkout, tmp_path, monkeypatch):
    """root works in it, and has no settings of its own."""
    gitrepo.git(checkout, 'commit', '-q', '-m', 'one', check=True)
    if not os.geteuid():
        for path in checkout, checkout / '.git':
            os.chown(path, 12345, 12345)
    monkeypatch.setenv('HOME', str(tmp_path))
    gitrepo.clone(checkout, tmp_path / 'new')
    assert (tmp_path / 'new' / 'packaging' / 'known').exists()


def test_no_checkout(tmp_path):
    assert refresh.uncommitted(tmp_path) == []


def test_folder_that_is_not_there(tmp_path, capsys):
    with pytest.raises(SystemExit):
        gitrepo.git(tmp_path / 'gone', 'status')
    assert 'there is no folder' in capsys.readouterr().err
