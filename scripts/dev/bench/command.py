"""make bench: speed and memory of the patched 2.7 beside C and others.

Everything is measured in one run, interleaved, and compared as ratios;
docs/performance.md explains it.  Options by variable: BENCH, QUICK,
PYTHON3S, PYTHON27S.
"""

import importlib
import time

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.build import sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.bench import (
    compiling,
    contenders,
    instructions_page,
    programs_page,
    report,
    request,
    results,
)
from scripts.dev.bench.child import ChildError
from scripts.dev.bench.progress import PartProgress
from scripts.dev.bench.session import Session
from scripts.dev.evidence import machine, record

DOCS = paths.ROOT / 'docs' / 'bench'
#: Of runs that were quick, or of some parts: not those to be published.
LAST = paths.BUILD / 'bench' / 'last'
#: Parts that have a page of Markdown, too.
PAGES = {'programs': programs_page, 'instructions': instructions_page}


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
    out = terminal.output(220)
    print()
    out.print(report.table(session.contenders, found, '\n'.join(lines)))
    print(report.summary(found))
    if report.busy(found):
        console.note('two processes of C did not do twice the work of one: '
                     'the machine was busy, or\nits CPUs share a core; the '
                     'rows on two threads say little')


def main():
    chosen = request.from_env()
    variant = Variant.from_env()
    ssl = sslprefix.inspect(variant.openssl)
    log_dir = compiling.FOLDER / 'logs'
    published = chosen.complete and variant == Variant()
    shown = published or chosen.counts and variant == Variant()
    folder = DOCS if shown else LAST
    with locking.lock(compiling.FOLDER / 'lock'):
        session = Session(chosen, contenders.prepare(chosen, log_dir),
                          log_dir, ssl)
        taking = record.Taking('bench', variant, {'contenders': {
            item.key: dict(item.versions, title=item.title, role=item.role)
            for item in session.contenders}})
        begin = time.monotonic()
        found = []
        for name in chosen.parts:
            found += run_part(name, session, begin)
        made = taking.write(results.as_rows(found), chosen.complete)
        if published:
            record.publish(made)
        from scripts.dev.bench import plots  # late: it is slow to import
        folder.mkdir(parents=True, exist_ok=True)
        written = plots.draw(made, folder)
        for part, module in PAGES.items():
            if part in made.rows:
                written.append(folder / module.NAME)
                files.write(written[-1], module.markdown(made))
    show(session, found, made.machine)
    print('\nfigures: {}\nshown:   {}'.format(
        paths.shown(made.path),
        ' '.join(paths.shown(item) for item in written)))
    if not shown:
        print('docs/bench is written by a complete run, or one of '
              'instructions alone: without QUICK\nand PYTHON27S')
    return 0
