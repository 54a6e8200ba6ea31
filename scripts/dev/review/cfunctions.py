"""The functions of a C file, as text."""

import re

_START = re.compile(
    r'^(?:(?:static|PyMODINIT_FUNC|int|void|PyObject|unsigned)\b[^\n;=(]*?'
    r'[\s*])?(?P<name>[A-Za-z_]\w*)\s*\((?P<rest>[^;{]*?)\)\s*\{',
    re.MULTILINE)
_NO_FUNCTIONS = ('if', 'while', 'for', 'switch', 'PyDoc_STRVAR', 'STACK_OF')


def definitions(text):
    """Matches, with the group *name*, where the C source *text*, or a piece
    of it, begins to define a function."""
    return [match for match in _START.finditer(text)
            if match['name'] not in _NO_FUNCTIONS]


def functions(text):
    """{name: text} of the functions that the C source *text* defines.

    Takes code in the style of CPython: a function starts and its last brace
    stands in the first column.  One that is defined twice, under #if, has
    both texts.
    """
    found = {}
    for match in definitions(text):
        name = match['name']
        end = re.compile(r'^\}', re.MULTILINE).search(text, match.end())
        body = text[match.start():end.end() if end else len(text)]
        found[name] = found.get(name, '') + body
    return found
