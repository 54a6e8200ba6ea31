"""Mutants that change nothing which a test could see, with reasons.

equivalents.json: list of {path, function, before, after, reason}, the lines
without white space around them.
"""

import json
from pathlib import Path

#: What tells them apart.
FIELDS = ('path', 'function', 'before', 'after')
FILE = Path(__file__).resolve().parent / 'equivalents.json'


def read():
    return json.loads(FILE.read_text())


def _key(path, function, before, after):
    return path, function, before.strip(), after.strip()


def split(mutants, entries):
    """(the others, {name: reason} of *entries*, list of what is wrong with
    *entries*) of *mutants* ({name: operators.Mutant})."""
    reasons = {_key(*(entry[name] for name in FIELDS)):
               entry['reason'] for entry in entries}
    used, found, others = set(), {}, {}
    for name, mutant in mutants.items():
        key = _key(*(getattr(mutant, name) for name in FIELDS))
        if key in reasons:
            used.add(key)
            found[name] = reasons[key]
        else:
            others[name] = mutant
    wrong = ['equivalents.json: the series adds no line {2!r} to {1}() in '
             '{0} of which {3!r} is made\n  -> take the entry out'.format(*key)
             for key in reasons if key not in used]
    wrong += ['equivalents.json: {!r} has no reason'.format(key[2])
              for key, reason in reasons.items() if not reason.strip()]
    return others, found, wrong
