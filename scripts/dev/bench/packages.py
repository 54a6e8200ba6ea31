"""pyOpenSSL for the patched interpreter, in a user base of its own."""

import shutil

from scripts.base import files
from scripts.build import interpreter
from scripts.dev.bench.compiling import FOLDER, HERE
from scripts.dev.run import pip

REQUIREMENTS = HERE / 'requirements-pyopenssl.txt'


def ensure(python, variant, name, requirements=(REQUIREMENTS,)):
    """Install *requirements* (Paths) for the 2.7 at *python* by its own
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
                                   '\n'.join(
                                       path.read_text()
                                       for path in requirements))
    if files.read(stamp) == identity:
        return env
    shutil.rmtree(base, ignore_errors=True)
    log = FOLDER / 'logs' / (name + '.log')
    pip.ensurepip(python, log=log, env=env, cwd=FOLDER)
    for path in requirements:
        pip.run(python, 'install', '--user', '--no-deps', '--only-binary',
                'cryptography', requirements=path, log=log, env=env,
                cwd=FOLDER)
    files.write(stamp, identity)
    return env
