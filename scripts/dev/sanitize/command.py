"""make sanitize: all tests under ASan, UBSan and TSan, some under valgrind.

docs/proof.md explains it.  Options by variable: SANITIZE, some of: asan
tsan valgrind; TESTS, names of modules of Lib/test and Lib_tests to run
instead of all.
"""

import os
import sys

from rich.console import Console

from scripts.base import console
from scripts.build import variant as layout
from scripts.base import locking
from scripts.dev.run import testreport
from scripts.dev.sanitize import parts


def selected(environ=os.environ):
    """The names of the parts that SANITIZE asks for."""
    words = environ.get('SANITIZE', '').replace(',', ' ').split()
    unknown = [word for word in words if word not in parts.PARTS]
    if unknown:
        console.fail('SANITIZE: there is no {}'.format(', '.join(unknown)),
                     'use some of: ' + ' '.join(parts.PARTS))
    return words or list(parts.PARTS)


def main():
    names = selected()
    tests = os.environ.get('TESTS', '').replace(',', ' ').split()
    variant = layout.Variant.from_env()
    if variant.config != 'default':
        console.fail('make sanitize chooses the CONFIG itself',
                     'leave CONFIG out; SANITIZE= picks the tools')
    chosen = [parts.PARTS[name](variant) for name in names]
    rows = []
    for part in chosen:
        parts.check_built(part.variant)
        with locking.lock(part.variant.root / 'tests.lock'):
            rows += part.rows(tests)
    results = layout.BUILD / 'sanitize-results.json'
    testreport.write_json(results, rows, parts=names, tests=tests,
                          groups=list(variant.groups))
    print('\nresults: {}'.format(results))
    for part in chosen:
        print('logs of {}: {}'.format(part.title, part.folder))
    out = Console(width=None if sys.stdout.isatty() else 110)
    return testreport.report(rows, 'make sanitize', out)


if __name__ == '__main__':
    console.interruptible(main)
