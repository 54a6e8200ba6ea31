"""The sdist: the overlay's source, to be built against the host's OpenSSL."""

from scripts.dev.overlay import wheelfile
from scripts.dev.package import archive


def write(source, version, target, seconds):
    """Write the sdist of *source* (Path) into the folder *target* (Path); its
    bytes depend on names and contents alone.

    version: str.  seconds: the time that all in it gets.  Returns its Path.
    """
    top = 'ssl-overlay-{}'.format(version)
    # pip takes what it needs out of this.
    (source / 'PKG-INFO').write_text(wheelfile.METADATA.format(
        version=version, description=wheelfile.description(source)))

    path = target / (top + '.tar.gz')
    archive.pack(source, top, path, seconds)
    return path
