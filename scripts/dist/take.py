"""The release, unpacked as a packager would: the $TAKE of the pages."""

import shutil
import tarfile

import console
import makedist
from dist import release as releases, release_files


def unpack(folder):
    """Unpack the tarball of build/dist into *folder* (Path); returns the
    Path of what docs/packaging/ calls $TAKE."""
    name = release_files.stem(releases.read())
    tarball = makedist.DIST / (name + '.tar.gz')
    if not tarball.exists():
        console.fail('no {}'.format(tarball), '"make dist" writes it')
    shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tarball) as archive:
        if hasattr(tarfile, 'data_filter'):
            archive.extraction_filter = staticmethod(tarfile.data_filter)
        archive.extractall(folder)
    return folder / name
