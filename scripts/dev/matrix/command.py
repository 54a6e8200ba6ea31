"""make matrix: the patched interpreter with every OpenSSL that is pinned.

The documents can be written from several calls: OPENSSL_VERSIONS and
MATRIX_EXTRA pick what is run now, and what was run before with the same
patches and tests is shown with it.
"""

import time

from scripts import options
from scripts.base import console, locking, paths
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import record
from scripts.dev.matrix import plan, report, running
from scripts.dev.matrix.skips import Allowed

FOLDER = paths.BUILD / 'matrix'
DOCS = paths.ROOT / 'docs'


def key(section, version):
    """The name of one run in the record."""
    return '{}-{}'.format(section, version)


def standard():
    """The names of all runs that a complete record has."""
    return [key(section.name, version) for section in plan.STANDARD
            for version in options.OPENSSL_VERSIONS.known()]


def results_of(rows):
    """The Results in the *rows* of a record, {name: dict}."""
    return [running.Result(**{name: value for name, value in row.items()
                              if name not in ('ok', 'seconds')})
            for row in rows.values()]


def run_one(section, version, folder):
    """The Result; a build that fails is one, too."""
    logs = folder / 'logs' / key(section.name, version)
    try:
        return running.run(section, version, logs)
    except SystemExit:
        result = running.Result(section.name, version)
        result.problems.append('it was not built or not run, see above')
        return result


def write_documents(results, allowed, label, folder):
    """Write both documents into *folder* (Path).  label: of the record."""
    for name, text in (
            ('openssl-matrix.md', report.markdown(results, allowed, label)),
            ('openssl-matrix.html',
             report.document(results, allowed, label))):
        (folder / name).write_text(text)


def main():
    runs = plan.plan()
    allowed = Allowed()
    variant = Variant.from_env()
    taking = record.Taking('matrix', variant)
    start = time.monotonic()
    now, rows = [], {}
    with locking.lock(FOLDER / 'lock'):
        for number, (section, version) in enumerate(runs, 1):
            console.step('[{}/{}] OpenSSL {}: {}'.format(
                number, len(runs), version, section.title))
            begin = time.monotonic()
            result = run_one(section, version, FOLDER)
            now.append(result)
            rows[key(section.name, version)] = dict(
                result.as_dict(), ok=result.ok,
                seconds=round(time.monotonic() - begin, 1))
            made = taking.write(rows, parts=standard())
            counts = report.total(result)
            console.note('{}: {} tests, {} failed, {} skipped, {}'.format(
                'ok' if result.ok else 'FAILED', counts['tests'],
                counts['failed'], counts['skipped'], console.seconds_text(
                    time.monotonic() - start)))
        results = results_of(made.rows)
        if variant == Variant():
            record.publish(made)
        write_documents(results, allowed, made.label, DOCS)
    report.terminal(results, terminal.output())
    print('docs/openssl-matrix.md and .html show these results; logs: '
          '{}'.format(FOLDER / 'logs'))
    failed = [result for result in now if not result.ok]
    print('{} runs, {} failed'.format(len(now), len(failed)), flush=True)
    return 1 if failed else 0
