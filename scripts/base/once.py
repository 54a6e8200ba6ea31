"""What is made once, and again when it would be made of something else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts.base import files, locking


def made(target: Path, made_of: str) -> Iterator[None]:
    """For a loop whose body makes *target*, a file or folder that is not
    there.  It runs once, or never if *target* was made of *made_of* before;
    where the body ends early, *target* does not count as made."""
    stamp, lock = (target.with_name(target.name + end)
                   for end in ('.made-of', '.lock'))

    def is_there() -> bool:
        return files.read(stamp) == made_of and target.exists()

    if is_there():
        return
    with locking.lock(lock):
        if is_there():
            return      # another make has made it meanwhile
        stamp.unlink(missing_ok=True)
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        target.unlink(missing_ok=True)
        yield
        files.write(stamp, made_of)
