"""One file over HTTP(S) or FTP, resumed where an earlier try ended."""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from scripts.base import console

TIMEOUT = 20        # seconds, to connect and between two pieces
_PIECE = 1 << 16    # bytes

#: What urllib raises where a file cannot be had: also for what a proxy's
#: variable says, and for an answer that is no HTTP.
FAILURES = (OSError, ValueError, http.client.HTTPException)


class DownloadError(Exception):
    """The file could not be had; the message says why."""


def part_file(target: Path) -> Path:
    """Where the bytes are kept while *target* (Path) is incomplete."""
    return target.with_name(target.name + '.part')


def _request(url: str, start: int) -> urllib.request.Request:
    headers = {'User-Agent': 'python2.7-memorybio'}
    if start:
        headers['Range'] = 'bytes={}-'.format(start)
    return urllib.request.Request(url, headers=headers)


def _resumed_at(response: Any, start: int) -> int:
    """The offset at which the *response*'s bytes begin."""
    match = re.match(r'bytes (\d+)-', response.headers.get(
        'Content-Range', ''))
    if response.status == 206 and match and int(match[1]) == start:
        return start
    return 0


def download(url: str, target: Path, size: int,
             timeout: float = TIMEOUT) -> tuple[Path, bool]:
    """Fetch *url* into the part file of *target* until it has *size* bytes.

    Returns the part file's Path and whether an earlier one was continued.
    The caller verifies and renames it.  DownloadError says what failed;
    what did come stays for the next try.
    """
    part = part_file(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    start = part.stat().st_size if part.exists() else 0
    if start >= size:
        part.unlink()
        start = 0
    try:
        with urllib.request.urlopen(_request(url, start),
                                    timeout=timeout) as response:
            start = _resumed_at(response, start)
            _copy(response, part, start, size)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            part.unlink()
        raise DownloadError('the server answered {} {}'.format(
            error.code, error.reason)) from None
    except urllib.error.URLError as error:
        raise DownloadError(str(error.reason)) from None
    except FAILURES as error:
        if getattr(error, 'errno', None) in console.NO_ROOM:
            raise       # no other source helps
        raise DownloadError(str(error) or type(error).__name__) from None
    return part, bool(start)


def _copy(response: Any, part: Path, start: int, size: int) -> None:
    if start:
        console.note('continuing at {} of {}'.format(
            console.size_text(start), console.size_text(size)))
    with open(part, 'r+b' if start else 'wb') as output, \
            console.Progress('downloading ' + part.stem) as progress:
        output.seek(start)
        while True:
            piece = response.read(_PIECE)
            if not piece:
                break
            output.write(piece)
            if output.tell() > size:
                output.close()
                os.unlink(part)
                raise DownloadError(
                    'more came than the pinned {} bytes'.format(size))
            progress.update('{} of {}'.format(
                console.size_text(output.tell()), console.size_text(size)))
        seen = output.tell()
    if seen < size:
        raise DownloadError('the connection ended after {} of {} bytes; '
                            'what came is kept'.format(seen, size))
