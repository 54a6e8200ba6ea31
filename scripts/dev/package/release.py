"""The version of the series: the files VERSION and CHANGELOG.md."""

import collections
import datetime
import re

from scripts.base import console, paths

VERSION_FILE = paths.ROOT / 'VERSION'
CHANGELOG = paths.ROOT / 'CHANGELOG.md'

#: version: str; date: datetime.date of the release.
Release = collections.namedtuple('Release', 'version date')

#: The first day there is a timestamp for.
EPOCH = datetime.date(1970, 1, 1)

_VERSION_RE = re.compile(r'[0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?')
_HEADING_RE = re.compile(r'^## (?P<version>\S+) - (?P<date>\d{4}-\d\d-\d\d)$',
                         re.MULTILINE)


class ReleaseError(Exception):
    """VERSION and CHANGELOG.md do not agree; the message says how."""


def parse(version_text, changelog):
    """The Release that the two files' contents (str) tell of."""
    version = version_text.strip()
    if _VERSION_RE.fullmatch(version) is None:
        raise ReleaseError('VERSION: {!r}: write it as 1.2.3'.format(version))
    match = _HEADING_RE.search(changelog)
    if match is None:
        raise ReleaseError('CHANGELOG.md: no heading "## {} - YYYY-MM-DD"'
                           .format(version))
    if match['version'] != version:
        raise ReleaseError(
            'VERSION is {}, the first heading of CHANGELOG.md is for {}: '
            'write both for the same version'.format(version,
                                                     match['version']))
    try:
        date = datetime.date.fromisoformat(match['date'])
    except ValueError:
        raise ReleaseError('CHANGELOG.md: {}: there is no such day'.format(
            match['date'])) from None
    return Release(version, date)


def read(version_file=VERSION_FILE, changelog=CHANGELOG):
    """The Release of this checkout; ends the program if it is unclear."""
    try:
        return parse(version_file.read_text(encoding='utf-8'),
                     changelog.read_text(encoding='utf-8'))
    except (OSError, ReleaseError) as error:
        return console.fail(str(error),
                            'each release has a VERSION and a heading at the '
                            'top of CHANGELOG.md')


def timestamp(release):
    """Midnight UTC of the release's day, in seconds since 1970 (int)."""
    return int(datetime.datetime.combine(
        release.date, datetime.time(),
        datetime.timezone.utc).timestamp())
