"""tree: patched trees, whole or not there."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time

import pytest

from scripts.series import quilt
from scripts.source import tree, treeupdate
from scripts.tests import minicheckout
from scripts.tests.failing import failing


@pytest.fixture
def checkout(tmp_path):
    return minicheckout.Checkout(tmp_path)


def prepare(checkout, dest, *names, **options):
    tree.prepare_tree(dest, list(names or minicheckout.PATCHES),
                      options.pop('source', checkout.source),
                      checkout.patches, **options)
    return dest


def git(folder, *args):
    return subprocess.run(
        ('git', '-c', 'user.name=T', '-c', 'user.email=t@example.org') + args,
        cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_from_a_folder(checkout, tmp_path, capsys):
    dest = prepare(checkout, tmp_path / 'work' / 'src')
    assert 'long line_5;' in (dest / 'Modules/_ssl.c').read_text()
    assert os.access(dest / 'configure', os.X_OK)
    assert sorted(os.listdir(dest.parent)) == ['src', 'src.series']
    assert '3 patches applied' in capsys.readouterr().out
    # The source is as it was.
    assert (checkout.source / 'Modules/_ssl.c').read_text() == \
        minicheckout.FILES['Modules/_ssl.c']


@pytest.mark.parametrize('make', ['unpack', 'copy'])
def test_belongs_to_who_builds(checkout, tmp_path, make):
    """Nobody else may change what root builds."""
    (checkout.source / 'Lib/ssl.py').chmod(0o666)
    if not os.geteuid():
        os.chown(checkout.source / 'Lib/ssl.py', 12345, 12345)
    source = packed(checkout, tmp_path) if make == 'unpack' else \
        checkout.source
    dest = prepare(checkout, tmp_path / 'src', '0001-base-first.patch',
                   source=source)
    found = (dest / 'Lib/ssl.py').stat()
    assert (found.st_uid, found.st_gid) == (os.geteuid(), os.getegid())
    assert not found.st_mode & 0o022
    assert os.access(dest / 'configure', os.X_OK)


def packed(checkout, tmp_path):
    """The Path of a tarball of the source."""
    tarball = tmp_path / 'source.tgz'
    with tarfile.open(tarball, 'w:gz') as archive:
        archive.add(checkout.source, 'Python-2.7.18')
    return tarball


#: Prepares a tree where no file may become larger than the first argument.
NO_ROOM = '''\
import resource, sys
from pathlib import Path
size, dest, source, patches, *names = sys.argv[1:]
from scripts.base import console
from scripts.source import tree
resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
console.interruptible(lambda: tree.prepare_tree(
    Path(dest), names, Path(source), patches))
'''


def no_room(size, dest, source, checkout):
    """(status, output) of preparing *dest* where there is no room."""
    done = subprocess.run(
        [sys.executable, '-B', '-c', NO_ROOM, str(size), str(dest),
         str(source), str(checkout.patches), *minicheckout.PATCHES],
        cwd=minicheckout.ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize('make', ['unpack', 'copy'])
def test_no_room(checkout, tmp_path, make):
    """A message, and nothing half made: neither at first nor afterwards."""
    dest = tmp_path / 'work' / 'src'
    (checkout.source / 'aardvark').write_text('x' * 30000)
    source = packed(checkout, tmp_path) if make == 'unpack' else \
        checkout.source
    for before in ([], ['src', 'src.series']):
        status, output = no_room(20000, dest, source, checkout)
        assert status == 1 and 'Traceback' not in output
        assert 'error: no room to write to: File too large' in output
        assert 'make room' in output
        assert sorted(os.listdir(dest.parent)) == before
        # It goes on from there once there is room.
        status, output = no_room(10 ** 9, dest, source, checkout)
        assert status == 0, output
    assert (dest / 'aardvark').stat().st_size == 30000


def test_no_room_for_the_patches(checkout, tmp_path, monkeypatch):
    """What quilt says of it is no fault of the patches."""
    def push_all(tree, **options):
        raise quilt.PushError('0001-x.patch', None, None,
                              'patch: No space left on device')

    monkeypatch.setattr(quilt, 'push_all', push_all)
    with pytest.raises(OSError) as caught:
        prepare(checkout, tmp_path / 'work' / 'src')
    assert caught.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path / 'work') == ['src.series']


def test_from_a_tarball(checkout, tmp_path, capsys):
    tarball = packed(checkout, tmp_path)
    dest = prepare(checkout, tmp_path / 'src', '0001-base-first.patch',
                   source=tarball)
    assert (dest / '.pc' / 'applied-patches').read_text() == \
        '0001-base-first.patch\n'
    assert '1 patch applied' in capsys.readouterr().out


def test_without_patches(checkout, tmp_path):
    dest = tmp_path / 'src'
    tree.prepare_tree(dest, [], checkout.source)
    assert not (dest / '.pc').exists()


def test_leftovers_are_replaced(checkout, tmp_path):
    minicheckout.write(tmp_path, {'src/old': '', 'src.partial/old': ''})
    dest = prepare(checkout, tmp_path / 'src')
    assert not (dest / 'old').exists()
    assert not (tmp_path / 'src.partial').exists()


def test_patch_that_does_not_apply(checkout, tmp_path, capsys):
    minicheckout.write(tmp_path, {'src/old': ''})
    (checkout.source / 'Modules/_ssl.c').write_text('int other;\n')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert ('0001-base-first.patch does not apply to Modules/_ssl.c, '
            'hunk #1') in text
    assert (tmp_path / 'src' / 'old').exists()


def test_patch_that_is_not_there(checkout, tmp_path, capsys):
    text = failing(lambda: prepare(checkout, tmp_path / 'src',
                                   '0009-base-none.patch'), capsys)
    assert 'the series names 0009-base-none.patch' in text


def test_patch_that_is_not_there_any_more(checkout):
    (checkout.patches / '0001-base-first.patch').unlink()
    status, output = checkout.run('patch')
    assert status == 1
    assert 'the series names 0001-base-first.patch' in output


@pytest.mark.parametrize('text, message', [
    ('', 'names no patch'), ('0001-base-first.patch\n0009-perf-x.patch\n',
                             "there is no group 'perf'")])
def test_series_that_would_leave_patches_out(checkout, text, message):
    """Not the pristine source, or a part of the patches, as a success."""
    (checkout.root / 'series').write_text(text)
    status, output = checkout.run('patch')
    assert status == 1 and message in output
    assert 'git checkout series' in output
    if not text:
        assert checkout.run('patch', PATCHES='none')[0] == 0


def test_offsets_are_told(checkout, tmp_path, capsys):
    source = checkout.source / 'Modules/_ssl.c'
    source.write_text('/* more */\n' + source.read_text())
    prepare(checkout, tmp_path / 'src')
    assert 'not at its place: 0001-base-first' in capsys.readouterr().out


def test_offsets_of_a_part(checkout, tmp_path, capsys):
    """Where patches are left out there are many: one line."""
    source = checkout.source / 'Modules/_ssl.c'
    source.write_text('/* more */\n' + source.read_text())
    names = list(minicheckout.PATCHES)
    prepare(checkout, tmp_path / 'src', *names[:2])
    output = capsys.readouterr().out
    assert 'as some patches are left out: 2\n' in output
    assert 'not at its place' not in output
    prepare(checkout, tmp_path / 'src', names[2])
    assert 'other lines' not in capsys.readouterr().out


def test_git_checkout(checkout, tmp_path, capsys):
    (checkout.source / 'untracked').write_text('')
    git(checkout.source, 'init', '-q')
    git(checkout.source, 'add', '--all', ':!untracked')
    git(checkout.source, 'commit', '-q', '-m', 'all')
    dest = prepare(checkout, tmp_path / 'src')
    assert not (dest / 'untracked').exists()
    assert not (dest / '.git').exists()

    (checkout.source / 'Lib/ssl.py').write_text('changed\n')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert 'changes that are not committed' in text
    assert 'M Lib/ssl.py' in text
    assert (checkout.source / 'Lib/ssl.py').read_text() == 'changed\n'


def test_broken_git_checkout(checkout, tmp_path, capsys):
    (checkout.source / '.git').write_text('gitdir: /nowhere\n')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert 'git cannot read' in text


def test_git_is_not_installed(checkout, tmp_path, capsys, monkeypatch):
    git(checkout.source, 'init', '-q')
    monkeypatch.setenv('PATH', '/nowhere')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert 'git is not installed' in text


def test_git_checkout_without_files(checkout, tmp_path, capsys):
    """The message is about that, and not about quilt."""
    git(checkout.source, 'init', '-q')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert 'is a git checkout with no files in it' in text
    git(checkout.source, 'add', '--all')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert 'changes that are not committed' in text
    assert 'A  Lib/ssl.py' in text


def test_folder_that_was_built_in(checkout, tmp_path, capsys):
    (checkout.source / 'pyconfig.h').write_text('')
    text = failing(lambda: prepare(checkout, tmp_path / 'src'), capsys)
    assert 'was configured, built or patched before' in text


def test_source_id(checkout, tmp_path):
    first = tree.source_id(checkout.source)
    assert tree.source_id(checkout.source) == first
    (checkout.source / 'Lib/ssl.py').write_text('changed\n')
    second = tree.source_id(checkout.source)
    (checkout.source / 'link').symlink_to('Lib')
    (checkout.source / 'file-link').symlink_to('nowhere')
    third = tree.source_id(checkout.source)
    assert len({first, second, third}) == 3


@pytest.mark.parametrize('make, message', [
    (lambda path: None, 'there is no such file or folder'),
    (lambda path: path.mkdir(), 'is not a CPython source folder'),
    (lambda path: path.write_bytes(b'x'), 'expected size 17539408'),
    (lambda path: minicheckout.write(path, {
        'Include/patchlevel.h': '#define PY_VERSION "2.7.17"\n'}),
     'is CPython 2.7.17, not 2.7.18'),
    (lambda path: minicheckout.write(path, {'Include/patchlevel.h': '\n'}),
     'is CPython unknown'),
])
def test_bad_cpython(tmp_path, capsys, make, message):
    path = tmp_path / 'given'
    make(path)
    text = failing(lambda: tree.find_source(str(path)), capsys)
    assert message in text and str(path) in text


def test_good_cpython(checkout):
    assert tree.find_source(str(checkout.source)) == checkout.source


def test_patch_script(checkout):
    status, output = checkout.run('patch')
    assert status == 0, output
    assert '3 patches applied' in output
    status, output = checkout.run('patch')
    assert status == 0 and 'is up to date' in output
    assert 'applied' not in output


def test_groups(checkout):
    status, output = checkout.run('patch', PATCHES='base')
    assert status == 0 and '1 patch applied' in output
    assert checkout.folder(PATCHES='base').name.startswith('default-base')


def test_changed_patch_makes_the_tree_anew(checkout):
    checkout.run('patch')
    patch = checkout.patches / '0001-base-first.patch'
    patch.write_text(patch.read_text().replace('long', 'short'))
    status, output = checkout.run('patch')
    assert status == 0 and '3 patches applied' in output
    assert 'short line_5' in (
        checkout.folder() / 'src/Modules/_ssl.c').read_text()


@pytest.mark.parametrize('removed', ['the folder', 'all but .pc'])
def test_somebody_removed_the_tree(checkout, removed):
    """To save room, say; what made it is still beside it."""
    checkout.run('patch')
    src = checkout.folder() / 'src'
    for path in [src] if removed == 'the folder' else list(src.iterdir()):
        if path.name != '.pc':
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    status, output = checkout.run('patch')
    assert status == 0, output
    for name in minicheckout.FILES:
        assert (src / name).exists()


def test_bad_series(checkout):
    checkout.series('nonsense')
    status, output = checkout.run('patch')
    assert status == 1 and 'nonsense' in output
    (checkout.root / 'series').unlink()
    status, output = checkout.run('patch')
    assert status == 1 and 'no series file' in output


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM,
                                    signal.SIGINT])
def test_interrupted(checkout, number):
    """Whenever it is interrupted, the next run gives a whole tree."""
    for delay in (0.05, 0.1, 0.15, 0.2, 0.3):
        process = checkout.start('patch')
        time.sleep(delay)
        os.killpg(process.pid, number)
        process.communicate()
        status, output = checkout.run('patch')
        assert status == 0, output
        src = checkout.folder() / 'src'
        assert (src / '.pc' / 'applied-patches').read_text().split() == \
            list(minicheckout.PATCHES)
        assert 'two = 22' in (src / 'Lib/ssl.py').read_text()
        assert not (src.parent / 'src.partial').exists()
        patch = checkout.patches / '0001-base-first.patch'
        patch.write_text('# {}\n'.format(delay) + patch.read_text())


class TestUpdate:

    def update(self, checkout, dest, *names):
        before = (dest / 'configure').stat().st_ino
        prepare(checkout, dest, *names, update=True)
        return (dest / 'configure').stat().st_ino == before

    def test_changed_files_are_copied(self, checkout, tmp_path):
        dest = prepare(checkout, tmp_path / 'src')
        minicheckout.write(dest, {'built': '', 'Lib/ssl.pyc': ''})
        before = (dest / 'Modules/_ssl.c').stat().st_mtime_ns
        assert self.update(checkout, dest, '0001-base-first.patch',
                           '0201-pep546-second.patch')
        assert (dest / 'built').exists()
        assert 'two = 2\n' in (dest / 'Lib/ssl.py').read_text()
        assert not (dest / 'Lib/ssl.pyc').exists()
        assert (dest / 'Modules/_ssl.c').stat().st_mtime_ns == before
        assert len((dest / '.pc/applied-patches').read_text().split()) == 2
        assert not (tmp_path / 'src.partial').exists()

    def test_no_patches_left(self, checkout, tmp_path):
        dest = prepare(checkout, tmp_path / 'src')
        tree.prepare_tree(dest, [], checkout.source, update=True)
        assert not (dest / '.pc').exists()
        assert (dest / 'Modules/_ssl.c').read_text() == \
            minicheckout.FILES['Modules/_ssl.c']

    def test_new_file_comes_and_goes(self, checkout, tmp_path):
        dest = prepare(checkout, tmp_path / 'src')
        name = '0203-pep546-new.patch'
        (checkout.patches / name).write_text(
            '--- /dev/null\n+++ b/Misc/NEWS.d/new.rst\n@@ -0,0 +1 @@\n+x\n')
        assert self.update(checkout, dest, *list(minicheckout.PATCHES) +
                           [name])
        assert (dest / 'Misc/NEWS.d/new.rst').read_text() == 'x\n'
        assert self.update(checkout, dest, *minicheckout.PATCHES)
        assert not (dest / 'Misc/NEWS.d/new.rst').exists()

    @pytest.mark.parametrize('lost', ['Include/patchlevel.h', '.'])
    def test_lost_file_makes_it_anew(self, checkout, tmp_path, lost):
        """Also one that no patch touches; without that, a built tree whose
        folder was removed became one of the patched files only."""
        dest = prepare(checkout, tmp_path / 'src')
        minicheckout.write(dest, {'built': ''})
        if lost == '.':
            shutil.rmtree(dest)
        else:
            (dest / lost).unlink()
        prepare(checkout, dest, '0001-base-first.patch', update=True)
        assert not (dest / 'built').exists()
        for name in minicheckout.FILES:
            assert (dest / name).exists()

    def test_header_of_the_core(self, checkout, tmp_path):
        dest = prepare(checkout, tmp_path / 'src')
        name = '0203-pep546-header.patch'
        (checkout.patches / name).write_text(
            '--- /dev/null\n+++ b/Include/new.h\n@@ -0,0 +1 @@\n+x\n')
        assert not self.update(checkout, dest,
                               *list(minicheckout.PATCHES) + [name])
        assert (dest / 'Include/new.h').exists()

    def test_tracked(self):
        for name in ('Modules/_ssl.c', 'Modules/_ssl_data.h', 'Lib/ssl.py',
                     'setup.py', 'Doc/library/ssl.rst'):
            assert treeupdate.is_tracked(name)
        for name in ('Modules/other.h', 'Include/Python.h', 'configure',
                     'Modules/Setup.dist', 'Makefile.pre.in',
                     'Python/sysmodule.c'):
            assert not treeupdate.is_tracked(name)
