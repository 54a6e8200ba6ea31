"""The `series` file: which patches there are, in which order and group.

A patch is named ``NNNN-group-topic.patch``: four digits, the group, the
topic.  Each group has a range of numbers, so that the order of the
file names is the order of the series.

``python3 -m scripts series [GROUP ...]`` prints the names of the patches
those groups consist of, one a line, in the order to apply them (all when no
group is named).
"""

from __future__ import annotations

import collections
import re
import sys
from collections.abc import Sequence

from scripts.base import paths
from scripts.base.aliases import AnyPath

#: name: name of the group; first, last: its range of numbers; needs: the
#: groups that have to be applied below it; purpose: what it is for.
Group = collections.namedtuple('Group', 'name first last needs purpose')

#: All groups in series order.
GROUPS = (
    Group('base', 1, 99, (),
          'what the others need to touch'),
    Group('compat', 101, 149, ('base',),
          'OpenSSL 1.1.1 and later'),
    Group('security', 151, 199, ('base',),
          'what a peer or a certificate can exploit'),
    Group('pep546', 200, 299, ('base', 'security'),
          'MemoryBIO, SSLObject and SSLContext.wrap_bio'),
    Group('hardening', 301, 399, ('base', 'security', 'pep546'),
          'threads, signals and hostile programs'),
    Group('performance', 500, 599, ('base', 'security', 'pep546',
                                    'hardening'),
          'speed of the added types'),
)

GROUP_BY_NAME = dict((group.name, group) for group in GROUPS)

NAME_RE = re.compile(
    r'(?P<number>[0-9]{4})-(?P<group>[a-z][a-z0-9]*)'
    r'-(?P<topic>[a-z0-9]+(?:-[a-z0-9]+)*)\.patch')

#: Debian runs its series through the C preprocessor, which replaces these
#: two words where they stand alone.
CPP_WORDS = ('linux', 'unix')


class SeriesError(Exception):
    """The series file or a list of groups cannot be used as it is."""


class PatchName(collections.namedtuple('PatchName', 'number group topic')):
    """The parts of a patch's file name: an int and two strings."""

    __slots__ = ()

    @classmethod
    def parse(cls, name: str) -> PatchName:
        """Split *name* (str).  SeriesError if it has not the right shape."""
        match = NAME_RE.fullmatch(name)
        if match is None:
            raise SeriesError(
                "{!r} is not a patch name: rename it to "
                "NNNN-group-topic.patch (four digits; lower case letters, "
                "digits and single dashes)".format(name))
        return cls(int(match['number']), match['group'], match['topic'])


def parse_series(text: str) -> list[str]:
    """The patch names in *text* (str), the content of a series file."""
    names = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        if len(line.split()) != 1:
            raise SeriesError(
                'series, line {}: {!r}: one patch name a line, nothing '
                'after it (no comment, no option)'.format(number, line))
        names.append(line)
    return names


def read_series(path: AnyPath) -> list[str]:
    """The patch names in the series file at *path*, in order."""
    try:
        with open(path, encoding='utf-8') as file:
            return parse_series(file.read())
    except FileNotFoundError:
        raise SeriesError(
            'no series file at {}: run this from a complete checkout'
            .format(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SeriesError('{} cannot be read: {}'.format(path, error)) \
            from None


def parse_groups(text: str) -> tuple[str, ...]:
    """The group names in *text*, what the user wrote in PATCHES=.

    Names are separated by blanks or commas.  Nothing, or ``all``, means
    every group, ``none`` no patch at all.  Returns a tuple in series order
    without the groups that they need.
    """
    words = text.replace(',', ' ').split()
    if not words or words == ['all']:
        return tuple(group.name for group in GROUPS)
    if words == ['none']:
        return ()
    for word in words:
        if word in ('all', 'none'):
            raise SeriesError('{} stands alone, without the names of groups'
                              .format(word))
    unknown = [word for word in words if word not in GROUP_BY_NAME]
    if unknown:
        raise SeriesError('no such group of patches: {}; there are: {}, or '
                          'all, or none'.format(', '.join(unknown),
                                                ', '.join(GROUP_BY_NAME)))
    return tuple(group.name for group in GROUPS if group.name in words)


def with_needed(groups: Sequence[str]) -> tuple[str, ...]:
    """*groups* (names) and the groups they need, a tuple in series order."""
    wanted = set(groups)
    for name in groups:
        wanted.update(GROUP_BY_NAME[name].needs)
    return tuple(group.name for group in GROUPS if group.name in wanted)


def group_of(name: str) -> str:
    """The group that the patch *name* (its file name) belongs to."""
    return PatchName.parse(name).group


def select(names: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Those of the patch *names* that the *groups* consist of, in order."""
    wanted = with_needed(groups)
    for name in names:
        if group_of(name) not in GROUP_BY_NAME:
            raise SeriesError('{}: there is no group {!r}; there are: {}'
                              .format(name, group_of(name),
                                      ', '.join(GROUP_BY_NAME)))
    if groups and not names:
        raise SeriesError('the series names no patch')
    return [name for name in names if group_of(name) in wanted]


def select_other(names: Sequence[str], topic: str) -> list[str]:
    """Those of the patch *names* whose topic does not begin with *topic*:
    what is left for a tree that has its own fix of that flaw."""
    return [name for name in names
            if not PatchName.parse(name).topic.startswith(topic)]


def main(args: list[str]) -> int:
    try:
        for name in select(read_series(paths.SERIES_FILE),
                           parse_groups(' '.join(args))):
            print(name)
    except SeriesError as error:
        print('series: {}'.format(error), file=sys.stderr)
        return 2
    return 0
