"""make matrix: the patched interpreter with every OpenSSL that is pinned.

Each run's result is kept in build/matrix, so that the documents can be
written from several calls: OPENSSL_VERSIONS and MATRIX_EXTRA pick what is
run now, and what was run before with the same patches and tests is shown
with it.
"""

import hashlib
import json
import time

from scripts.base import console, files, locking, paths
from scripts.dev import terminal
from scripts.dev.matrix import plan, report, running
from scripts.dev.matrix.skips import Allowed

FOLDER = paths.BUILD / 'matrix'
DOCS = paths.ROOT / 'docs'


def identity(root=paths.ROOT):
    """What is tested (str): the series, the patches and Lib_tests."""
    digest = hashlib.sha256()
    files = [root / 'series'] + sorted(root.glob('patches/*.patch')) + \
        sorted(root.glob('Lib_tests/**/*.p*'))
    for path in files:
        if path.suffix != '.pyc' and path.is_file():
            digest.update('{}\0'.format(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def result_file(folder, section, version):
    return folder / '{}-{}.json'.format(section, version)


def save(result, folder):
    """Keep *result* (matrixrun.Result) in *folder* (Path)."""
    files.write_json(result_file(folder, result.section, result.version),
                     result.as_dict())


def load(folder, wanted):
    """The results in *folder* (Path) that have the identity *wanted*."""
    found = []
    for path in sorted(folder.glob('*.json')):
        result = running.Result(**json.loads(path.read_text()))
        if result.identity == wanted:
            found.append(result)
    return found


def run_one(section, version, wanted, folder):
    """Run and keep the result; a build that fails is a result, too."""
    logs = folder / 'logs' / '{}-{}'.format(section.name, version)
    try:
        result = running.run(section, version, logs)
    except SystemExit:
        result = running.Result(section.name, version)
        result.problems.append('it was not built or not run, see above')
    result.identity = wanted
    save(result, folder)
    return result


def write_documents(results, allowed, folder):
    """Write both documents into *folder* (Path)."""
    for name, text in (
            ('openssl-matrix.md', report.markdown(results, allowed)),
            ('openssl-matrix.html',
             report.document(results, allowed))):
        (folder / name).write_text(text)


def main():
    runs = plan.plan()
    allowed = Allowed()
    wanted = identity()
    start = time.monotonic()
    now = []
    with locking.lock(FOLDER / 'lock'):
        for number, (section, version) in enumerate(runs, 1):
            console.step('[{}/{}] OpenSSL {}: {}'.format(
                number, len(runs), version, section.title))
            result = run_one(section, version, wanted, FOLDER)
            now.append(result)
            counts = report.total(result)
            console.note('{}: {} tests, {} failed, {} skipped, {}'.format(
                'ok' if result.ok else 'FAILED', counts['tests'],
                counts['failed'], counts['skipped'], console.seconds_text(
                    time.monotonic() - start)))
        results = load(FOLDER, wanted)
        write_documents(results, allowed, DOCS)
    report.terminal(results, terminal.output())
    print('docs/openssl-matrix.md and .html show these results; logs: '
          '{}'.format(FOLDER / 'logs'))
    failed = [result for result in now if not result.ok]
    print('{} runs, {} failed'.format(len(now), len(failed)), flush=True)
    return 1 if failed else 0
