"""A target that consists of parts, each of which tests a build of its own."""

from scripts import options
from scripts.base import console, locking, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.run import runtests, testreport


def check_built(variant):
    """Build *variant* and end the program if it is not what it should
    be."""
    interpreter.ensure(variant)
    found = interpreter.look_at(variant.python, variant)
    row = runtests.gate(variant, sslprefix.inspect(variant.openssl), found)
    if not row.ok:
        console.fail('{} is not what was asked for: {}'.format(
            variant.name, row.texts))


def run(target, option, known):
    """Run the parts that *option* (Words) names; returns the exit status.

    target: of make (str).  known: {name: class of the part}; it is made of
    a Variant, and has title, variant, folder (of logs) and rows(tests).
    """
    names, tests = option.read(), options.TESTS.read()
    variant = Variant.from_env()
    if variant.config != 'default':
        console.fail('make {} chooses the CONFIG itself'.format(target),
                     'leave CONFIG out; {}= picks the parts'.format(
                         option.name))
    chosen = [known[name](variant) for name in names]
    rows = []
    for part in chosen:
        check_built(part.variant)
        with locking.lock(part.variant.root / 'tests.lock'):
            rows += part.rows(tests)
    results = paths.BUILD / (target + '-results.json')
    testreport.write_json(results, rows, parts=names, tests=tests,
                          groups=list(variant.groups))
    print('\nresults: {}'.format(results))
    for part in chosen:
        print('logs of {}: {}'.format(part.title, part.folder))
    return testreport.report(rows, 'make ' + target, terminal.output())
