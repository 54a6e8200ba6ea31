"""Packages for the built interpreter: pytest and what else tests need.

They go to a user base of their own below the variant's folder, by the
interpreter's own ensurepip and pip.
"""

import os
import shutil

from scripts.base import console, files, locking, paths
from scripts.build import interpreter

REQUIREMENTS = paths.ROOT / 'Lib_tests' / 'requirements-2.7.txt'


def env(variant, environ=os.environ):
    """The environ in which *variant*'s interpreter finds the packages."""
    variables = interpreter.run_env(variant, environ)
    variables['PYTHONUSERBASE'] = str(variant.userbase)
    del variables['PYTHONNOUSERSITE']
    return variables


def ensure(variant, environ=os.environ, requirements=REQUIREMENTS):
    """Install the *requirements* (Path) if they are not there or changed.

    Returns the environ (dict) in which to run the interpreter.
    """
    variables = env(variant, environ)
    stamp = variant.userbase.with_name('userbase.made-of')
    identity = 'installed:\n' + requirements.read_text()
    if files.read(stamp) == identity:
        return variables
    with locking.lock(variant.root / 'userbase.lock'):
        console.step('Installing {} into {}'.format(
            requirements.name, paths.shown(variant.userbase)))
        shutil.rmtree(variant.userbase, ignore_errors=True)
        log = variant.log_dir / 'userbase.log'
        if log.exists():
            log.unlink()
        console.run(
            [variant.python, '-m', 'ensurepip', '--user',
             '--no-default-pip'],
            log=log, cwd=paths.ROOT, env=variables, title='ensurepip',
            hint='ensurepip needs zlib and _ssl: did the build have them?')
        console.run(
            [variant.python, '-m', 'pip', 'install', '--user',
             '--disable-pip-version-check',
             '--no-input', '-r', requirements],
            log=log, cwd=paths.ROOT, env=variables,
            title='installing ' + requirements.name,
            hint='pip needs to reach its package index: see to the network, '
                 'or let PIP_INDEX_URL or\nPIP_FIND_LINKS name a mirror or '
                 'a folder with the packages')
        files.write(stamp, identity)
    return variables
