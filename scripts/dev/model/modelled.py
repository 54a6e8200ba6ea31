"""Which C functions the model stands for, and whether they are still the
ones that it was made of."""

import hashlib
import json
import re
from pathlib import Path

from scripts.dev.review import cfunctions

SOURCE = Path('Modules') / '_ssl.c'
TABLE = Path(__file__).resolve().parent / 'functions.json'

#: A change of what decides who may enter, and whose bytes and buffers are
#: whose.
_FIELD = r'->(?:handshake_done|underway\w*|forks|state|\w+_waiter|ended|' \
    r'waiting_\w+|woken|refused|passed|fork_count|borrowed|reader|in_eof|' \
    r'eof_written)\b'
_CHANGE = re.compile(r'(?:\+\+|--)[\w>-]*?{0}|[\w>-]*?{0}\s*'
                     r'(?:\+\+|--|[-+]?=[^=])'.format(_FIELD))
#: Those that make or end an object, which nobody else has.
_ALONE = ('newPySSLSocket', 'memory_bio_new', 'PySSL_dealloc')


def _code(text):
    """The C of *text*, without layout and comments."""
    return ' '.join(re.sub(r'/\*.*?\*/', ' ', text, flags=re.DOTALL).split())


def digest(text):
    """What identifies the C of *text*, whatever its layout and comments."""
    return hashlib.sha256(_code(text).encode()).hexdigest()[:16]


def read():
    """{function: {'transition': where it is in the model, 'digest': of what
    was modelled}}."""
    return json.loads(TABLE.read_text())


def stale(source):
    """What to do about functions in the C *source* (str) that are not what
    was modelled, or should be modelled: list of str."""
    functions = cfunctions.functions(source)
    table = read()
    found = []
    for name, text in functions.items():
        change = _CHANGE.search(_code(text))
        if change and name not in table and name not in _ALONE:
            found.append(
                '{}() is not modelled, and has {}\n  -> make the model do '
                'what it does, and name it in {}'
                .format(name, change[0], TABLE.name))
    for name, entry in table.items():
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
