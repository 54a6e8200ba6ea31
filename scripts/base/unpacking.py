"""Archives, unpacked for the one who unpacks them."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from typing import IO, Any

from scripts.base.aliases import AnyPath


def _as_ours(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members of *archive*, without the owners that it names: root would
    give the files to them, and they could change what root builds."""
    for member in archive:
        member.uid, member.gid = os.geteuid(), os.getegid()
        member.uname = member.gname = ''
        member.mode &= 0o755
        yield member


def unpack(archive: AnyPath | IO[bytes], folder: AnyPath,
           pinned: bool = False) -> None:
    """Unpack *archive*, a path or an open file, into *folder*.

    pinned: its checksum is ours, so that a link in it may lead anywhere.
    tarfile.TarError, EOFError or OSError where it cannot be unpacked.
    """
    is_path = isinstance(archive, (str, os.PathLike))
    given: dict[str, Any] = {'name' if is_path else 'fileobj': archive}
    with tarfile.open(**given) as tar:
        # Pythons from before the filters have none.
        name = 'tar_filter' if pinned else 'data_filter'
        if hasattr(tarfile, name):
            tar.extraction_filter = getattr(tarfile, name)
        tar.extractall(folder, _as_ours(tar))
