"""make mutants: is every added line missed where it is changed?

docs/proof.md explains it.  Options by variable: MUTANTS, sample (200, chosen
by what the series is), all, or a number; JOBS, at once.
"""

import collections
import concurrent.futures
import hashlib
import json
import os
import threading
import time

from rich.table import Table

from scripts import options
from scripts.base import console, files, locking, paths
from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.coverage import addedlines
from scripts.dev.evidence import record
from scripts.dev.mutants import (
    bed,
    equivalents,
    goals,
    operators,
    statuses,
    suites,
)
from scripts.dev.mutants.treecopy import Copy
from scripts.dev.review import linetests
from scripts.dev.run import runtests, site27
from scripts.source import tree

#: What is changed.
FILES = ('Modules/_ssl.c', 'Modules/_hashopenssl.c', 'Lib/ssl.py')
ROOT = paths.BUILD / 'mutants'
LIMIT = 1800        # seconds for a file of tests, as the series is
#: In the end a mutant that hangs is killed: after so many times of what its
#: tests took, and this many seconds.
PATIENCE = (4, 30)

CANARY = operators.Mutant(
    'Modules/_ssl.c', 0, '    self->eof_written = 1;',
    '    self->eof_written = 0;')


def generate(variant, folder):
    """All mutants ({name: operators.Mutant}) of the lines that the series
    adds."""
    pinned = folder / 'pinned'
    tree.prepare_tree(pinned, [], tree.find_source(variant.cpython))
    found = {}
    for path in FILES:
        lines = addedlines.added_lines(pinned / path, variant.src / path)
        for mutant in operators.of(
                path, (variant.src / path).read_text(), lines):
            found[operators.name(mutant)] = mutant
    return found


def choose(names, asked, series):
    """*asked* ('all' or a number) of *names*, in an order that depends on
    *series* (its id) alone: without one of them, the others stay."""
    names = sorted(names, key=lambda name: hashlib.sha256(
        '{} {}'.format(series, name).encode()).digest())
    return names if asked == 'all' else names[:asked]


def place_of(taking):
    """The folder (Path) of all that was judged with the series, the variant
    and the tools of *taking* (record.Taking): with these, mutants are the
    same, and so are the tests that patches bring."""
    about = json.dumps([taking.variant.name, taking.variant.openssl,
                        taking.tools], sort_keys=True)
    return ROOT / '{}-{}'.format(
        taking.series, hashlib.sha256(about.encode()).hexdigest()[:8])


class Journal:
    """Results in the order in which they came, one a line: what is there is
    not done again as long as its tests are the same."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()

    def read(self, tests):
        """{name of the mutant: bed.Result}, of those that are about one of
        *tests* (set of ids), or about none."""
        found = {}
        for line in files.read(self.path).splitlines():
            try:
                name, *values = json.loads(line)
            except ValueError:      # it was stopped in the middle of it
                continue
            result = bed.Result(*values)
            if not result.tests or result.tests in tests:
                found[name] = result
        return found

    def add(self, name, result):
        with self.lock, open(self.path, 'a') as file:
            file.write(json.dumps([name, *result]) + '\n')


def measure(variant, known, reached):
    """Run each of *known* as the series is; {Suite: seconds to wait}."""
    todo = [suite for suite in known
            if not reached.is_of(variant, suite)]
    if todo:
        module = linetests.compile_ssl(variant)
        env = linetests.environ(variant, module)
        counting = Copy(variant, reached.folder)
        counting.put(FILES[0], module / '_ssl.so')
        with console.Progress('which tests run which lines') as progress:
            for index, suite in enumerate(todo):
                progress.update('{} of {}: {}'.format(
                    index + 1, len(todo), suite.name))
                reached.measure(counting, suite, env, module, LIMIT)
    limits = {}
    for suite in known:
        status, test, seconds = reached.read(suite)['verdict']
        if status != 'passed':
            console.fail(
                '{} fails without any mutant: {} {}'.format(
                    suite.name, test, status),
                'see {}; then remove {}'.format(
                    reached.folder, reached.path(suite)))
        limits[suite] = PATIENCE[0] * seconds + PATIENCE[1]
    return limits


def check_canary(variant, plain):
    """End the program unless a mutant is killed by a test, and survives when
    that test is removed.  *plain*: a bed.Bed."""
    text = (variant.src / CANARY.path).read_text().splitlines()
    mutant = CANARY._replace(number=text.index(CANARY.before) + 1)
    folder = plain.folder / 'canary'
    folder.mkdir(parents=True, exist_ok=True)
    if plain.make(mutant, folder):
        console.fail('the canary could not be made', 'see {}'.format(folder))
    copy, env = plain.put(mutant, folder), suites.environ(variant)
    test = str(operators.HERE / 'canary27.py')
    for names, status in (((), 'failed'), (('Canary.test_kept',), 'passed')):
        verdict = suites.run([str(copy.python), test, *names],
                             operators.HERE, env, LIMIT, folder / 'log')
        if verdict.status != status:
            console.fail('the canary {}, and should have {}'.format(
                verdict.status, status), 'see {}'.format(folder / 'log'))


def judge_all(todo, mutants, place, journal, done):
    """Judge the mutants called *todo*, JOBS at once, in *place* (Bed)."""
    total, jobs = len(todo), options.JOBS.read()
    free = list(range(jobs))

    def one(name):
        index = free.pop()
        try:
            result = place.judge(mutants[name],
                                 place.folder / 'job{}'.format(index))
            journal.add(name, result)
            return name, result
        finally:
            free.append(index)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool, \
            console.Progress('mutants') as progress:
        futures = [pool.submit(one, name) for name in todo]
        try:
            for count, future in enumerate(
                    concurrent.futures.as_completed(futures), 1):
                name, result = future.result()
                done[name] = result
                progress.update('{} of {}, {} survived, {} to go'.format(
                    count, total, sum(result.outcome == 'survived'
                                      for result in done.values()),
                    console.seconds_text(
                        progress.elapsed / count * (total - count))))
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def report(chosen, mutants, done, reasons, wrong):
    """Print what came out; returns the number of findings (int)."""
    counts = collections.Counter(done[name].outcome for name in chosen)
    judged = counts['killed'] + counts['survived']
    share = counts['killed'] / judged if judged else 1.0
    survivors = [name for name in chosen if done[name].outcome == 'survived']
    vital = [name for name in survivors if goals.is_vital(mutants[name])]
    table = Table(title='make mutants', title_justify='left',
                  show_header=False)
    for title, figure in (
            ('mutants', len(chosen)),
            ('killed', counts['killed']), ('survived', counts['survived']),
            ('killed of those that a test could', '{:.1%}'.format(share)),
            ('wanted', '{:.1%}, and all in the functions of goals.py'.format(
                goals.SHARE)),
            ('no code of their own', counts['same'] + counts['invalid']),
            ('equivalent, with a reason (of all)', len(reasons))):
        table.add_row(title, str(figure))
    terminal.output().print(table)
    for name in survivors:
        mutant = mutants[name]
        print('{}:{} {}{}\n    - {}\n    + {}\n    nearest: {}'.format(
            mutant.path, mutant.number, mutant.function,
            ', of goals.py' * (name in vital), mutant.before.strip(),
            mutant.after.strip(), done[name].by))
    for text in wrong:
        print(text)
    return len(vital) + len(wrong) + (share < goals.SHARE)


def main():
    asked = options.MUTANTS.read()
    variant = Variant.from_env()
    if variant.config != 'default':
        console.fail('make mutants compiles _ssl itself', 'leave CONFIG out')
    interpreter.ensure(variant)
    site27.ensure(variant)
    patches = runtests.selected_patches(variant)
    taking, begin = record.Taking('mutants', variant), time.monotonic()
    folder = place_of(taking)
    with locking.lock(variant.root / 'tests.lock'):
        console.step('Mutants of series {}'.format(taking.series))
        mutants = generate(variant, folder)
        unknown = goals.unknown(mutants.values())
        reasons = statuses.same(mutants, {
            path: (variant.src / path).read_text() for path in FILES
            if path.endswith('.c')})
        mutants, by_hand, wrong = equivalents.split(
            {name: mutant for name, mutant in mutants.items()
             if name not in reasons},
            equivalents.read(taking.tools['openssl']))
        reasons.update(by_hand)
        wrong += unknown
        known = suites.known(patches)
        reached = suites.Reached(folder / 'reached')
        reached.folder.mkdir(parents=True, exist_ok=True)
        limits = measure(variant, known, reached)
        place = bed.Bed(variant, known, reached, limits, os.environ, folder,
                        taking.tests)
        check_canary(variant, place)
        journal = Journal(folder / 'journal.jsonl')
        chosen = choose(mutants, asked, taking.series)
        done = {name: result for name, result in
                journal.read({taking.tests, *place.ids.values()}).items()
                if name in mutants}
        console.note('{} of {}; {} were judged before'.format(
            len(chosen), len(mutants), sum(name in done for name in chosen)))
        judge_all([name for name in chosen if name not in done], mutants,
                  place, journal, done)
    findings = report(chosen, mutants, done, reasons, wrong)
    made = taking.write({'mutants': {
        'ok': not findings, 'seconds': round(time.monotonic() - begin, 1),
        'mutants': {name: {**mutants[name]._asdict(), **done[name]._asdict()}
                    for name in chosen},
        'equivalent': reasons, 'wrong': wrong}}, asked == 'all')
    print('results: {}'.format(paths.shown(made.path)))
    print('{} findings'.format(findings), flush=True)
    return 1 if findings else 0
