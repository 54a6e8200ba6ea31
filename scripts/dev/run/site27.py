"""Packages for the built interpreter: pytest and what else tests need.

They go to a user base of their own below the variant's folder, by the
interpreter's own ensurepip and pip.
"""

import os
import shutil

from scripts.base import console, files, locking, paths
from scripts.build import interpreter
from scripts.dev.run import pip

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
        pip.ensurepip(variant.python, log=log, env=variables)
        pip.run(variant.python, 'install', '--user',
                requirements=requirements, log=log, env=variables)
        files.write(stamp, identity)
    return variables
