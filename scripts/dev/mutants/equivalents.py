"""Mutants that change nothing which a test could see, with reasons.

equivalents.json: list of {path, before, after, reason}, the lines without
white space around them.
"""

import json
from pathlib import Path

FILE = Path(__file__).resolve().parent / 'equivalents.json'


def read():
    return json.loads(FILE.read_text())


def _key(path, before, after):
    return path, before.strip(), after.strip()


def split(mutants, entries):
    """(the others, {name: reason} of *entries*, list of what is wrong with
    *entries*) of *mutants* ({name: operators.Mutant})."""
    reasons = {_key(entry['path'], entry['before'], entry['after']):
               entry['reason'] for entry in entries}
    used, found, others = set(), {}, {}
    for name, mutant in mutants.items():
        key = _key(mutant.path, mutant.before, mutant.after)
        if key in reasons:
            used.add(key)
            found[name] = reasons[key]
        else:
            others[name] = mutant
    wrong = ['equivalents.json: the series adds no line {!r} to {} of which '
             '{!r} is made\n  -> take the entry out'.format(key[1], key[0],
                                                           key[2])
             for key in reasons if key not in used]
    wrong += ['equivalents.json: {!r} has no reason'.format(key[1])
              for key, reason in reasons.items() if not reason.strip()]
    return others, found, wrong
