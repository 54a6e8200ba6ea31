"""Mutants that change nothing which a test could see, with reasons.

equivalents.json: list of {path, function, before, after, reason}, the lines
without white space around them; with count, if more than one such line of the
function is meant, and with seen_with, a pattern of the OpenSSLs with which a
test sees it: there it is a mutant like any other.
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
    known = {_key(*(entry[name] for name in FIELDS)): entry
             for entry in entries}
    used, found, others = collections.Counter(), {}, {}
    for name, mutant in mutants.items():
        key = _key(*(getattr(mutant, name) for name in FIELDS))
        if key in known:
            used[key] += 1
            found[name] = known[key]['reason']
        else:
            others[name] = mutant
    wrong = []
    for key, entry in known.items():
        where = 'equivalents.json: {!r} in {}() of {}'.format(
            key[2], key[1], key[0])
        if not used[key]:
            wrong.append('{}: the series adds no such line, of which {!r} is '
                         'made\n  -> take the entry out'.format(
                             where, key[3]))
        elif used[key] != entry.get('count', 1):
            wrong.append('{}: {} such lines\n  -> look at each, and give '
                         'their count'.format(where, used[key]))
        if not entry['reason'].strip():
            wrong.append('{} has no reason'.format(where))
    return others, found, wrong
