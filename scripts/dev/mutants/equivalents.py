"""Mutants that change nothing which a test could see, with reasons.

equivalents.json: list of {path, function, before, after, reason}, the lines
without white space around them; with count, if there are more such lines in
the function; with which, if not all of them are meant (their numbers, from 1
on); and with seen_with, a pattern of the OpenSSLs with which a test sees it:
there it is a mutant like any other.
"""

import collections
import json
import re
from pathlib import Path

#: What tells them apart.
FIELDS = ('path', 'function', 'before', 'after')
FILE = Path(__file__).resolve().parent / 'equivalents.json'


def read(openssl):
    """Those that hold for *openssl* (str, its version)."""
    return [entry for entry in json.loads(FILE.read_text())
            if not re.match(entry.get('seen_with', '(?!)'), openssl)]


def _key(path, function, before, after):
    return (path, function, ' '.join(before.split()), ' '.join(after.split()))


def split(mutants, entries):
    """(the others, {name: reason} of *entries*, list of what is wrong with
    *entries*) of *mutants* ({name: operators.Mutant})."""
    alike = collections.defaultdict(list)
    for name in sorted(mutants, key=lambda name: mutants[name].number):
        alike[_key(*(getattr(mutants[name], field)
                     for field in FIELDS))].append(name)
    found, wrong = {}, []
    for entry in entries:
        key = _key(*(entry[name] for name in FIELDS))
        names = alike[key]
        where = 'equivalents.json: {!r} in {}() of {}'.format(
            key[2], key[1], key[0])
        if not names:
            wrong.append('{}: the series adds no such line, of which {!r} is '
                         'made\n  -> take the entry out'.format(
                             where, key[3]))
        elif len(names) != entry.get('count', 1):
            wrong.append('{}: {} such lines\n  -> look at each, and give '
                         'their count'.format(where, len(names)))
        if not entry['reason'].strip():
            wrong.append('{} has no reason'.format(where))
        which = entry.get('which', range(1, len(names) + 1))
        found.update((name, entry['reason'])
                     for number, name in enumerate(names, 1)
                     if number in which)
    return {name: mutant for name, mutant in mutants.items()
            if name not in found}, found, wrong
