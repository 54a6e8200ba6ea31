"""The sdist: the overlay's source, to be built against the host's OpenSSL."""

import gzip
import os
import tarfile

from scripts.dev.overlay import wheelfile


def write(source, version, target, seconds):
    """Write the sdist of *source* (Path) into the folder *target* (Path); its
    bytes depend on names and contents alone.

    version: str.  seconds: the time that all in it gets.  Returns its Path.
    """
    top = 'ssl-overlay-{}'.format(version)
    # pip takes what it needs out of this.
    (source / 'PKG-INFO').write_text(wheelfile.METADATA.format(
        version=version, description=wheelfile.description(source)))

    def neutral(info):
        info.mtime = seconds
        info.uid = info.gid = 0
        info.uname = info.gname = 'root'
        info.mode = 0o755 if info.isdir() else 0o644
        return info

    target.mkdir(parents=True, exist_ok=True)
    archive = target / (top + '.tar.gz')
    part = archive.with_name(archive.name + '.part')
    with open(part, 'wb') as raw, \
            gzip.GzipFile('', 'wb', 9, raw, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode='w',
                         format=tarfile.GNU_FORMAT) as tar:
        for path in [source] + sorted(source.rglob('*')):
            tar.add(path, os.path.join(top, path.relative_to(source)),
                    recursive=False, filter=neutral)
    os.replace(part, archive)
    return archive
