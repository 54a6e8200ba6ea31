"""The parts of make refleak: the tests, repeated, and many connections."""

import dataclasses
import json
import shutil
import statistics
import subprocess
from pathlib import Path

from scripts.base import console, paths
from scripts.dev.run import intree, native, runtests, site27, watched
from scripts.dev.run.testreport import Row

HERE = Path(__file__).resolve().parent
LIB_TESTS = paths.ROOT / 'Lib_tests'

TIMEOUT = 7200      # seconds for one module, each test up to 113 times
TEST_TIMEOUT = 3600

CONNECTIONS = 10000
#: Of these the first fifth is not looked at: caches fill.
WARM_UP = CONNECTIONS // 5
#: Bytes that the process may grow by from the first half of the rest to the
#: second: 32 for each connection, the smallest block that malloc() makes.
GROWTH = 32 * (CONNECTIONS - WARM_UP) // 2

#: What canary27.py has to come to.
CANARY = {'test_leak_reference': 'failed', 'test_leak_block': 'failed',
          'test_leak_descriptor': 'failed',
          'test_leak_connection': 'failed', 'test_clean': 'passed'}


#: The same with fixtures, which pytest alone has.
FIXTURES = '''

import pytest


@pytest.fixture(scope='module')
def shared():
    return []


@pytest.fixture
def bio(shared):
    yield ssl.MemoryBIO()


def test_leak_in_fixture(shared, bio):
    shared.append(bio)


def test_clean_with_fixture(bio):
    assert bio.write(b'x') == 1
'''
FIXTURE_CANARY = {'test_leak_in_fixture': 'failed',
                  'test_clean_with_fixture': 'passed'}


def judge_canary(tests, title, canary=None):
    """A Row: of the tests of canary27.py, ended as {id: outcome} says, the
    leaking ones were caught, and no other.  canary: what is expected."""
    row = Row('{}: canary'.format(title))
    for name, wanted in (canary or CANARY).items():
        seen = [outcome for test, outcome in tests.items()
                if test.endswith(name)]
        good = seen == [wanted]
        row.tests[name] = 'passed' if good else 'failed'
        row.texts[name] = '' if good else \
            'should count as {}, and is {}'.format(wanted, seen or 'missing')
    return row


class Repeated:
    """What both parts with repeated tests have in common: a debug build
    without pymalloc, whose blocks are counted."""

    title = ''

    def __init__(self, variant):
        self.variant = dataclasses.replace(
            variant, config='debug',
            configure_args=variant.configure_args + ('--without-pymalloc',))
        self.log_dir = self.variant.log_dir / 'refleak' / self.title
        self.folder = self.log_dir

    def environ(self, **more):
        env = intree.clean_env(self.variant)
        env['LD_PRELOAD'] = str(native.shared_library(
            HERE / 'blocks.c', self.variant))
        env['PYTHONDONTWRITEBYTECODE'] = '1'
        # What test_ssl_hardening takes for a deadlock.
        env['TEST_SSL_HARDENING_TIMEOUT'] = str(TEST_TIMEOUT)
        env.update(more)
        return env

    def run(self, label, argv, env):
        """Run *argv*, which writes LABEL.record.  Returns (tests, texts,
        problem, seconds)."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        record = self.log_dir / (label + '.record')
        log = self.log_dir / (label + '.log')
        if record.exists():
            record.unlink()
        ran = watched.run(argv, cwd=self.log_dir, env=env, log=log,
                          limit=TIMEOUT, title=label,
                          says=lambda: intree.events_text(record))
        tests, texts = intree.read_record(record)
        problem = ''
        if ran.timed_out:
            problem = 'no end after {} s'.format(TIMEOUT)
        elif ran.status not in self.good_statuses:
            problem = 'ended with status {}: {}'.format(
                ran.status, console.tail(log, 1))
        if not problem and not any(outcome in ('passed', 'failed')
                                   for outcome in tests.values()):
            problem = 'nothing was measured'
        return tests, texts, problem, ran.seconds

    good_statuses = (0,)

    def row(self, label, argv, env):
        tests, texts, problem, seconds = self.run(label, argv, env)
        return Row('{}: {}'.format(self.title, label), tests, texts, problem,
                   seconds, log=self.log_dir / (label + '.log'))

    def rows(self, tests):
        """Yields the Rows.  *tests*: names of modules, empty for all."""
        # What a run that was killed left there is in the way.
        shutil.rmtree(self.log_dir, ignore_errors=True)
        console.step('{}: leaks made on purpose'.format(self.title))
        row = self.canary()
        yield row
        if row.ok:
            console.step('{}: each test again and again'.format(self.title))
            yield from self.measured(tests)


class InTree(Repeated):
    """test_ssl and the modules that the series adds."""

    title = 'in-tree'

    def argv(self, label, name):
        return [self.variant.python, HERE / 'module27.py',
                self.log_dir / (label + '.record'), name]

    def canary(self):
        label = 'canary-in-tree'
        return judge_canary(self.run(
            label, self.argv(label, 'canary27'),
            self.environ(REFLEAK_CANARY='1'))[0], self.title)

    def measured(self, tests):
        names = ['test_ssl'] + intree.added_modules(
            runtests.selected_patches(self.variant))
        for name in names:
            if not tests or name in tests:
                yield self.row(name, self.argv(name, name), self.environ())


class LibTests(Repeated):
    """Lib_tests."""

    title = 'Lib_tests'
    good_statuses = (0, 1)      # 1: tests failed, which the record has

    def environ(self, **more):
        env = super().environ(
            PYTHONUSERBASE=site27.ensure(self.variant)['PYTHONUSERBASE'],
            PYTHONPATH=str(HERE), **more)
        del env['PYTHONNOUSERSITE']
        return env

    def argv(self, path):
        return [self.variant.python, '-m', 'pytest', '-p', 'plugin27', '-v',
                '--timeout={}'.format(TEST_TIMEOUT), path]

    def record(self, label):
        return {'REFLEAK_RECORD': str(self.log_dir / (label + '.record'))}

    def canary(self):
        # pytest, too, has to be told to look at such a name.
        label = 'canary-Lib_tests'
        folder = self.log_dir / 'canary'
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        path = folder / 'test_canary27.py'
        path.write_text((HERE / 'canary27.py').read_text() + FIXTURES)
        return judge_canary(self.run(
            label, self.argv(path), self.environ(**self.record(label)))[0],
            self.title, dict(CANARY, **FIXTURE_CANARY))

    def measured(self, tests):
        for path in sorted(LIB_TESTS.glob('test_*.py')):
            if not tests or path.stem in tests:
                yield self.row(path.stem, self.argv(path),
                               self.environ(**self.record(path.stem)))


def growth(samples):
    """Bytes that the process grew by behind the warm-up.

    samples: [connections, bytes] lists.  The figure goes up and down with
    what malloc() gives back, so the median of the first half of the rest is
    compared with that of the second.
    """
    rest = [size for count, size in samples if count >= WARM_UP]
    half = len(rest) // 2
    return int(statistics.median(rest[half:]) -
               statistics.median(rest[:half]))


class Connections:
    """Resident memory over many connections, in a default build."""

    title = 'connections'

    def __init__(self, variant):
        self.variant = dataclasses.replace(variant, config='default')
        self.folder = self.variant.log_dir / 'refleak'
        self.log = self.folder / 'connections.log'

    def samples(self, *extra):
        """What rss27.py printed, a list."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        argv = [str(self.variant.python), str(HERE / 'rss27.py'),
                str(LIB_TESTS), str(CONNECTIONS), *extra]
        title = ' '.join(('connections',) + extra)
        with open(self.log, 'wb') as errors, \
                console.Progress(title) as progress:
            process = subprocess.Popen(
                argv, env=intree.clean_env(self.variant),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=errors, text=True)
            found = []
            with process:
                for line in process.stdout:
                    found.append(json.loads(line))
                    progress.update('{} of {}, {}'.format(
                        found[-1][0], CONNECTIONS,
                        console.size_text(found[-1][1])))
        if process.returncode or not found or found[-1][0] != CONNECTIONS:
            console.fail('the connections ended early:\n' + console.tail(
                self.log), 'the output is in {}'.format(self.log))
        return found

    def rows(self, tests):
        console.step('{} connections, and the memory they take'.format(
            CONNECTIONS))
        for label, extra, wanted in (
                ('canary, 64 bytes each', ('leak',), False),
                ('{} of them'.format(CONNECTIONS), (), True)):
            samples = self.samples(*extra)
            grown = growth(samples)
            flat = grown <= GROWTH
            row = Row('{}: {}'.format(self.title, label))
            name = '{} after {}, {} at the end'.format(
                console.size_text(dict(samples)[WARM_UP]), WARM_UP,
                console.size_text(samples[-1][1]))
            row.tests[name] = 'passed' if flat == wanted else 'failed'
            row.texts[name] = '' if flat == wanted else \
                'grown by {} bytes, {} are allowed'.format(grown, GROWTH)
            row.note = 'grown by {} KiB of {} that are allowed'.format(
                grown // 1024, GROWTH // 1024)
            yield row


PARTS = {'in-tree': InTree, 'Lib_tests': LibTests,
         'connections': Connections}
