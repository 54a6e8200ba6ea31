"""The files of tests that judge a mutant, and how one is run.

Each is run once as the series is: it has to pass, and which lines it runs
tells for which mutants it comes first.
"""

import collections
import hashlib
import json
import re
import subprocess
import time

from scripts.base import files, paths
from scripts.dev.evidence import identity
from scripts.dev.review import linetests
from scripts.dev.run import intree

#: kind: 'in-tree' or 'Lib_tests'; name: of the module.
Suite = collections.namedtuple('Suite', 'kind name')

#: status: 'passed', 'failed', 'crashed' or 'timed out'; test: the first one
#: that did not pass (str); seconds.
Verdict = collections.namedtuple('Verdict', 'status test seconds')

#: These come first where it is not known what runs a line.
FIRST = ('test_ssl_memorybio', 'test_ssl_hardening', 'test_ssl_security',
         'test_ssl_performance')
#: Of the modules that 2.7 has, those that the changes are in.
NEIGHBOURS = ('test_ssl', 'test_hashlib')

#: {is it Python: what is in tests that start processes which leave no counts}
LOST = {False: ('os._exit', ),
        True: ('os._exit', 'sys.executable', 'assert_python')}

_FAILED = re.compile(r'^(?:FAIL|ERROR|FAILED): (.+)$|^(?:FAILED|ERROR) (\S+)',
                     re.MULTILINE)


def known(patches):
    """All of them (list of Suite)."""
    added = intree.added_modules(patches)
    names = [name for name in FIRST if name in added]
    names += [name for name in list(NEIGHBOURS) + added if name not in names]
    return [Suite('in-tree', name) for name in names] + [
        Suite('Lib_tests', path.stem)
        for path in sorted(paths.LIB_TESTS.glob('test_*.py'))]


def command(variant, suite, wrapper=()):
    """(argv, folder to run it in); it stops at the first failure."""
    if suite.kind == 'in-tree':
        return [str(variant.python), *wrapper, '-m', 'unittest', '-f',
                'test.' + suite.name], variant.src / 'Lib' / 'test'
    return [str(variant.python), *wrapper, '-m', 'pytest', '-x', '-q',
            '-rfE', '-p', 'no:cacheprovider',
            str(source(variant, suite))], paths.ROOT


def source(variant, suite):
    """The file (Path) of *suite*."""
    folder = variant.src / 'Lib' / 'test' if suite.kind == 'in-tree' else \
        paths.LIB_TESTS
    return folder / (suite.name + '.py')


def identity_of(variant, suite):
    """The id (str) of the file of *suite*, and of what it may use in
    Lib_tests; what it uses in the tree is of the series."""
    digest = hashlib.sha256(str(suite).encode())
    digest.update(source(variant, suite).read_bytes())
    if suite.kind == 'Lib_tests':
        digest.update(identity.tests([
            'Lib_tests/' + path.name
            for path in paths.LIB_TESTS.glob('[!._]*')
            if not path.match('test_*.py')]).encode())
    return digest.hexdigest()[:12]


def mentions(variant, suite, *texts):
    """True if one of *texts* (strs) is in the file of *suite*."""
    code = files.read(source(variant, suite))
    return any(text in code for text in texts)


def statement(text, number, lines):
    """The number of the line at which the statement of line *number* begins
    in *text* (list of str), if it is one of *lines*, those that are counted;
    None if it is in no function."""
    while number > 0 and number not in lines:
        if not re.match(r'[\s#]|$', text[number - 1]):
            return None
        number -= 1
    return number or None


def judge(status, output, timed_out=False, seconds=0.0):
    """The Verdict on a run that ended with *status* and *output* (str)."""
    found = _FAILED.search(output)
    test = (found[1] or found[2]) if found else ''
    if timed_out:
        return Verdict('timed out', test, seconds)
    if status < 0:
        return Verdict('crashed', test or 'signal {}'.format(-status),
                       seconds)
    return Verdict('failed' if status else 'passed', test, seconds)


def run(argv, folder, env, limit, log):
    """Run *argv* for *limit* seconds at most; returns the Verdict."""
    begin = time.monotonic()
    with open(log, 'wb') as output:
        process = subprocess.Popen(
            argv, cwd=str(folder), env=env, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            process.wait(limit)
            timed_out = False
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            linetests.watched.end(process)
    return judge(process.returncode, log.read_text(errors='replace'),
                 timed_out, time.monotonic() - begin)


class Reached:
    """What each suite runs, as measured on one series and kept in *folder*
    (Path)."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, suite):
        return self.folder / '{}.{}.json'.format(*suite)

    def read(self, suite):
        """{'verdict': list, 'lines': {path: list of int}}, or None."""
        return json.loads(files.read(self.path(suite)) or 'null')

    def is_of(self, variant, suite):
        """Whether it was measured with *suite* as it is."""
        known = self.read(suite)
        return known is not None and \
            known.get('tests') == identity_of(variant, suite)

    def measure(self, variant, suite, env, module, limit):
        """Run *suite* with the *module* (folder) that is made for gcov."""
        label = '{}.{}'.format(*suite)
        verdict = []

        def under(env, wrapper):
            argv, folder = command(variant, suite, wrapper)
            verdict.append(run(argv, folder, env, limit,
                               self.folder / (label + '.log')))
        lines = linetests.run_file(variant, 'mutants-' + label, env, module,
                                   under)
        files.write_json(self.path(suite), {
            'tests': identity_of(variant, suite),
            'verdict': list(verdict[0]),
            'lines': {path: sorted(ran) for path, (ran, _) in
                      lines.items()},
            'counted': {path: sorted(every) for path, (_, every) in
                        lines.items()}})
        return verdict[0]

    def order(self, variant, suites, mutant):
        """Those of *suites* that can see *mutant*, in the order in which
        they are to be run.

        Those that run its line, the fastest first, then those that can have
        run it in a process that left no counts.  All of them if nobody counts
        the line: it is in a table, or in a macro.
        """
        counted, hit, uncounted = set(), [], []
        for suite in suites:
            counted.update(self.read(suite)['counted'].get(mutant.path, ()))
        # Of a statement of several lines, the one that is counted.
        number = next((number for number, _ in enumerate(
            mutant.before.split('\n'), mutant.number) if number in counted),
            None) or statement(
                (variant.src / mutant.path).read_text().splitlines(),
                mutant.number, counted)
        for suite in suites:
            data = self.read(suite)
            if number in data['lines'].get(mutant.path, ()):
                hit.append((data['verdict'][2], suite))
            elif number is None or mentions(
                    variant, suite, *LOST[mutant.path.endswith('.py')]):
                uncounted.append(suite)
        if mutant.path.endswith('_hashopenssl.c'):
            # Compiled without counts, and of no use to others.
            uncounted = [suite for suite in uncounted
                         if mentions(variant, suite, 'hashlib')]
        return [suite for _, suite in sorted(hit)] + uncounted


def environ(variant):
    """Of the tests, without and with what measures coverage (dicts)."""
    env = dict(intree.clean_env(variant), PYTHONDONTWRITEBYTECODE='1',
               PYTHONUSERBASE=str(variant.userbase))
    env.pop('PYTHONNOUSERSITE', None)
    return env
