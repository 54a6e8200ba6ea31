"""One process at a time in a folder under build/."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from scripts.base import console
from scripts.base.aliases import AnyPath


@contextlib.contextmanager
def lock(path: AnyPath) -> Iterator[None]:
    """Hold the lock file *path* (Path).

    It ends with the process, however that ends, and with the commands that
    console.run() started: a compiler that outlives a killed make keeps the
    next one waiting instead of working on the same files.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, 'w')
    except OSError as error:
        if error.errno in console.NO_ROOM:
            raise
        console.fail('cannot write to {}: {}'.format(
                         path.parent, error.strerror),
                     'run make as the user who owns the checkout')
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.note('waiting: another make works in {}'.format(
                path.parent))
            fcntl.flock(file, fcntl.LOCK_EX)
        os.set_inheritable(file.fileno(), True)
        yield
