"""The tests of the series and of the overlay, on an interpreter that has
one."""

import contextlib
import re
import shutil
from types import SimpleNamespace

from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev.overlay import existing, sources, trial
from scripts.dev.run import intree, knownfailures, runtests, site27
from scripts.dev.run.testreport import Row

TRIALS27 = sources.PACKAGE.parent / 'py27'

#: What an overlay takes of a patched tree, and what nobody runs.
_TAKEN = re.compile(
    r'Modules/_(ssl|ssl_data|hashopenssl)\.[ch]|Lib/ssl\.py|'
    r'(Lib/test|Doc|Misc|Tools)/.*')


def tests_of_the_rest(patches):
    """The tests (set of (module, name)) that *patches* (patchfile.Patch) add
    together with a change of what an overlay does not take, as of hashlib.py
    or of the modules that setup.py builds: they may fail."""
    found = set()
    for patch in patches:
        if all(_TAKEN.fullmatch(path) for path in patch.paths):
            continue
        for line in patch.added_lines():
            module = re.fullmatch(r'Lib/test/(test_\w+)\.py', line.path)
            test = re.match(r' +def (test_\w+)\(', line.text)
            if module and test:
                found.add((module[1], test[1]))
    return found


def _is_of(test, tests):
    words = test.split('.')
    return words[0] == 'test' and len(words) > 2 and \
        (words[1], words[-1]) in tests


def with_known(rows, openssl, patches=(), others=()):
    """*rows* (Rows) that do not count what knownfailures has of *openssl*
    (str), tests_of_the_rest() of *patches*, and *others* (ids)."""
    known = knownfailures.of_openssl(openssl) | set(others)
    rest = tests_of_the_rest(patches)
    for row in rows:
        row.known = knownfailures.failing(row, known) | {
            test for test in row.ids('failed', 'error', 'crashed')
            if _is_of(test, rest)}
        yield row


def library(src, folder):
    """Make *folder* (Path) one to be put into the path: the package test
    of the tree *src* (Path), nothing else of its library."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(src / 'Lib' / 'test', folder / 'test',
                    ignore=shutil.ignore_patterns('*.pyc'))
    return folder


def patches_of(groups):
    """The patches (list of patchfile.Patch) of *groups* (names)."""
    return runtests.selected_patches(SimpleNamespace(groups=groups))


def modules(groups, python, neighbours=True):
    """The names (list of str) of the modules of Lib/test to run with
    *groups* (names) in the overlay of *python* (existing.Interpreter).

    Left out are those of what is not the overlay's: of _hashlib if the
    interpreter has one, and, if it is not 2.7.18, of other modules of the
    library (neighbours), which have been changed since.
    """
    patches = patches_of(groups)
    left_out = intree.added_modules(
        [patch for patch in patches if python.hashlib and
         'Modules/_hashopenssl.c' in patch.paths])
    found = list(intree.MODULES) \
        if neighbours and python.version == existing.NEWEST else ['test_ssl']
    found += [name for name in intree.added_modules(patches)
              if name not in found]
    return [name for name in found if name not in left_out]


@contextlib.contextmanager
def in_path(folder, site):
    """Put *folder* (Path) in front of the path of the interpreter whose
    site-packages *site* (Path) is.

    Tests start the interpreter with -E, which does without PYTHONPATH.
    """
    pth = site / 'overlay-trial.pth'
    pth.write_text('import sys; sys.path.insert(0, {!r})\n'.format(
        str(folder)))
    try:
        yield
    finally:
        pth.unlink()


def in_tree(title, python, src, names, env, folder, site,
            timeout=intree.TIMEOUT):
    """Rows of the modules *names* of Lib/test of the tree *src* (Path), run
    by *python* (Path); *folder* (Path) is for the library and logs.
    site: as for in_path().  timeout: seconds for one module."""
    with in_path(library(src, folder / 'library'), site):
        for name in names:
            result = intree.run_module(python, name, env, folder / 'logs',
                                       timeout)
            yield Row('{}: {}'.format(title, name), result.tests,
                      result.texts, result.problem, result.seconds,
                      log=folder / 'logs' / (name + '.log'))


def by_pytest(title, python, groups, env, folder, lib_tests=True):
    """Rows of the overlay's own tests and, if *lib_tests* is True, of
    Lib_tests with *groups* (names); *python*, *env* and *folder* as for
    in_tree()."""
    # Its pip fetches pytest for all of them.
    interpreter.ensure(Variant())
    variables = site27.ensure(Variant())
    env = dict(env, PYTHONUSERBASE=variables['PYTHONUSERBASE'],
               OVERLAY_CERTS=str(trial.CERTS))
    env.pop('PYTHONNOUSERSITE', None)
    yield runtests.pytest_row(
        title + ': the overlay', python, TRIALS27, env, folder / 'logs',
        'overlay')
    if 'pep546' in groups and lib_tests:
        yield runtests.pytest_row(
            title + ': Lib_tests', python, runtests.LIB_TESTS, env,
            folder / 'logs', 'Lib_tests')
