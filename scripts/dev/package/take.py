"""The release, unpacked as a packager would: the $TAKE of the pages."""

import shutil

from scripts.base import console, paths, unpacking
from scripts.dev.package import release, release_files


def unpack(folder, tarball=None, name=None):
    """Unpack *tarball* (Path; by default that of build/dist) into *folder*
    (Path); returns the Path of what docs/packaging/ calls $TAKE."""
    if tarball is None:
        name = release_files.stem(release.read())
        tarball = paths.BUILD / 'dist' / (name + '.tar.gz')
    if not tarball.exists():
        console.fail('no {}'.format(tarball), '"make dist" writes it')
    shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    unpacking.unpack(tarball, folder)
    return folder / name
