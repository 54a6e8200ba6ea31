"""A tarball whose bytes depend on its content alone."""

import io
import subprocess
import tarfile

from scripts.base import console


def _member(name, data, mode, mtime):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = mode
    info.mtime = mtime
    info.uname = info.gname = 'root'
    return info


def tar_bytes(top, files, mtime):
    """A tar archive (bytes) of *files*, {path: bytes}, below the folder
    *top* (str), all from *mtime* (seconds since 1970)."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode='w',
                      format=tarfile.USTAR_FORMAT) as archive:
        # Code points: the order of LC_ALL=C sort.
        for path in sorted(files):
            info = _member('{}/{}'.format(top, path), files[path], 0o644,
                           mtime)
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
