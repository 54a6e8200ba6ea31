"""What the examples in docs/examples need for their tests on 2.7: packages,
and an interpreter that is installed and not only built."""

import os
import shutil

import build
import console
import layout
import locking
import site27
import tree

EXAMPLES = layout.ROOT / 'docs' / 'examples'
REQUIREMENTS = (EXAMPLES / 'requirements-trollius.txt',
                EXAMPLES / 'requirements-twisted.txt')


def packages(variant, environ=os.environ, requirements=REQUIREMENTS):
    """Install the *requirements* (Paths), which have hashes, if they are not
    there or changed.  Returns the folder (Path) for PYTHONPATH."""
    folder = variant.root / 'examples-site'
    stamp = folder.with_name('examples-site.made-of')
    identity = 'installed:\n' + ''.join(
        path.read_text() for path in requirements)
    if tree.read_stamp(stamp) == identity:
        return folder
    variables = site27.ensure(variant, environ)     # which brings pip
    with locking.lock(variant.root / 'examples.lock'):
        shutil.rmtree(folder, ignore_errors=True)
        # One by one: for pip, what two have in common is given twice.
        for path in requirements:
            console.step('Installing {} into {}'.format(
                path.name, os.path.relpath(folder, layout.ROOT)))
            console.run(
                [variant.python, '-m', 'pip', 'install', '--no-input',
                 '--disable-pip-version-check', '--no-deps',
                 '--require-hashes', '--target', folder, '-r', path],
                log=variant.log_dir / 'examples-site.log', cwd=layout.ROOT,
                env=variables, title='installing ' + path.name,
                hint='pip needs to reach its package index: see to the '
                     'network, or let PIP_INDEX_URL or\nPIP_FIND_LINKS name '
                     'a mirror or a folder with the packages')
        for path in folder.glob('*-nspkg.pth'):
            # It makes zope a package, but not on PYTHONPATH.
            (folder / path.name.split('.')[0] / '__init__.py').touch()
        tree.write_stamp(stamp, identity)
    return folder


def installed(variant, environ=os.environ):
    """Install *variant* below its own folder, with the prefix that it was
    configured for.  Returns the installed interpreter's Path."""
    stage = variant.root / 'examples-stage'
    stamp = stage.with_name('examples-stage.made-of')
    identity = 'installed:\n' + tree.read_stamp(variant.root / 'src.built')
    if tree.read_stamp(stamp) != identity:
        with locking.lock(variant.root / 'lock'):
            shutil.rmtree(stage, ignore_errors=True)
            build.make(variant.src, variant, variant.log_dir, 'installing',
                       'install', 'DESTDIR={}'.format(stage),
                       environ=environ)
            tree.write_stamp(stamp, identity)
    found = sorted(stage.glob('**/bin/python2.7'))
    if not found:
        console.fail('make install put no python2.7 below {}'.format(stage),
                     'see {}'.format(variant.log_dir / 'make.log'))
    return found[0]
