"""make sanitize: all tests under ASan, UBSan and TSan, some under valgrind.

docs/proof.md explains it.  Options by variable: SANITIZE, some of: asan
tsan valgrind; TESTS, names of modules of Lib/test and Lib_tests to run
instead of all.
"""


from scripts import options
from scripts.base import console, locking, paths
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.run import testreport
from scripts.dev.sanitize import parts


def main():
    names = options.SANITIZE.read()
    tests = options.TESTS.read()
    variant = Variant.from_env()
    if variant.config != 'default':
        console.fail('make sanitize chooses the CONFIG itself',
                     'leave CONFIG out; SANITIZE= picks the tools')
    chosen = [parts.PARTS[name](variant) for name in names]
    rows = []
    for part in chosen:
        parts.check_built(part.variant)
        with locking.lock(part.variant.root / 'tests.lock'):
            rows += part.rows(tests)
    results = paths.BUILD / 'sanitize-results.json'
    testreport.write_json(results, rows, parts=names, tests=tests,
                          groups=list(variant.groups))
    print('\nresults: {}'.format(results))
    for part in chosen:
        print('logs of {}: {}'.format(part.title, part.folder))
    out = terminal.output()
    return testreport.report(rows, 'make sanitize', out)
