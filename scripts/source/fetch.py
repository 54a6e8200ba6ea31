"""Fetch a pinned tarball and make sure that it is the one that was meant.

Order of the sources: the DISTFILES folder, the cache, the upstream address,
the distribution's source package.  Size and sha256 are checked whatever the
source is, before anything is unpacked.
"""

from __future__ import annotations

import os
import re
import subprocess
import urllib.request
from pathlib import Path

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.base.aliases import Environ
from scripts.source import aptsource, download, pins


def cache_dir(environ: Environ = os.environ) -> Path:
    """Where fetched tarballs are kept: CACHE, or build/cache."""
    return Path(options.CACHE.read(environ) or paths.BUILD / 'cache')


def _from_distfiles(pin: pins.Pin, environ: Environ) -> Path | None:
    """The tarball in DISTFILES, or None.  A wrong one ends the program."""
    folder = options.DISTFILES.read(environ)
    if not folder:
        return None
    if not os.path.isdir(folder):
        console.fail('DISTFILES={}: there is no such folder'.format(folder),
                     'make it and put {} there, or leave DISTFILES out'
                     .format(pin.file))
    for name in pin.file_names:
        path = Path(folder, name)
        if path.exists():
            verify_given(pin, path, 'DISTFILES')
            return path
    console.note('DISTFILES has no {}; trying the next source'.format(
        ' or '.join(pin.file_names)))
    return None


def verify_given(pin: pins.Pin, path: Path, variable: str) -> None:
    """Check a file the user pointed to; ends the program if it is not
    the pinned one, as trying something else would hide it."""
    try:
        pin.verify(path)
    except (pins.MismatchError, OSError) as error:
        console.fail(str(error),
                     'nothing was unpacked. Replace the file by the true one '
                     '({}),\nor leave {} out to have it fetched'.format(
                         pin.url, variable))


def _from_cache(pin: pins.Pin, cache: Path) -> Path | None:
    """The tarball in the folder *cache*, or None.  What was kept there and
    is corrupt is removed."""
    for name in pin.file_names:
        path = cache / name
        if path.is_dir():
            console.fail('{} is a folder'.format(path),
                         'remove or rename it: the file of that name belongs '
                         'there')
        if not path.exists():
            continue
        try:
            pin.verify(path)
        except pins.MismatchError as error:
            console.note('the file in the cache is damaged: {}'.format(error))
            if name == pin.file:
                path.unlink()
            continue
        return path
    return None


def _accept(pin: pins.Pin, part: Path, cached: Path) -> None:
    """Move *part* to *cached* if it is the pinned file, else remove it."""
    try:
        pin.verify(part)
    except pins.MismatchError:
        part.unlink()
        raise
    os.replace(part, cached)


def _from_upstream(pin: pins.Pin, cached: Path, timeout: float) -> None:
    console.note('from ' + pin.url)
    part, resumed = download.download(pin.url, cached, pin.size, timeout)
    try:
        _accept(pin, part, cached)
    except pins.MismatchError:
        if not resumed:
            raise
        # The first part may have been of another file: once from the start.
        console.note('the continued download is damaged; from the start')
        part, _ = download.download(pin.url, cached, pin.size, timeout)
        _accept(pin, part, cached)
    fetch_signature(pin, cached, timeout)


def _from_apt(pin: pins.Pin, cached: Path, etc: Path) -> None:
    console.note('from the source package {}'.format(pin.debian_source))
    part = cached.with_name(cached.name + '.apt')
    aptsource.fetch(pin, part, etc)
    _accept(pin, part, cached)


def fetch_pin(pin: pins.Pin, environ: Environ, *, etc: Path = Path('/etc/apt'),
              timeout: float = download.TIMEOUT) -> Path:
    """The Path of the verified tarball of *pin* (pins.Pin)."""
    path = _from_distfiles(pin, environ)
    if path is not None:
        return path
    cache = cache_dir(environ)
    cached = cache / pin.file
    with locking.lock(cache / (pin.file + '.lock')):
        path = _from_cache(pin, cache)
        if path is not None:
            return path
        console.step('Fetching {} ({})'.format(
            pin.file, console.size_text(pin.size)))
        failures = []
        for name, source in (
                ('upstream', lambda: _from_upstream(pin, cached, timeout)),
                ('apt', lambda: _from_apt(pin, cached, etc))):
            try:
                source()
            except (download.DownloadError, aptsource.AptError,
                    pins.MismatchError) as error:
                console.note('{}: {}'.format(name, error))
                failures.append(name)
                continue
            console.note('verified: sha256 {}'.format(pin.sha256))
            return cached
    tried = ['DISTFILES'] * bool(options.DISTFILES.raw(environ))
    tried += ['cache'] + failures
    return console.fail(
        '{} could not be fetched (tried: {})'.format(
            pin.file, ', '.join(tried)),
        'put {} ({} bytes)\nfrom {}\nin {}, or in any folder and run '
        '"make DISTFILES=that folder"'.format(
            ' or '.join(pin.file_names), pin.size, pin.url, cache))


def fetch(pin_name: str, environ: Environ = os.environ) -> Path:
    """The Path of the verified tarball pinned under *pin_name* (str)."""
    return fetch_pin(pins.get(pin_name), environ)


def check_signature(pin: pins.Pin, tarball: Path) -> str:
    """Check upstream's signature where that is possible; returns a sentence
    on what was done.  A bad signature ends the program."""
    signature = tarball.with_name(pin.file + '.asc')
    if not signature.exists():
        return 'signature not checked: no {}'.format(signature)
    try:
        keys = subprocess.run(
            ['gpg', '--batch', '--list-keys', pin.signature_key],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return 'signature not checked: gpg is not installed'
    if keys.returncode:
        return ('signature not checked: the key {} ({}) is not in the '
                'keyring'.format(pin.signature_key, pin.signature_owner))
    done = subprocess.run(
        ['gpg', '--batch', '--status-fd', '1', '--verify', str(signature),
         str(tarball)],
        capture_output=True, text=True)
    # The signing key may be a subkey: VALIDSIG ends with the primary one.
    if done.returncode or not re.search(
            r'^\[GNUPG:\] VALIDSIG .*' + pin.signature_key + '$',
            done.stdout, re.MULTILINE):
        console.fail('bad signature: {} for {}\n{}'.format(
                         signature, tarball, done.stderr.strip()),
                     'remove both files and fetch them again')
    return 'good signature of {} ({})'.format(
        pin.signature_owner, pin.signature_key)


def fetch_signature(pin: pins.Pin, tarball: Path,
                    timeout: float = download.TIMEOUT) -> None:
    """Put the signature next to the fetched *tarball*, if it is to be
    had."""
    target = tarball.with_name(pin.file + '.asc')
    if target.exists() or not pin.signature_url:
        return
    try:
        with urllib.request.urlopen(pin.signature_url,
                                    timeout=timeout) as response:
            data = response.read(1 << 16)
    except download.FAILURES:
        return
    files.write(target, data)


def main(args: list[str]) -> None:
    for name in args or ['python']:
        pin = pins.get(name)
        path = fetch_pin(pin, os.environ)
        console.note('{} is {}'.format(pin.file, path))
        if pin.signature_key:
            console.note(check_signature(pin, path))
