"""The parts of make sanitize: what is built, how it is run, what counts."""

import dataclasses
import shutil
import stat
from pathlib import Path

from scripts.base import console, paths
from scripts.build import interpreter
from scripts.dev.run import intree, native, pytestrun, runtests, site27
from scripts.dev.run.testreport import Row
from scripts.dev.sanitize import canary, reports

HERE = Path(__file__).resolve().parent
LIB_TESTS = paths.ROOT / 'Lib_tests'

#: Seconds: everything is many times slower.
TIMEOUT = 7200
TEST_TIMEOUT = 1800

#: What Lib_tests is for a part that cannot run all of it.
BIO_TESTS = ('test_memorybio', 'test_memorybio_buffers', 'test_wrap_bio',
             'test_sslobject', 'test_states', 'test_errors', 'test_sni',
             'test_context', 'test_hostname', 'test_lifetime',
             'test_fuzz_seeds')


class Part:
    """One tool.

    name: its name in SANITIZE.  title: for people.  config,
    configure_args: of the variant that is built.  modules: of Lib/test, or
    None for those of make test; files: names of modules of Lib_tests, or
    None for all.  canaries: functions of canary.c that must be reported.
    """

    name = title = config = ''
    configure_args = ()
    modules = files = None
    canaries = ()

    def __init__(self, variant):
        self.variant = dataclasses.replace(
            variant, config=self.config,
            configure_args=variant.configure_args + self.configure_args)
        self.log_dir = self.variant.log_dir / 'sanitize'
        self.folder = self.variant.root / 'sanitize'

    # What a tool has to say

    def options(self, label):
        """Variables (dict) that make the tool write to LABEL's logs."""
        raise NotImplementedError

    def python(self, label):
        """The interpreter to run (Path)."""
        return self.variant.python

    def found(self, label):
        """The Reports in LABEL's logs."""
        return reports.read_directory(self.folder, label)

    # What they have in common

    def environ(self, label, packages=False):
        env = intree.clean_env(self.variant)
        env.update(self.options(label))
        # What test_ssl_hardening takes for a deadlock.
        env['TEST_SSL_HARDENING_TIMEOUT'] = str(TEST_TIMEOUT)
        if packages:
            env['PYTHONUSERBASE'] = site27.ensure(
                self.variant)['PYTHONUSERBASE']
            del env['PYTHONNOUSERSITE']
            env['PYTEST_ADDOPTS'] = '--timeout={}'.format(TEST_TIMEOUT)
        return env

    def clean(self):
        for folder in (self.folder, self.log_dir):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def canary_row(self):
        """A Row: each error made on purpose was reported."""
        row = Row('{}: canary'.format(self.title))
        folder = canary.build(self.variant, interpreter.run_env(self.variant))
        for function, kind in self.canaries:
            label = 'canary-' + function
            canary.run(self.python(label), folder, function,
                       self.environ(label))
            seen = [report for report in self.found(label)
                    if kind in report.kind]
            row.tests[function] = 'passed' if seen else 'failed'
            row.texts[function] = '' if seen else \
                'made on purpose, but not reported as "{}"'.format(kind)
        return row

    def rows(self, tests):
        """Run everything.  Yields the Rows.  *tests*: names of modules of
        Lib/test and of Lib_tests to run instead, empty for all."""
        self.clean()
        console.step('{}: errors made on purpose'.format(self.title))
        row = self.canary_row()
        yield row
        if not row.ok:
            return      # every 0 behind it would mean nothing
        console.step('{}: Lib/test'.format(self.title))
        for name in self.wanted_modules(tests):
            label = name
            result = intree.run_module(
                self.python(label), name, self.environ(label), self.log_dir,
                timeout=TIMEOUT)
            yield from self.judged(Row(
                result.name, result.tests, result.texts, result.problem,
                result.seconds, log=self.log_dir / (name + '.log')), label)
        files = self.wanted_files(tests)
        if files:
            console.step('{}: Lib_tests'.format(self.title))
            label = 'Lib_tests'
            result = pytestrun.run_pytest(
                self.python(label), LIB_TESTS,
                self.environ(label, packages=True), self.log_dir, label,
                timeout=TIMEOUT, files=files)
            yield from self.judged(Row(
                label, result.tests, result.texts, result.problem,
                result.seconds, log=self.log_dir / (label + '.log')), label)

    def wanted_modules(self, tests):
        added = intree.added_modules(runtests.selected_patches(self.variant))
        names = self.modules or list(intree.MODULES) + added
        if tests:
            return [name for name in names if name in tests]
        return [name for name in dict.fromkeys(names)
                if name in intree.MODULES or name in added]

    def wanted_files(self, tests):
        names = self.files or tuple(
            path.stem for path in sorted(LIB_TESTS.glob('test_*.py')))
        return [name for name in names if name in tests] if tests \
            else list(names)

    def judged(self, row, label):
        """The *row* of tests, and one of what the tool had to say."""
        row.name = '{}: {}'.format(self.title, row.name)
        yield row
        found = reports.unique(self.found(label))
        answer = Row('{}: reports'.format(row.name))
        for report, count in found:
            name = '{} in {}'.format(report.kind, ' < '.join(
                report.where[:4]) or '?')
            answer.tests[name] = 'failed'
            answer.texts[name] = '{} times, first in {}'.format(
                count, report.file)
        if not found:
            answer.tests['none'] = 'passed'
        yield answer


def _runtime(prefix, **options):
    return ':'.join(['log_path=' + str(prefix)] + [
        '{}={}'.format(*item) for item in options.items()])


class AddressPart(Part):
    """AddressSanitizer and UndefinedBehaviorSanitizer, a debug build."""

    name, title, config = 'asan', 'ASan, UBSan', 'asan'
    canaries = (('use_after_free', 'heap-use-after-free'),
                ('undefined_shift', 'shift exponent'))

    def options(self, label):
        prefix = self.folder / label
        # Leaks are what make refleak is for.  A test that asks for more
        # memory than there is wants NULL.
        return {'ASAN_OPTIONS': _runtime(
                    prefix, detect_leaks=0, allocator_may_return_null=1,
                    suppressions=HERE / 'asan.supp',
                    verify_asan_link_order=0),
                'LD_PRELOAD': str(native.shared_library(
                    HERE / 'ubsanlog.c', self.variant)),
                'UBSAN_LOG': str(prefix),
                'UBSAN_OPTIONS': _runtime(
                    prefix, print_stacktrace=1,
                    suppressions=HERE / 'ubsan.supp')}


class ThreadPart(Part):
    """ThreadSanitizer."""

    name, title, config = 'tsan', 'TSan', 'tsan'
    modules = ('test_ssl', 'test_ssl_memorybio', 'test_ssl_hardening',
               'test_ssl_security', 'test_ssl_compat', 'test_ssl_errors',
               'test_ssl_sslsocket')
    canaries = (('race', 'data race'),)

    def options(self, label):
        return {'TSAN_OPTIONS': _runtime(
            self.folder / label, suppressions=HERE / 'tsan.supp',
            die_after_fork=0, history_size=5, second_deadlock_stack=1,
            allocator_may_return_null=1)}


class ValgrindPart(Part):
    """valgrind's memcheck."""

    name, title, config = 'valgrind', 'valgrind', 'debug'
    configure_args = ('--without-pymalloc',)
    modules = ('test_ssl_memorybio',)
    files = BIO_TESTS
    canaries = (('use_after_free', 'InvalidRead'),)
    #: An error counts if one of these is on its stack.
    objects = {'_ssl.so', canary.NAME + '.so'}

    def __init__(self, variant):
        super().__init__(variant)
        if shutil.which('valgrind') is None:
            console.fail('there is no valgrind',
                         'install it (on Debian and Ubuntu: "apt-get '
                         'install valgrind"), or leave it out with '
                         'SANITIZE="asan tsan"')

    def options(self, label):
        return {}

    def python(self, label):
        """A script that runs the interpreter under valgrind, its children
        too.  What may be lost is not shown: to valgrind every object that
        takes part in garbage collection may be, as pointers go past its
        header."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / 'python-{}'.format(label)
        path.write_text(
            '#!/bin/sh\n'
            'exec valgrind --tool=memcheck --trace-children=yes '
            '--trace-children-skip=/bin/*,/usr/bin/* --child-silent-after-'
            'fork=yes --error-limit=no --num-callers=30 '
            '--show-leak-kinds=definite '
            '--vgdb=no --quiet --xml=yes --xml-file={0}/{1}.%p '
            '--suppressions={2}/valgrind.supp {3} "$@"\n'.format(
                self.folder, label, HERE, self.variant.python))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def found(self, label):
        found = []
        for path in sorted(self.folder.glob(label + '.*')):
            found += reports.read_valgrind(path, self.objects)
        return found


PARTS = {part.name: part for part in (AddressPart, ThreadPart, ValgrindPart)}
