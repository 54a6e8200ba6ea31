"""make bench: speed and memory of the patched 2.7 beside C and others.

Everything is measured in one run, interleaved, and compared as ratios;
docs/performance.md explains it.  Options by variable: BENCH, QUICK,
PYTHON3S, PYTHON27S.
"""

import importlib
import time

from scripts import options
from scripts.base import console, locking, paths
from scripts.build import sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.bench import (
    compiling,
    contenders,
    machine,
    report,
    request,
    results,
)
from scripts.dev.bench.child import ChildError
from scripts.dev.bench.progress import PartProgress
from scripts.dev.bench.session import Session

DOCS = paths.ROOT / 'docs' / 'bench'
#: Of runs that were quick, or of some parts: not those to be published.
LAST = paths.BUILD / 'bench' / 'last'


def run_part(name, session, begin):
    """Run the part called *name*; returns its Results."""
    part = importlib.import_module('scripts.dev.bench.part_' + name)
    console.step('{}: {}'.format(part.TITLE, options.BENCH.choices[name]))
    start = time.monotonic()
    try:
        found = list(part.run(session, PartProgress))
    except ChildError as error:
        console.fail('{}: {}'.format(part.TITLE, error),
                     'what the contenders said is in {}'.format(
                         session.log_dir))
    console.note('{} rows in {}, {} since the start'.format(
        len(found), console.seconds_text(time.monotonic() - start),
        console.seconds_text(time.monotonic() - begin)))
    return found


def show(session, found, where):
    """Print the table."""
    lines = list(machine.lines(where))
    lines += ['{}: {}{}'.format(
        item.title, item.versions['python'] + ', '
        if item.versions['python'] else '', item.versions['openssl'])
        for item in session.contenders]
    out = terminal.output(210)
    print()
    out.print(report.table(session.contenders, found, '\n'.join(lines)))
    print(report.summary(found))
    if report.busy(found):
        console.note('two processes of C did not do twice the work of one: '
                     'the machine was busy, or\nits CPUs share a core; the '
                     'rows on two threads say little')


def main():
    chosen = request.from_env()
    ssl = sslprefix.inspect(Variant.from_env().openssl)
    log_dir = compiling.FOLDER / 'logs'
    folder = DOCS if chosen.complete else LAST
    with locking.lock(compiling.FOLDER / 'lock'):
        session = Session(chosen, contenders.prepare(chosen, log_dir),
                          log_dir, ssl)
        where = machine.describe()
        begin = time.monotonic()
        found = []
        for name in chosen.parts:
            found += run_part(name, session, begin)
        path = results.write_json(folder / 'results.json', where,
                                  session.contenders, found, chosen)
        from scripts.dev.bench import plots  # late: it is slow to import
        written = plots.draw(path, folder)
    show(session, found, where)
    print('\nfigures: {}\nplots:   {}'.format(
        paths.shown(path),
        ' '.join(paths.shown(item) for item in written)))
    if not chosen.complete:
        print('docs/bench is written by a complete run: without QUICK, '
              'BENCH and PYTHON27S')
    return 0
