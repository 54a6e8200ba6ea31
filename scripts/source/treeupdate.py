"""Bring a built tree to another state of the series, keeping what was built.

Only files that the old or the new patches touch can differ; quilt has a
copy of each of them in ``.pc``.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

#: Files whose change the makefile or setup.py notices by itself, or which
#: are not compiled.  After a change of any other, all is built anew.
_TRACKED_FOLDERS = ('Modules', 'Lib', 'Doc', 'Misc', 'Tools', 'Demo')
_TRACKED_FILES = ('setup.py', 'README')
#: Headers of _ssl, which build.rebuild() always compiles anew.
_SSL_HEADERS = ('Modules/_ssl_data.h', 'Modules/socketmodule.h')


def touched(tree: Path) -> set[str]:
    """The files that the patches applied to *tree* (Path) touch: a set of
    str, relative to it."""
    names: set[str] = set()
    for folder, _, files in os.walk(tree / '.pc'):
        parts = Path(folder).relative_to(tree / '.pc').parts
        names.update(str(Path(*parts[1:], name)) for name in files
                     if parts and name != '.timestamp')
    return names


def is_tracked(name: str) -> bool:
    """True if no full build is needed after a change of the file *name*."""
    if name in _SSL_HEADERS or name in _TRACKED_FILES:
        return True
    return Path(name).parts[0] in _TRACKED_FOLDERS and not name.endswith(
        ('.h', '.in', 'Setup.dist'))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _lacks(tree: Path, new: Path, patched: set[str]) -> bool:
    """True if somebody has removed files of *tree* that no patch touches,
    so that copying those of *patched* (str) would leave half a tree."""
    for folder, _, names in os.walk(new):
        inside = Path(folder).relative_to(new)
        if inside.parts[:1] != ('.pc',) and any(
                str(inside / name) not in patched and
                not os.path.lexists(tree / inside / name) for name in names):
            return True
    return False


def update(tree: Path, new: Path) -> bool:
    """Change the files of *tree* to those of the freshly made tree *new*
    (Paths).  Returns False, with nothing changed, if that is not enough."""
    patched = touched(tree) | touched(new)
    changed = sorted(name for name in patched
                     if _bytes(tree / name) != _bytes(new / name))
    if not all(map(is_tracked, changed)) or _lacks(tree, new, patched):
        return False
    for name in changed:
        _remove(tree / (name + 'c'))    # compiled, where it is a .py
        _remove(tree / name)
        if (new / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            # Not copy2: it has to be newer than what was built from it.
            shutil.copy(new / name, tree / name)
    shutil.rmtree(tree / '.pc', ignore_errors=True)
    if (new / '.pc').exists():
        os.replace(new / '.pc', tree / '.pc')
    return True


def _remove(path: Path) -> None:
    if path.exists():
        path.unlink()
