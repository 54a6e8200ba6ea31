"""unpacking: whose the files are."""

import io
import os
import stat
import tarfile

import pytest

from scripts.base import unpacking
from scripts.base.paths import SCRIPTS


def packed(path, **fields):
    """A tarball at *path* with a folder and a file whose TarInfo has
    *fields*."""
    with tarfile.open(path, 'w:gz') as tar:
        for name, type_ in (('top', tarfile.DIRTYPE),
                            ('top/file', tarfile.REGTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.mode = type_, 0o777
            for item in fields.items():
                setattr(info, *item)
            tar.addfile(info, io.BytesIO())
    return path


@pytest.mark.parametrize('pinned', [True, False])
@pytest.mark.parametrize('filters', [True, False])
def test_owner(tmp_path, monkeypatch, pinned, filters):
    """Also for root, and with Pythons that have no filters."""
    if not filters:
        for name in 'data_filter', 'tar_filter':
            monkeypatch.delattr(tarfile, name, raising=False)
    archive = packed(tmp_path / 'a.tgz', uid=12345, gid=12345,
                     uname='daemon', gname='daemon')
    asked = []
    chown = tarfile.TarFile.chown

    def seen(self, info, *rest, **more):
        asked.append((info.uid, info.gid, info.uname, info.gname))
        return chown(self, info, *rest, **more)

    monkeypatch.setattr(tarfile.TarFile, 'chown', seen)
    unpacking.unpack(archive, tmp_path / 'to', pinned=pinned)
    assert asked
    for uid, gid, uname, gname in asked:
        assert uid in (None, os.geteuid()) and gid in (None, os.getegid())
        assert not uname and not gname
    for name in 'top', 'top/file':
        found = (tmp_path / 'to' / name).stat()
        assert (found.st_uid, found.st_gid) == (os.geteuid(), os.getegid())
        assert not stat.S_IMODE(found.st_mode) & 0o022


def test_open_file(tmp_path):
    data = packed(tmp_path / 'a.tgz').read_bytes()
    unpacking.unpack(io.BytesIO(data), str(tmp_path / 'to'))
    assert (tmp_path / 'to' / 'top' / 'file').exists()


def test_links(tmp_path):
    """What is not pinned must not lead out of the folder."""
    if not hasattr(tarfile, 'data_filter'):
        pytest.skip('this Python has no filters')
    archive = packed(tmp_path / 'a.tgz', type=tarfile.SYMTYPE,
                     linkname='/etc')
    with pytest.raises(tarfile.TarError):
        unpacking.unpack(archive, tmp_path / 'to')


def test_nobody_else_unpacks():
    """extractall() of its own would give files away again."""
    for path in SCRIPTS.rglob('*.py'):
        if 'tests' not in path.parts and path.name != 'unpacking.py':
            text = path.read_text()
            assert 'extractall(' not in text, path
            assert 'unpack_archive(' not in text, path
