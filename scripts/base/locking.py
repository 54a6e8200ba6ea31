"""One process at a time in a folder under build/."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from scripts.base import console
from scripts.base.aliases import AnyPath


@contextlib.contextmanager
def lock(path: AnyPath) -> Iterator[None]:
    """Hold the lock file *path* (Path).

    It ends with the process, however that ends, and with the commands that
    console.run() started: a compiler that outlives a killed make keeps the
    next one waiting instead of working on the same files.
    """
    file = _open(Path(path))
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.note('waiting: another make works in {}'.format(
                Path(path).parent))
            fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(file, path):
            break
        # "make clean" took the folder away meanwhile.
        file.close()
        file = _open(Path(path))
    with file:
        os.set_inheritable(file.fileno(), True)
        yield


def _open(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, 'w')
    except OSError as error:
        if error.errno in console.NO_ROOM:
            raise
        console.fail('cannot write to {}: {}'.format(
                         path.parent, error.strerror),
                     'run make as the user who owns the checkout')


def _is_at(file: IO[str], path: AnyPath) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def all_below(folder: Path) -> Iterator[None]:
    """Hold the lock files that are in *folder* or two folders below.  One
    that another process holds ends the program: to wait for it with others
    in hand might be to wait for ever."""
    with contextlib.ExitStack() as stack:
        for path in sorted(found for depth in ('', '*/', '*/*/')
                           for found in folder.glob(depth + '*lock')):
            if path.suffix not in ('', '.lock') or not path.is_file():
                continue
            file = stack.enter_context(open(path))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                console.fail('another make works in {}'.format(path.parent),
                             'wait until it has ended, or end it')
        yield
