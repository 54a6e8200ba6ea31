"""make refleak: what does each test leave behind, and ten thousand
connections?

docs/proof.md explains it.  Options by variable: REFLEAK, some of: in-tree
Lib_tests connections; TESTS, names of modules of Lib/test and Lib_tests to
look at instead of all.
"""

import os
import sys

from rich.console import Console

from scripts.base import console
from scripts.build import variant as layout
from scripts.base import locking
from scripts.dev.run import testreport
from scripts.dev.refleak import parts
from scripts.dev.sanitize.parts import check_built


def selected(environ=os.environ):
    """The names of the parts that REFLEAK asks for."""
    words = environ.get('REFLEAK', '').replace(',', ' ').split()
    unknown = [word for word in words if word not in parts.PARTS]
    if unknown:
        console.fail('REFLEAK: there is no {}'.format(', '.join(unknown)),
                     'use some of: ' + ' '.join(parts.PARTS))
    return words or list(parts.PARTS)


def main():
    names = selected()
    tests = os.environ.get('TESTS', '').replace(',', ' ').split()
    variant = layout.Variant.from_env()
    if variant.config != 'default':
        console.fail('make refleak chooses the CONFIG itself',
                     'leave CONFIG out')
    rows = []
    for name in names:
        part = parts.PARTS[name](variant)
        check_built(part.variant)
        with locking.lock(part.variant.root / 'tests.lock'):
            rows += part.rows(tests)
    results = layout.BUILD / 'refleak-results.json'
    testreport.write_json(results, rows, parts=names, tests=tests,
                          groups=list(variant.groups))
    print('\nresults: {}'.format(results))
    out = Console(width=None if sys.stdout.isatty() else 110)
    return testreport.report(rows, 'make refleak', out)


if __name__ == '__main__':
    console.interruptible(main)
