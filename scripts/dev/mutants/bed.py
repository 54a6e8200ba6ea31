"""Where a mutant is made and judged."""

import collections
import shlex
import subprocess
from pathlib import Path

from scripts.base import files
from scripts.build import sslprefix
from scripts.dev.mutants import suites
from scripts.dev.mutants.treecopy import MODULES, Copy

#: outcome: 'killed', 'survived', 'invalid' (it cannot be compiled) or 'same'
#: (the compiler makes the same of it); by: the test (str) and what it did;
#: tests: the id of those that it depends on, of the one that killed it or of
#: all, '' if it depends on none.
Result = collections.namedtuple('Result', 'outcome by seconds tests',
                                defaults=('',))

class Compiler:
    """Compiles and links one module of *variant*, without setup.py."""

    def __init__(self, variant, environ):
        self.source = variant.src
        # Without a return value, what is returned is up to the compiler.
        self.base = sslprefix.compiler(environ) + [
            '-O0', '-Werror=return-type', '-fPIC']
        self.flags = []
        ssl = sslprefix.inspect(variant.openssl, environ)
        for argument in ssl.configure_args:
            name, _, value = argument.partition('=')
            if name in ('CPPFLAGS', 'CFLAGS', 'LDFLAGS'):
                self.flags += shlex.split(value)

    def _run(self, argv):
        return subprocess.run(
            [str(arg) for arg in argv], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def compile(self, path, text, folder):
        """Make an object of *text*, the C of *path*, in *folder* (Path);
        returns it, or None if it cannot be compiled."""
        source, target = folder / Path(path).name, folder / 'module.o'
        source.write_text(text)
        # By its usual name, which is in error messages and asserts.
        done = self._run(self.base + [
            '-c', source, '-o', target, '-I', self.source / 'Include', '-I',
            self.source / 'Modules', '-I', self.source,
            '-ffile-prefix-map={}={}'.format(folder, '.')] + self.flags)
        return target if done.returncode == 0 else None

    def link(self, path, target, folder):
        """Link the object *target* to the module of *path*; True if it
        worked."""
        done = self._run(self.base + [
            '-shared', target, '-o', folder / (MODULES[path] + '.so')] +
            self.flags + ['-lssl', '-lcrypto'])
        return done.returncode == 0


class Bed:
    """variant: that is built; known: list of suites.Suite; reached:
    suites.Reached; limits: {Suite: seconds}; tests: the id of all tests."""

    def __init__(self, variant, known, reached, limits, environ, folder,
                 tests):
        self.variant = variant
        self.known = known
        self.reached = reached
        self.limits = limits
        self.environ = environ
        self.folder = folder
        self.tests = tests
        self.ids = {suite: suites.identity_of(variant, suite)
                    for suite in known}
        self.compiler = Compiler(variant, environ)
        self.copies = {}
        self.plain = {}
        for path in MODULES:
            place = folder / 'plain' / MODULES[path]
            place.mkdir(parents=True, exist_ok=True)
            target = self.compiler.compile(
                path, (variant.src / path).read_text(), place)
            self.plain[path] = files.sha256_of(target)

    def make(self, mutant, folder):
        """Put *mutant* into *folder*; 'invalid', 'same' or ''."""
        text = (self.variant.src / mutant.path).read_text().splitlines()
        before = mutant.before.split('\n')
        place = slice(mutant.number - 1, mutant.number - 1 + len(before))
        if text[place] != before:
            raise ValueError('line {} of {} is another one'.format(
                mutant.number, mutant.path))
        text[place] = mutant.after.split('\n')
        text = '\n'.join(text) + '\n'
        if mutant.path.endswith('.py'):
            try:
                done = subprocess.run(
                    [str(self.variant.python), '-c',
                     'import sys; compile(sys.stdin.read(), "x", "exec")'],
                    input=text, text=True, stderr=subprocess.DEVNULL)
            except ValueError:
                return 'invalid'
            if done.returncode:
                return 'invalid'
            (folder / Path(mutant.path).name).write_text(text)
            return ''
        target = self.compiler.compile(mutant.path, text, folder)
        if target is None:
            return 'invalid'
        if files.sha256_of(target) == self.plain[mutant.path]:
            return 'same'
        return '' if self.compiler.link(mutant.path, target, folder) \
            else 'invalid'

    def copy(self, folder):
        """The Copy in *folder* (Path), made when it is wanted first."""
        if folder not in self.copies:
            self.copies[folder] = Copy(self.variant, folder)
        return self.copies[folder]

    def put(self, mutant, folder):
        """The Copy in *folder* with *mutant*, which is made there."""
        copy = self.copy(folder)
        name = MODULES[mutant.path] + '.so' if mutant.path in MODULES else \
            Path(mutant.path).name
        copy.put(mutant.path, folder / name)
        return copy

    def judge(self, mutant, folder):
        """The Result for *mutant*, made in *folder* (Path)."""
        folder.mkdir(parents=True, exist_ok=True)
        problem = self.make(mutant, folder)
        if problem:
            return Result(problem, '', 0.0)
        copy = self.put(mutant, folder)
        try:
            return self.run(mutant, copy, folder / 'log')
        finally:
            copy.restore(mutant.path)

    def run(self, mutant, copy, log):
        """The Result of the tests on *copy*, with *mutant*."""
        env = suites.environ(self.variant)
        able = self.reached.order(self.variant, self.known, mutant)
        seconds = 0.0
        for suite in able:
            argv, place = suites.command(copy, suite)
            verdict = suites.run(argv, place, env, self.limits[suite], log)
            seconds += verdict.seconds
            if verdict.status == 'timed out':
                # Is it the machine that is slow?
                copy.restore(mutant.path)
                again = suites.run(argv, place, env, self.limits[suite], log)
                self.put(mutant, log.parent)
                if again.status != 'passed':
                    continue
            if verdict.status != 'passed':
                return Result('killed', '{} {} ({})'.format(
                    suite.name, verdict.test, verdict.status), seconds,
                    self.ids[suite])
        return Result('survived', ', '.join(
            suite.name for suite in able[:3]) or 'no test runs the line',
            seconds, self.tests)
