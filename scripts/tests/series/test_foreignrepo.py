"""foreignrepo: repositories of others, and what their settings name."""

import os
import subprocess

import pytest

from scripts.dev.clients import definition, sources
from scripts.dev.package import causes
from scripts.series import foreignrepo, gitrepo
from scripts.source import tree
from scripts.tests.failing import failing


def git(folder, *args):
    env = {name: value for name, value in os.environ.items()
           if not name.startswith('GIT_')}
    return subprocess.run(
        ['git', '-c', 'user.name=n', '-c', 'user.email=e', *args], env=env,
        cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture
def theirs(tmp_path):
    """A checkout with two commits."""
    folder = tmp_path / 'theirs'
    folder.mkdir()
    git(folder, 'init', '-q')
    for text in 'one\n', 'two\n':
        (folder / 'file').write_text(text)
        git(folder, 'add', '-A')
        git(folder, 'commit', '-q', '-m', 'Now ' + text.strip())
    return folder


@pytest.fixture
def trap(theirs, tmp_path):
    """What comes to be if a program runs that the settings of *theirs*
    name."""
    sprung = tmp_path / 'sprung'
    program = tmp_path / 'program'
    program.write_text('#!/bin/sh\necho "$0 $*" >>{}\ncat\n'.format(sprung))
    program.chmod(0o755)
    for name in ('core.fsmonitor', 'core.pager', 'pager.log', 'gpg.program',
                 'gpg.ssh.program', 'core.sshCommand', 'diff.external',
                 'diff.x.textconv', 'diff.x.command', 'filter.x.clean',
                 'filter.x.smudge', 'filter.x.process', 'tar.tar.command',
                 'core.editor', 'core.askPass'):
        git(theirs, 'config', name, str(program))
    git(theirs, 'config', 'log.showSignature', 'true')
    hooks = theirs / '.git' / 'hooks'
    hooks.mkdir(exist_ok=True)
    for name in 'post-index-change', 'post-checkout', 'fsmonitor-watchman':
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    (theirs / '.git' / 'info' / 'attributes').write_text(
        '* diff=x filter=x\n')
    # As if changed: git has to look into it.
    os.utime(theirs / 'file', (1, 1))
    return sprung


def test_the_trap_springs(theirs, trap):
    git(theirs, 'log', '-p')
    assert 'program' in trap.read_text()


def test_log(theirs, trap):
    found = list(causes.downstream(str(theirs), ['file']))
    assert [name.split(' ', 1)[1] for name, _ in found] == [
        'Now one', 'Now two']
    assert all(len(name.split()[0]) == 12 for name, _ in found)
    assert '-one\n+two\n' in found[1][1]
    assert not trap.exists()


def test_files(theirs, trap):
    assert tree.source_files(theirs) == ['file']
    assert not trap.exists()
    (theirs / 'file').write_text('three\n')
    assert foreignrepo.files(theirs) == (['file'], ' M file\n')
    assert not trap.exists()


def test_archive(theirs, trap, tmp_path, monkeypatch):
    monkeypatch.setenv('PEP543', str(theirs))
    commit = gitrepo.look(theirs, 'rev-parse', 'HEAD').stdout.decode()
    sources.unpack_checkout(definition.Checkout(
        'PEP543', 'https://example.org/it', commit.strip(), []),
        tmp_path / 'new')
    assert (tmp_path / 'new' / 'file').read_text() == 'two\n'
    assert not trap.exists()


def test_mode_of_files(theirs):
    """On a file system that has none, git was told so."""
    (theirs / 'file').chmod(0o755)
    assert foreignrepo.files(theirs)[1] == ' M file\n'
    git(theirs, 'config', 'core.fileMode', 'false')
    assert foreignrepo.files(theirs)[1] == ''


def test_work_tree_of_another(theirs, tmp_path):
    """Its objects are in the repository that it was made of."""
    git(theirs, 'worktree', 'add', '-q', str(tmp_path / 'more'))
    assert foreignrepo.files(tmp_path / 'more') == (['file'], '')
    assert len(list(causes.downstream(str(tmp_path / 'more'), ['file']))) == 2


@pytest.fixture
def refused(theirs, monkeypatch):
    """git takes *theirs* for another user's."""
    environ = gitrepo._environ
    monkeypatch.setattr(gitrepo, '_environ', lambda *prefixes: dict(
        environ(*prefixes), GIT_TEST_ASSUME_DIFFERENT_OWNER='1'))


def test_of_another_user(theirs, trap, refused):
    """In a container a user's checkout is built by root."""
    assert len(list(causes.downstream(str(theirs), ['file']))) == 2
    assert tree.source_files(theirs) == ['file']
    assert not trap.exists()


def test_unreadable(theirs, capsys):
    (theirs / '.git' / 'HEAD').write_text('nonsense\n')
    assert list(causes.downstream(str(theirs), ['file'])) == []
    assert 'its commits are not looked at' in capsys.readouterr().out
    text = failing(lambda: tree.source_files(theirs), capsys)
    assert 'git cannot read' in text


def test_our_checkout_of_another_user(theirs, refused):
    assert gitrepo.git(theirs, 'ls-files').stdout == 'file\n'


@pytest.mark.parametrize('call', [
    lambda folder: gitrepo.git(folder, 'ls-files').stdout.split(),
    lambda folder: foreignrepo.files(folder)[0]])
def test_in_a_hook(theirs, tmp_path, monkeypatch, call):
    """git tells its hooks by variables which repository it is about."""
    for name in 'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE':
        monkeypatch.setenv(name, str(tmp_path / 'other'))
    monkeypatch.setenv('GIT_OBJECT_DIRECTORY', str(tmp_path))
    assert call(theirs) == ['file']
