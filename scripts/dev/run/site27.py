"""Packages for the built interpreter: pytest and what else tests need.

They go to a user base of their own below the variant's folder, by the
interpreter's own ensurepip and pip.
"""

import os

from scripts.base import console, once, paths
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
    for _ in once.made(variant.userbase,
                       'installed:\n' + requirements.read_text()):
        console.step('Installing {} into {}'.format(
            requirements.name, paths.shown(variant.userbase)))
        log = variant.log_dir / 'userbase.log'
        log.unlink(missing_ok=True)
        pip.ensurepip(variant.python, log=log, env=variables)
        pip.run(variant.python, 'install', '--user',
                requirements=requirements, log=log, env=variables)
    return variables
