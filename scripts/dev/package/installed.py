"""The demo and the new tests on an installed package."""

import json
import os
import subprocess

from scripts.base import console, paths
from scripts.dev import terminal
from scripts.dev.patchfile import Patch
from scripts.dev.run import (
    intree,
    knownfailures,
    runtests,
    site27,
    testreport,
)
from scripts.dev.run.testreport import Row

DEMO = paths.ROOT / 'scripts' / 'build' / 'demo.py'


def environment(variant):
    """The environ (dict) of the tests: nothing of the user's settings."""
    env = {name: value for name, value in intree.clean_env(variant).items()
           if name not in ('PYTHONNOUSERSITE', 'LD_LIBRARY_PATH')}
    env['PATH'] = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'
    return env


def added_modules(names):
    """The modules of Lib/test that the patches *names* add."""
    return intree.added_modules([
        Patch.read(str(paths.PATCHES_DIR / name), name) for name in names])


def demo(python, env):
    """Run the demo on *python* (Path); returns a Row."""
    console.step('Demo on the installed package')
    status = subprocess.run([str(python), str(DEMO)], env=env,
                            cwd=python.parent).returncode
    return Row('demo', {'demo': 'failed' if status else 'passed'},
               {'demo': 'it ended with status {}'.format(status)})


def series(python, names, env):
    """ssl_series of *python* (Path) is of the patches *names*, and next to
    the ssl in use; a Row."""
    done = subprocess.run([str(python), '-m', 'ssl_series'], env=env, cwd='/',
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    wrong = ''
    if done.returncode:
        wrong = done.stdout.strip()
    else:
        said = json.loads(done.stdout)
        folders = {os.path.dirname(path or '')
                   for path in (said['file'], said['in_use']['ssl'])}
        if said['patches'] != list(names):
            wrong = 'it names other patches: {}'.format(said['patches'])
        elif len(folders) != 1:
            wrong = 'ssl is in another folder: {}'.format(sorted(folders))
    return Row('ssl_series', {'ssl_series': 'failed' if wrong else 'passed'},
               {'ssl_series': wrong})


def in_tree(python, names, env, log_dir):
    """test_ssl and what the patches *names* add, as installed; Rows."""
    console.step('The installed tests')
    added = added_modules(names)
    yield runtests.registration(added, intree.default_modules(python, env))
    for name in ['test_ssl'] + added:
        result = intree.run_module(python, name, env, log_dir)
        yield Row(name, result.tests, result.texts, result.problem,
                  result.seconds, log=log_dir / (name + '.log'))


def lib_tests(python, env, variant, log_dir):
    """Lib_tests on *python*, with the packages of *variant*; a Row."""
    console.step('Lib_tests on the installed package')
    env = dict(env, PYTHONUSERBASE=site27.ensure(variant)['PYTHONUSERBASE'])
    return runtests.pytest_row('Lib_tests', python, runtests.LIB_TESTS, env,
                               log_dir, 'Lib_tests')


def _known(python, env, fails):
    """The tests (set of str) that may fail: *fails*, and those that do with
    the OpenSSL of *python* (Path) whatever ssl is."""
    text = subprocess.run(
        [str(python), '-c', 'import ssl; print(ssl.OPENSSL_VERSION)'],
        env=env, cwd='/', text=True, stdout=subprocess.PIPE).stdout
    return set(fails) | knownfailures.of_openssl(text.strip())


def check(python, names, variant, log_dir, title, more=(), fails=()):
    """Run all of it and print the table.  Returns the exit status.

    python: a program (Path) that runs the installed interpreter; names:
    the patches in it; more: Rows to show first; fails: ids of tests that
    fail because of what else is in the package.
    """
    env = environment(variant)
    known = _known(python, env, fails)
    rows = list(more) + [demo(python, env), series(python, names, env)]
    rows += in_tree(python, names, env, log_dir)
    rows.append(lib_tests(python, env, variant, log_dir))
    for row in rows:
        row.known = knownfailures.failing(row, known)
    print('\nlogs: {}\n'.format(paths.shown(log_dir)))
    out = terminal.output()
    return testreport.report(rows, title, out)
