"""pyOpenSSL for the patched interpreter, in a user base of its own."""

import shutil

from scripts.base import files
from scripts.build import interpreter
from scripts.dev.bench.compiling import FOLDER, HERE
from scripts.dev.run import pip

REQUIREMENTS = HERE / 'requirements-pyopenssl.txt'


def ensure(python, variant, name, requirements=REQUIREMENTS):
    """Install *requirements* for the 2.7 at *python* (Path) by its own
    ensurepip and pip, unless they are there.

    name: of the folder below build/bench (str).  Returns the environ (dict)
    in which *python* finds them.
    """
    base = FOLDER / name
    env = interpreter.run_env(variant)
    env['PYTHONUSERBASE'] = str(base)
    del env['PYTHONNOUSERSITE']
    stamp = base.with_name(base.name + '.made-of')
    identity = '{}\n{}\n{}'.format(python, files.sha256_of(python),
                                   requirements.read_text())
    if files.read(stamp) == identity:
        return env
    shutil.rmtree(base, ignore_errors=True)
    log = FOLDER / 'logs' / (name + '.log')
    pip.ensurepip(python, log=log, env=env, cwd=FOLDER)
    pip.run(python, 'install', '--user', '--only-binary', 'cryptography',
            requirements=requirements, log=log, env=env, cwd=FOLDER,
            title='installing pyOpenSSL')
    files.write(stamp, identity)
    return env
