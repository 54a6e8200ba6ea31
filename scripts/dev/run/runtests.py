"""Prove what was built: `make test`.

test_ssl and its neighbours in the patched tree, the test modules that the
series adds, Lib_tests on the patched 2.7 and on Python 3, the programs in
docs/examples on both, and the tests of the tooling.  docs/testing.md explains
the table at the end.

Options by variable: TESTS, names of modules of Lib/test to run instead of
everything; SUITES, some of: in-tree Lib_tests oracle examples tooling;
ORACLE, strict if a Python 3 that differs fails the run.
"""

import json
import os
import re
import socket
import sys
from pathlib import Path

from scripts import options
from scripts.base import console, locking, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import record
from scripts.dev.patchfile import Patch
from scripts.dev.run import examples27, intree, pytestrun, site27, testreport
from scripts.dev.run.librarylimits import Limits
from scripts.dev.run.testreport import Row
from scripts.source import tree

LIB_TESTS = paths.ROOT / 'Lib_tests'
TOOL_TESTS = paths.ROOT / 'scripts' / 'tests'
STOCK_FAILURES = Path(__file__).resolve().with_name('stock_failures.json')

NEEDS_COMPAT = 'needs group compat'

#: What asks for the names of services, which a bare Debian does not have.
ASK_FOR_SERVICES = {'test_socket': (
    'test.test_socket.GeneralModuleTests.testGetServBy',
    'test.test_socket.GeneralModuleTests.testGetaddrinfo')}
#: With OpenSSL 3 and without group compat nearly all of these fail, each
#: after a timeout.
STOCK_HANGS = ('test_ftplib', 'test_urllib2_localnet')
#: Are about _hashlib alone, and in a group that does not need compat.
ASK_FOR_HASHLIB = ('test_hashlib_keywords',)


class Options:
    """What to run.  modules: names of modules of Lib/test, or None for the
    standard ones; suites: names out of SUITES; strict: True if a Python 3
    that differs fails the run."""

    def __init__(self, environ=os.environ):
        self.modules = options.TESTS.read(environ)
        # TESTS alone is for looking at these modules only.
        self.suites = ['in-tree'] if self.modules and not \
            options.SUITES.raw(environ) else options.SUITES.read(environ)
        self.strict = options.ORACLE.read(environ) == 'strict'


def gate(variant, ssl, found):
    """A Row of checks that a green run of the rest would not show.

    found: what build.look_at() returned; ssl: the asked OpenSSL.
    """
    tests, texts = {}, {}

    def check(name, good, text):
        tests[name] = 'passed' if good else 'failed'
        texts[name] = '' if good else text

    hashlib = interpreter.expects_hashlib(variant, ssl)
    for name in ['_ssl'] + ['_hashlib'] * hashlib:
        check('import ' + name, name not in found['missing'],
              found['missing'].get(name, ''))
    check('OpenSSL in use', found.get('openssl') == ssl.text,
          'it is {}, asked for was {}'.format(found.get('openssl'), ssl.text))
    says = (found.get('series') or {}).get('patches', [])
    check('ssl_series', says == tree.select(variant.groups),
          'it names other patches than were applied: {}'.format(says))
    note = '' if hashlib else \
        '_hashlib ' + NEEDS_COMPAT
    return Row('the build', tests, texts, note=note)


def registration(added, default):
    """A Row: every module of *added* is one of *default*, those that
    regrtest runs when none is named."""
    tests = {name: 'passed' if name in default else 'failed'
             for name in added}
    return Row('found by regrtest', tests, {
        name: 'regrtest does not find it' for name in added})


def known_failures(variant, ssl, path=STOCK_FAILURES):
    """What fails without group compat: {module: list of test ids}.

    None where it is not known for this OpenSSL; {} where nothing fails.
    """
    if 'compat' in variant.groups or ssl.number < 0x30000000:
        return {}
    lists = json.loads(path.read_text())
    version = '{}.{}'.format(ssl.number >> 28, ssl.number >> 20 & 0xff)
    return lists.get(version)


def judge(result, known, added, log):
    """The Row of one in-tree module.

    result: intree.ModuleResult; known: as known_failures() returns it;
    added: the modules that the series adds, which have no known failures.
    """
    row = Row(result.name, result.tests, result.texts, result.problem,
              result.seconds, log=log)
    if known == {} or result.name in added:
        return row
    if known is None:
        row.known = set(result.bad)
    else:
        row.known = set(known.get(result.name, ()))
    if row.expected:
        row.note = '{} stock failures, {}'.format(row.expected, NEEDS_COMPAT)
        if known is None:
            row.note += ' (not judged)'
    return row


def has_services():
    """True if this machine knows the services that test_socket asks for."""
    try:
        socket.getservbyname('domain', 'udp')
        socket.getservbyname('http', 'tcp')
    except OSError:
        return False
    return True


def without_services(row):
    """*row*, of an in-tree module, on a machine that knows no services."""
    asking = ASK_FOR_SERVICES.get(row.name, ())
    row.known |= {test for test in asking
                  if row.tests.get(test) in ('failed', 'error')}
    lost = len(row.known & set(asking))
    if lost:
        row.note = '; '.join(filter(None, (
            row.note, '{} need /etc/services (netbase)'.format(lost))))
    return row


def run_in_tree(variant, ssl, asked, added, log_dir, found):
    """Run the modules of Lib/test.  Yields a Row each.

    found: what build.look_at() returned.
    """
    env = intree.clean_env(variant)
    yield registration(added, intree.default_modules(variant.python, env))
    known = known_failures(variant, ssl)
    services = has_services()
    limits = Limits(ssl.text)
    left_out = set(STOCK_HANGS) if known != {} else set()
    if '_hashlib' in found['missing']:      # gate() has passed: no compat
        left_out.update(ASK_FOR_HASHLIB)
    names = asked.modules or list(intree.MODULES) + [
        name for name in added if name not in intree.MODULES]
    for name in names:
        if name in left_out and not asked.modules:
            yield Row(name, note='not run: ' + NEEDS_COMPAT)
            continue
        result = intree.run_module(variant.python, name, env, log_dir)
        row = limits.apply(judge(result, known, added,
                                 log_dir / (name + '.log')))
        yield row if services else without_services(row)


def pytest_row(name, python, folder, env, log_dir, label, wrapper=()):
    """pytestrun.run_pytest(), its result as a Row called *name*."""
    result = pytestrun.run_pytest(python, folder, env, log_dir, label,
                                  wrapper=wrapper)
    return Row(name, result.tests, result.texts, result.problem,
               result.seconds, log=log_dir / (label + '.log'))


def env27(variant):
    """The environ (dict) for tests by pytest on the patched 2.7."""
    env = dict(intree.clean_env(variant), **{
        key: value for key, value in site27.ensure(variant).items()
        if key == 'PYTHONUSERBASE'})
    env.pop('PYTHONNOUSERSITE', None)
    return env


def run_lib_tests(variant, log_dir):
    """Lib_tests on the patched 2.7.  Returns a Row."""
    name = 'Lib_tests, Python 2.7'
    if 'pep546' not in variant.groups:
        return Row(name, note='not run: needs group pep546')
    return pytest_row(name, variant.python, LIB_TESTS, env27(variant),
                      log_dir, 'Lib_tests-2.7')


def as_oracle(row):
    """*row*, of tests on Python 3, which are not what is judged: a Python 3
    and an OpenSSL that differ from those which the tests know, or crash,
    say nothing about 2.7.  What they do is reported all the same."""
    row.known = set(row.ids('failed', 'error', 'crashed'))
    reasons = ['{} of {} tests'.format(row.expected, len(row.tests))] * bool(
        row.expected) + [row.problem] * bool(row.problem)
    if reasons:
        row.problem = ''
        row.note = 'oracle differs: ' + ', '.join(reasons)
    return row


def run_oracle(variant, log_dir):
    """Lib_tests on this Python 3.  Returns a Row."""
    version = '{}.{}'.format(*sys.version_info[:2])
    row = pytest_row(
        'Lib_tests, Python ' + version, Path(sys.executable), LIB_TESTS,
        intree.clean_env(variant), log_dir, 'Lib_tests-' + version)
    row.oracle = True
    return row


#: How pip was told to reach its index.
_FOR_PIP = re.compile(r'PIP_.*|(https?|all|no)_proxy|HOME', re.IGNORECASE)


def run_examples(variant, log_dir, environ=os.environ):
    """The tests of docs/examples, on the patched 2.7 and on this Python 3.
    Yields Rows."""
    tests, tests27 = (examples27.EXAMPLES / name
                      for name in ('tests', 'tests27'))
    if 'pep546' in variant.groups:
        env = env27(variant)
        yield pytest_row('examples, Python 2.7', variant.python, tests, env,
                         log_dir, 'examples-2.7')
        env.update((name, value) for name, value in environ.items()
                   if _FOR_PIP.fullmatch(name))
        env.update(PYTHONPATH=str(examples27.packages(variant)),
                   INSTALLED_PYTHON=str(examples27.installed(variant)))
        yield pytest_row('examples with packages', variant.python, tests27,
                         env, log_dir, 'examples-packages')
    else:
        yield Row('examples, Python 2.7', note='not run: needs group pep546')
    version = '{}.{}'.format(*sys.version_info[:2])
    row = pytest_row('examples, Python ' + version, Path(sys.executable),
                     tests, intree.clean_env(variant), log_dir,
                     'examples-' + version)
    row.oracle = True
    yield row


#: The options of this run; the tests of the tooling set their own.
_OPTIONS = set(options.ALL) - {'DISTFILES', 'CACHE', 'PYTHON3'} | {
    'MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES'}


def run_tooling(variant, log_dir):
    """The tests of the tooling.  Returns a Row."""
    env = {name: value for name, value in os.environ.items()
           if name not in _OPTIONS}
    env['BUILT_27'] = str(variant.python)
    return pytest_row('scripts/tests', Path(sys.executable), TOOL_TESTS,
                      env, log_dir, 'scripts-tests')


def selected_patches(variant):
    """The parsed patches that *variant* consists of."""
    return [Patch.read(str(paths.PATCHES_DIR / name), name)
            for name in tree.select(variant.groups)]


def run_all(variant, ssl, asked, log_dir):
    """Run what *asked* (Options) asks for.  Returns the Rows."""
    limits = Limits(ssl.text)
    look = interpreter.look_at(variant.python, variant)
    rows = [gate(variant, ssl, look)]
    if not rows[0].ok:
        return rows     # every other failure would only follow from it
    if 'in-tree' in asked.suites:
        console.step('Lib/test on {}'.format(ssl.text))
        added = intree.added_modules(selected_patches(variant))
        rows += run_in_tree(variant, ssl, asked, added, log_dir, look)
    for suite, title, run in (
            ('Lib_tests', 'Lib_tests on the patched 2.7', run_lib_tests),
            ('oracle', 'Lib_tests on Python 3', run_oracle),
            ('examples', 'docs/examples', run_examples),
            ('tooling', 'the tests of the tooling', run_tooling)):
        if suite in asked.suites:
            console.step(title)
            found = run(variant, log_dir)
            found = [found] if isinstance(found, Row) else list(found)
            for row in found:
                if not row.oracle:
                    limits.apply(row)
            rows += [as_oracle(row) if row.oracle and not asked.strict
                     else row for row in found]
    return rows


def main():
    asked = Options()
    variant = Variant.from_env()
    if not variant.python.exists():
        console.fail('{} has not been built'.format(variant.name),
                     'run "make" with the same options first')
    ssl = sslprefix.inspect(variant.openssl)
    log_dir = variant.log_dir / 'tests'
    taking = record.Taking('test', variant)
    with locking.lock(variant.root / 'tests.lock'):
        rows = run_all(variant, ssl, asked, log_dir)
        made = taking.write(
            {row.name: row.as_dict() for row in rows},
            not asked.modules and asked.suites == options.SUITES.read({}))
    print('\nresults: {}\nlogs: {}\n'.format(made.path, log_dir))
    out = terminal.output()
    return testreport.report(
        rows, '{}, {}'.format(variant.name, ssl.text), out)
