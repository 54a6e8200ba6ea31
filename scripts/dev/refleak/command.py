"""make refleak: what does each test leave behind, and ten thousand
connections?

docs/proof.md explains it.  Options by variable: REFLEAK, some of: in-tree
Lib_tests connections; TESTS, names of modules of Lib/test and Lib_tests to
look at instead of all.
"""


from scripts import options
from scripts.base import console, locking, paths
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.refleak import parts
from scripts.dev.run import testreport
from scripts.dev.sanitize.parts import check_built


def main():
    names = options.REFLEAK.read()
    tests = options.TESTS.read()
    variant = Variant.from_env()
    if variant.config != 'default':
        console.fail('make refleak chooses the CONFIG itself',
                     'leave CONFIG out')
    rows = []
    for name in names:
        part = parts.PARTS[name](variant)
        check_built(part.variant)
        with locking.lock(part.variant.root / 'tests.lock'):
            rows += part.rows(tests)
    results = paths.BUILD / 'refleak-results.json'
    testreport.write_json(results, rows, parts=names, tests=tests,
                          groups=list(variant.groups))
    print('\nresults: {}'.format(results))
    out = terminal.output()
    return testreport.report(rows, 'make refleak', out)
