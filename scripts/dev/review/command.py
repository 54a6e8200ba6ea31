"""make review: one site of HTML for those who review the patches.

Everything in docs/, a page for each patch, the documentation of ssl, and
what was measured.  docs/review.md explains it.  Options by variable:
PYTHON3S and PYTHON27S, interpreters to measure with first; LINETESTS=yes,
to find which tests run which lines.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

from scripts.base import console
from scripts.build import variant as layout
from scripts.base import locking
from scripts.dev import tools as venv
from scripts.dev.review import paths

REQUIREMENTS = Path(__file__).resolve().with_name('requirements.txt')


def interpreters(variable, environ=os.environ):
    """The absolute paths that *variable* names (a list of str)."""
    found = []
    for word in shlex.split(environ.get(variable, '')):
        path = shutil.which(os.path.expanduser(word))
        if path is None:
            console.fail('{}: {} cannot be run'.format(variable, word),
                         'name installed interpreters, as '
                         '{}="python3.9 python3.13"'.format(variable))
        found.append(os.path.abspath(path))
    return found


def in_tools():
    """Run this program with the packages of requirements-review.txt."""
    python = venv.ensure(paths.TOOLS, REQUIREMENTS)
    if os.path.realpath(sys.prefix) != os.path.realpath(str(paths.TOOLS)):
        os.execv(str(python), [str(python)] + sys.argv)


def main():
    python3s = interpreters('PYTHON3S')
    python27s = interpreters('PYTHON27S')
    in_tools()
    from scripts.dev.review import checking, linetests, measure, website
    with locking.lock(layout.BUILD / 'review.lock'):
        if python3s:
            measure.measure(python3s, python27s)
        if layout.yes_or_no('LINETESTS', os.environ):
            patches = website.read_patches()
            linetests.measure(patches, website.prepare_trees(patches)[0])
        console.step('Writing the pages')
        note = website.write_source()
        if note:
            console.note(note)
        console.step('Building the site')
        website.run_sphinx()
        console.step('Checking the site')
        good = checking.run()
    print('\n{} pages, start with {}'.format(
        website.count(), os.path.relpath(paths.SITE / 'index.html',
                                      layout.ROOT)))
    return 0 if good else 1


if __name__ == '__main__':
    console.interruptible(main)
