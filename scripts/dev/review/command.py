"""make review: one site of HTML for those who review the patches.

Everything in docs/, a page for each patch, the documentation of ssl, and
what was measured.  docs/review.md explains it.  Options by variable:
PYTHON3S and PYTHON27S, interpreters to measure with first; LINETESTS=yes,
to find which tests run which lines.
"""

import os
import sys
from pathlib import Path

from scripts import options
from scripts.base import console, locking, paths
from scripts.dev import tools
from scripts.dev.review import places

REQUIREMENTS = Path(__file__).resolve().with_name('requirements.txt')


def in_tools():
    """Run this program with the packages of requirements-review.txt."""
    python = tools.ensure(places.TOOLS, REQUIREMENTS)
    if os.path.realpath(sys.prefix) != os.path.realpath(str(places.TOOLS)):
        os.execv(str(python), [str(python), '-m', 'scripts', 'review'])


def main():
    python3s = options.PYTHON3S.read()
    python27s = options.PYTHON27S.read()
    in_tools()
    from scripts.dev.review import checking, linetests, measure, website
    with locking.lock(paths.BUILD / 'review.lock'):
        if python3s:
            measure.measure(python3s, python27s)
        if options.LINETESTS.read(os.environ):
            patches = website.read_patches()
            linetests.measure(patches, website.prepare_trees(patches)[0])
        console.step('Writing the pages')
        website.write_source()
        console.step('Building the site')
        website.run_sphinx()
        console.step('Checking the site')
        good = checking.run()
    print('\n{} pages, start with {}'.format(
        website.count(), paths.shown(places.SITE / 'index.html')))
    return 0 if good else 1
