"""What the files of an interpreter are, before and after."""

import os

from scripts.base import files


def digests(folder):
    """{name: sha256, or where a link leads to} of all files below *folder*
    (Path) but byte code."""
    found = {}
    for path in folder.rglob('*'):
        name = str(path.relative_to(folder))
        if path.suffix in ('.pyc', '.pyo'):
            continue
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = files.sha256_of(path)
    return found


def differences(before, after):
    """The names (sorted list of str) that are not the same in *before* and
    *after*, as digests() returned them."""
    return sorted(name for name in set(before) | set(after)
                  if before.get(name) != after.get(name))
