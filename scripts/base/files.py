"""Files that are either the old ones or the new ones, and what is in them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from scripts.base.aliases import AnyPath


def read(path: AnyPath) -> str:
    """The text of the file *path*, '' where there is none."""
    try:
        return Path(path).read_text()
    except OSError:
        return ''


def write(path: AnyPath, text: str | bytes) -> None:
    """Write *text* (str or bytes) to the file *path* all at once; its folder
    is made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    if isinstance(text, bytes):
        part.write_bytes(text)
    else:
        part.write_text(text)
    os.replace(part, path)


def write_json(path: AnyPath, value: object) -> None:
    """Write *value* as JSON to the file *path* all at once."""
    write(path, json.dumps(value, indent=1) + '\n')


def sha256_of(path: AnyPath) -> str:
    """The hexadecimal sha256 of the file at *path*."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            digest.update(block)
    return digest.hexdigest()
