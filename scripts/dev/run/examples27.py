"""What the examples in docs/examples need for their tests on 2.7: packages,
and an interpreter that is installed and not only built."""

import os

from scripts.base import console, files, locking, once, paths
from scripts.build import interpreter
from scripts.dev.run import pip, site27

EXAMPLES = paths.ROOT / 'docs' / 'examples'
REQUIREMENTS = (EXAMPLES / 'requirements-trollius.txt',
                EXAMPLES / 'requirements-twisted.txt')


def packages(variant, environ=os.environ, requirements=REQUIREMENTS):
    """Install the *requirements* (Paths), which have hashes, if they are not
    there or changed.  Returns the folder (Path) for PYTHONPATH."""
    folder = variant.root / 'examples-site'
    for _ in once.made(folder, 'installed:\n' + ''.join(
            path.read_text() for path in requirements)):
        variables = site27.ensure(variant, environ)     # which brings pip
        # One by one: for pip, what two have in common is given twice.
        for path in requirements:
            console.step('Installing {} into {}'.format(
                path.name, paths.shown(folder)))
            pip.run(variant.python, 'install', '--no-deps', '--target',
                    folder, requirements=path, env=variables,
                    log=variant.log_dir / 'examples-site.log')
        for path in folder.glob('*-nspkg.pth'):
            # It makes zope a package, but not on PYTHONPATH.
            (folder / path.name.split('.')[0] / '__init__.py').touch()
    return folder


def installed(variant, environ=os.environ):
    """Install *variant* below its own folder, with the prefix that it was
    configured for.  Returns the installed interpreter's Path."""
    stage = variant.root / 'examples-stage'
    for _ in once.made(stage, 'installed:\n' + files.read(
            variant.root / 'src.built')):
        with locking.lock(variant.root / 'lock'):
            interpreter.make(variant.src, variant, variant.log_dir,
                             'installing', 'install',
                             'DESTDIR={}'.format(stage), environ=environ)
    found = sorted(stage.glob('**/bin/python2.7'))
    if not found:
        console.fail('make install put no python2.7 below {}'.format(stage),
                     'see {}'.format(variant.log_dir / 'make.log'))
    return found[0]
