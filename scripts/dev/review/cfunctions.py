"""The functions of a C file, as text."""

import re

_START = re.compile(
    r'^(?:(?:static|PyMODINIT_FUNC|int|void|PyObject|unsigned)\b[^\n;=(]*?'
    r'[\s*])?(?P<name>[A-Za-z_]\w*)\s*\((?P<rest>[^;{]*?)\)\s*\{',
    re.MULTILINE)
_NO_FUNCTIONS = ('if', 'while', 'for', 'switch', 'PyDoc_STRVAR', 'STACK_OF')


def functions(text):
    """{name: text} of the functions that the C source *text* defines.

    Takes code in the style of CPython: a function starts and its last brace
    stands in the first column.  One that is defined twice, under #if, has
    both texts.
    """
    found = {}
    for match in _START.finditer(text):
        name = match['name']
        if name in _NO_FUNCTIONS:
            continue
        end = re.compile(r'^\}', re.MULTILINE).search(text, match.end())
        body = text[match.start():end.end() if end else len(text)]
        found[name] = found.get(name, '') + body
    return found
