"""A target that consists of parts, each of which tests a build of its own."""

import time

from scripts import options
from scripts.base import console, locking
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import record
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
    rows, found = [], {}
    taking = record.Taking(target, variant)
    for name, part in zip(names, chosen):
        begin = time.monotonic()
        check_built(part.variant)
        with locking.lock(part.variant.root / 'tests.lock'):
            own = list(part.rows(tests))
        found[name] = testreport.part(own, begin)
        # What took an hour is not lost if the next part ends the program.
        made = taking.write(found, not tests, list(known))
        rows += own
    print('\nresults: {}'.format(made.path))
    for part in chosen:
        print('logs of {}: {}'.format(part.title, part.folder))
    return testreport.report(rows, 'make ' + target, terminal.output())
