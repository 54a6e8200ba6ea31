"""Rules about names, order and completeness of the series."""

import collections
import os

from scripts.dev.lint.rules.model import Finding, Rule
from scripts.series.groups import (
    CPP_WORDS,
    GROUP_BY_NAME,
    PatchName,
    SeriesError,
)


def _parsed(context):
    """(file name, PatchName) for each patch whose name can be parsed."""
    for name in context.names:
        try:
            yield name, PatchName.parse(name)
        except SeriesError:
            pass  # check_shape tells


def check_shape(context):
    for name in context.names:
        try:
            parsed = PatchName.parse(name)
        except SeriesError as error:
            yield Finding(name, str(error))
            continue
        for word in parsed.topic.split('-'):
            if word in CPP_WORDS:
                yield Finding(name, 'rename it: a bare "{}" between dashes '
                              'is replaced by the C preprocessor that Debian '
                              'runs its series through'.format(word))


def check_groups(context):
    for name, parsed in _parsed(context):
        group = GROUP_BY_NAME.get(parsed.group)
        if group is None:
            yield Finding(name, 'group {} is not known: rename the patch, '
                          'the groups are {}'.format(
                              parsed.group, ', '.join(GROUP_BY_NAME)))
        elif not group.first <= parsed.number <= group.last:
            yield Finding(name, 'number {:04} does not belong to group {}: '
                          'take one from {:04} to {:04}'.format(
                              parsed.number, group.name, group.first,
                              group.last))


def check_order(context):
    counts = collections.Counter(context.names)
    for name, count in counts.items():
        if count > 1:
            yield Finding(name, 'listed {} times in series: keep one'
                          .format(count))
    # Code points are what LC_ALL=C sort compares in these ASCII names.
    for before, after in zip(context.names, context.names[1:]):
        if after < before:
            yield Finding(after, 'stands behind {} in series but sorts '
                          'before it (LC_ALL=C): renumber it or move the '
                          'line'.format(before))
    numbers = collections.defaultdict(set)
    for name, parsed in _parsed(context):
        numbers[parsed.number].add(name)
    for number, names in sorted(numbers.items()):
        if len(names) > 1:
            yield Finding(', '.join(sorted(names)), 'number {:04} is used '
                          '{} times: renumber'.format(number, len(names)))


def check_orphans(context):
    try:
        present = set(os.listdir(context.patches_dir))
    except FileNotFoundError:
        present = set()
    for name in context.names:
        if name not in present:
            yield Finding(name, 'in series but not in patches/: add the '
                          'file or take the line out')
    for name in sorted(present - set(context.names)):
        yield Finding('patches/' + name, 'not listed in series: add the '
                      'line or remove the file')


RULES = [
    Rule('name-shape', 'file names are NNNN-group-topic.patch', check_shape),
    Rule('name-group', 'known groups, numbers from their range',
         check_groups),
    Rule('series-order', 'series order is LC_ALL=C sort order, numbers are '
         'unique', check_order),
    Rule('series-orphans', 'series and patches/ name the same files',
         check_orphans),
]
