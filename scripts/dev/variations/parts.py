"""The parts of make variations: switches of 2.7, locales, orders, and
surroundings."""

import contextlib
import dataclasses
import functools
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

from scripts.base import console, paths
from scripts.dev.matrix import conditions, plan
from scripts.dev.run import intree, pytestrun, runtests, site27
from scripts.dev.run.testreport import Row

HERE = Path(__file__).resolve().parent
ORDER = HERE / 'order27.py'
LOCALISED = HERE / 'localised27.py'
WITHOUT = HERE / 'without27.py'
ANOTHER = HERE / 'another27.py'

#: name: (switches of the interpreter, what is put in front of the tests).
SWITCHES = {'3': '-3', 'OO': '-OO', 'Qnew': '-Qnew', 'tt': '-tt', 'R': '-R'}
LOCALES = {'C': 'C', 'tr_TR': 'tr_TR.UTF-8'}
ORDERS = ('random', 'alone')
SURROUNDINGS = ('no-multiprocessing', 'no-threads', 'read-only-home',
                'not-root', 'clock-2037', 'busy')

#: What a test's own process does not inherit: these tests run in the process
#: of the others.
HERE_ONLY = ('Qnew', 'tt', *LOCALES, 'no-multiprocessing')
IN_PROCESS = {'TEST_SSL_HARDENING_INPROCESS': '1',
              'TEST_SSL_SECURITY_INPROCESS': '1'}

#: That of nobody, who owns no file.
NOBODY = 65534

#: Of 2.7's own modules those that the series changes.
NEIGHBOURS = ('test_ssl', 'test_hashlib')


def make_locale(name, folder):
    """The environ (dict) in which the locale *name* (str) is there, which is
    made in *folder* (Path) unless the system has it; None if it cannot
    be."""
    if name == 'C':
        return {'LC_ALL': name}
    folder.mkdir(parents=True, exist_ok=True)
    language, _, charset = name.partition('.')
    try:
        done = subprocess.run(
            ['localedef', '-i', language, '-f', charset, str(folder / name)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    # It warns, with status 1, and makes the locale nevertheless.
    if done.returncode not in (0, 1) or not (folder / name).exists():
        return None
    return {'LC_ALL': name, 'LOCPATH': str(folder)}


def closed_folder(folder):
    """The first folder (Path) on the way to *folder*, itself included, that
    is not everyone's to enter; None if there is none."""
    way = [*reversed(folder.parents), folder]
    return next((path for path in way
                 if not path.stat().st_mode & stat.S_IXOTH), None)


@contextlib.contextmanager
def busy_loops():
    """Each CPU has something else to do for the length of a with block."""
    loops = []
    try:
        for _ in range(os.cpu_count() or 1):
            loops.append(subprocess.Popen([sys.executable, '-c',
                                           'while True: pass']))
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


class Variation:
    """All tests of the series in one way.  name: of SWITCHES, LOCALES,
    ORDERS or SURROUNDINGS."""

    def __init__(self, name, variant):
        self.title = name
        if name == 'no-threads':
            variant = dataclasses.replace(variant, configure_args=(
                *variant.configure_args, '--without-threads'))
        self.variant = variant
        self.folder = variant.log_dir / 'variations' / name
        self.wrapper = ()
        self.env = dict(IN_PROCESS) if name in HERE_ONLY else {}
        self.uid = None
        if name in SWITCHES:
            self.wrapper = (SWITCHES[name],)
        elif name == 'random':
            self.env['ORDER_SEED'] = str(random.randrange(1 << 30))
            self.wrapper = (str(ORDER),)
        elif name in LOCALES:
            self.wrapper = (str(LOCALISED),)
        elif name == 'no-multiprocessing':
            self.wrapper = (str(WITHOUT), '_multiprocessing')
        elif name == 'read-only-home':
            # In which not even root can make a file.
            self.env['HOME'] = '/proc'
        elif name == 'not-root' and os.geteuid() == 0:
            # Who is not root runs everything in this way.
            self.uid = NOBODY
            self.wrapper = (str(ANOTHER), str(NOBODY))
            self.env['HOME'] = str(self.folder)

    def environ(self):
        """What intree.clean_env() is to have besides (dict), or None."""
        if self.title in LOCALES:
            made = make_locale(LOCALES[self.title],
                               self.variant.root / 'locales')
            return made and {**made, **self.env}
        if self.title == 'clock-2037':
            return conditions.clock_variables(plan.CLOCK,
                                              'VARIATIONS=clock-2037')
        return self.env

    def modules(self, tests):
        added = intree.added_modules(runtests.selected_patches(self.variant))
        names = list(NEIGHBOURS) + added
        return [name for name in names if not tests or name in tests]

    def files(self, tests):
        """Names of the modules of Lib_tests for each run of pytest, which
        does not run without threads, nor does pip."""
        if self.title == 'no-threads':
            return []
        names = [path.stem for path
                 in sorted(paths.LIB_TESTS.glob('test_*.py'))]
        if tests:
            names = [name for name in names if name in tests]
        if self.title == 'alone':
            return [(name,) for name in names]
        return [tuple(names)] if names else []

    def rows(self, tests):
        """Yields the Rows.  *tests*: names of modules, empty for all."""
        more = self.environ()
        if more is None:
            yield Row(self.title, problem='there is no locale {}, and '
                      'localedef does not make it (Debian: the package '
                      'locales)'.format(LOCALES[self.title]))
            return
        console.step('{}{}'.format(self.title, ' (seed {})'.format(
            self.env['ORDER_SEED']) if 'ORDER_SEED' in self.env else ''))
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.uid is not None:
            closed = closed_folder(self.folder)
            if closed:
                yield Row(self.title, problem='user {} cannot enter {}: try '
                          'it in a checkout that anyone can read'.format(
                              self.uid, closed))
                return
            os.chown(self.folder, self.uid, self.uid)
        env = dict(intree.clean_env(self.variant), **more)
        with busy_loops() if self.title == 'busy' else \
                contextlib.nullcontext():
            yield from self.runs(tests, env)

    def runs(self, tests, env):
        """Yields a Row for each module of Lib/test and run of pytest."""
        for name in self.modules(tests):
            result = intree.run_module(
                self.variant.python, name, env, self.folder,
                wrapper=self.wrapper,
                cwd=None if self.uid is None else self.folder)
            yield Row('{}: {}'.format(self.title, name), result.tests,
                      result.texts, result.problem, result.seconds,
                      log=self.folder / (name + '.log'))
        for names in self.files(tests):
            label = 'Lib_tests' if len(names) != 1 else \
                'Lib_tests.' + names[0]
            base = site27.ensure(self.variant)['PYTHONUSERBASE']
            found = pytestrun.run_pytest(
                self.variant.python, paths.LIB_TESTS,
                dict(env, PYTHONUSERBASE=base, PYTHONNOUSERSITE=''),
                self.folder, label, wrapper=self.wrapper, files=names,
                owner=self.uid)
            yield Row('{}: {}'.format(self.title, label), found.tests,
                      found.texts, found.problem, found.seconds,
                      log=self.folder / (label + '.log'))


PARTS = {name: functools.partial(Variation, name)
         for name in (*SWITCHES, *LOCALES, *ORDERS,
                      *SURROUNDINGS)}
