"""Tarballs whose bytes depend on names, contents, links and the owner's
permissions alone."""

import gzip
import io
import os
import subprocess
import tarfile
from pathlib import Path

from scripts.base import console


def _neutral(info, seconds):
    """*info* (TarInfo), of nobody in particular and from *seconds*."""
    info.mtime = seconds
    info.uid = info.gid = 0
    info.uname = info.gname = 'root'
    executable = info.isdir() or info.mode & 0o100
    info.mode = 0o777 if info.issym() else 0o755 if executable else 0o644
    return info


def tar_bytes(top, files, seconds):
    """A tar archive (bytes) of *files*, {path: bytes}, below the folder
    *top* (str), all from *seconds* (since 1970)."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode='w',
                      format=tarfile.USTAR_FORMAT) as archive:
        # Code points: the order of LC_ALL=C sort.
        for path in sorted(files):
            info = _neutral(tarfile.TarInfo('{}/{}'.format(top, path)),
                            seconds)
            info.size = len(files[path])
            archive.addfile(info, io.BytesIO(files[path]))
    return output.getvalue()


def compressed(data):
    """*data* (bytes) as gzip -9n writes it: no name and no time.

    The program, because Python's zlib is another one on some systems and
    compresses to other bytes.
    """
    try:
        return subprocess.run(['gzip', '-9', '-n', '-c'], input=data,
                              stdout=subprocess.PIPE, check=True).stdout
    except FileNotFoundError:
        return console.fail('gzip is not installed', 'install it: its '
                            'package is called gzip everywhere')


def pack(root, top, archive, seconds):
    """Write *archive* (Path, .tar.gz) of the folder *root* (Path), which is
    called *top* (str) in it; all is from *seconds* (since 1970)."""
    part = archive.with_name(archive.name + '.part')
    part.parent.mkdir(parents=True, exist_ok=True)
    paths = sorted(root.rglob('*'), key=lambda path: os.fsencode(str(path)))
    with open(part, 'wb') as raw, \
            gzip.GzipFile('', 'wb', 6, raw, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode='w',
                         format=tarfile.GNU_FORMAT) as tar, \
            console.Progress('packing') as progress:
        for number, path in enumerate([root] + paths):
            # A second name of a file would be a hard link, or not, as the
            # installation had it: each is a file of its own here.
            tar.inodes = {}
            progress.update('{} of {}'.format(number, len(paths)))
            tar.add(path, str(Path(top, path.relative_to(root))),
                    recursive=False,
                    filter=lambda info: _neutral(info, seconds))
    os.replace(part, archive)
