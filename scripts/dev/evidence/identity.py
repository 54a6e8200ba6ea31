"""What a proof is about: the state of the series, and of the tests."""

import hashlib

from scripts.base import paths
from scripts.dev.patchfile import Patch

_LENGTH = 12        # digits of an id
_NOT_PRODUCT = ('Lib/test/', 'Doc/', 'Misc/')


def _without_places(diff):
    """The lines of *diff* (str) without numbers of lines: what "git patch-id
    --stable" sees, and white space, which means something in Python."""
    for line in diff.splitlines():
        if line.startswith('@@ '):
            yield '@@'
        elif not line.startswith(('index ', 'Index: ', 'diff ')):
            yield line


def series(names, folder=paths.PATCHES_DIR):
    """The id (str) of the patches *names* in *folder* (Path).  It stays when
    a header's prose changes, or the place of a hunk."""
    return _digest(Patch.read(str(folder / name), name).diff
                   for name in names)


def product(names, folder=paths.PATCHES_DIR):
    """The id (str) of what the patches *names* change outside tests,
    documentation and news: of what runs in the programs of users."""
    return _digest(str(file) for name in names
                   for file in Patch.read(str(folder / name), name).files
                   if not file.path.startswith(_NOT_PRODUCT))


def _digest(diffs):
    digest = hashlib.sha256()
    for diff in diffs:
        digest.update('\n'.join(_without_places(diff)).encode() + b'\0')
    return digest.hexdigest()[:_LENGTH]


def _files(path):
    if path.is_file():
        return [path]
    return [found for found in path.rglob('*') if found.is_file() and
            found.suffix != '.pyc' and not any(
                part.startswith(('.', '__pycache__'))
                for part in found.relative_to(path).parts)]


def tests(places, root=paths.ROOT):
    """The id (str) of the tests in *places* (str list, files and folders
    below *root*), '' if there is none: those of the series are in its id."""
    if not places:
        return ''
    digest = hashlib.sha256()
    for path in sorted(found for place in places
                       for found in _files(root / place)):
        digest.update('{}\0'.format(path.relative_to(root)).encode())
        digest.update(path.read_bytes() + b'\0')
    return digest.hexdigest()[:_LENGTH]
