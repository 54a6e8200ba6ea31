"""Which C functions the model stands for, and whether they are still the
ones that it was made of."""

import hashlib
import json
import re
from pathlib import Path

from scripts.dev.review import cfunctions

SOURCE = Path('Modules') / '_ssl.c'
TABLE = Path(__file__).resolve().parent / 'functions.json'


def digest(text):
    """What identifies the C of *text*, whatever its layout and comments."""
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.DOTALL)
    return hashlib.sha256(' '.join(text.split()).encode()).hexdigest()[:16]


def read():
    """{function: {'transition': where it is in the model, 'digest': of what
    was modelled}}."""
    return json.loads(TABLE.read_text())


def stale(source):
    """What to do about functions in the C *source* (str) that are not what
    was modelled: list of str."""
    functions = cfunctions.functions(source)
    found = []
    for name, entry in read().items():
        if name not in functions:
            found.append(
                '{}() is not there any more\n  -> take it out of {}, and what '
                'it did out of the model'.format(name, TABLE.name))
        elif digest(functions[name]) != entry['digest']:
            found.append(
                '{}() has changed since it was modelled\n  -> make the model '
                'do what it does ({}), then write the\n     digest {} into {}'
                .format(name, entry['transition'], digest(functions[name]),
                        TABLE.name))
    return found
