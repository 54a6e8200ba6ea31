"""A Context of this checkout with the pinned source, in a folder that goes
away."""

import contextlib
import os
import shutil

from scripts.base import console
from scripts.build import variant as layout
from scripts.base import locking
from scripts.source import tree
from scripts.dev.lint.rules.context import Context
from scripts.series.groups import SeriesError


@contextlib.contextmanager
def opened(name, environ=os.environ):
    """A lint_rules.context.Context whose trees are in build/NAME.work.

    Patches that cannot be read end the program.
    """
    work = layout.BUILD / (name + '.work')
    cpython = layout.absolute(environ.get('CPYTHON', '').strip())

    def pristine():
        source = tree.find_source(cpython, environ)
        tree.prepare_tree(work / 'pristine', [], source)
        return str(work / 'pristine')

    distfiles = layout.absolute(environ.get('DISTFILES', '').strip())
    with locking.lock(layout.BUILD / (name + '.lock')):
        # A run that was interrupted may have left it.
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            context = Context(
                str(layout.ROOT), pristine, scratch_in=str(work),
                distfiles=[distfiles] if distfiles else [],
                cache=str(layout.cache_dir(environ)))
            with context:
                if context.unreadable:
                    console.fail('{}: {}'.format(*context.unreadable[0]),
                                 '"make lint" says what to mend')
                yield context
        except SeriesError as error:
            console.fail(str(error), '"make lint" says what to mend')
        finally:
            shutil.rmtree(work, ignore_errors=True)
