"""A Context of this checkout with the pinned source, in a folder that goes
away."""

import contextlib
import os
import shutil

from scripts import options
from scripts.base import console, locking, paths
from scripts.dev.lint.rules.context import Context
from scripts.series.groups import SeriesError
from scripts.source import fetch, tree


@contextlib.contextmanager
def opened(name, environ=os.environ, readable=True, **more):
    """A context.Context whose trees are in build/NAME.work; *more*: what
    else it gets.

    If *readable*, patches that cannot be read end the program.
    """
    work = paths.BUILD / (name + '.work')
    cpython = options.CPYTHON.read(environ)

    def pristine():
        source = tree.find_source(cpython, environ)
        tree.prepare_tree(work / 'pristine', [], source)
        return str(work / 'pristine')

    distfiles = options.DISTFILES.read(environ)
    with locking.lock(paths.BUILD / (name + '.lock')):
        # A run that was interrupted may have left it.
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            context = Context(
                str(paths.ROOT), pristine, scratch_in=str(work),
                distfiles=[distfiles] if distfiles else [],
                cache=str(fetch.cache_dir(environ)), **more)
            with context:
                if readable and context.unreadable:
                    console.fail('{}: {}'.format(*context.unreadable[0]),
                                 '"make lint" says what to fix')
                yield context
        except SeriesError as error:
            console.fail(str(error), '"make lint" says what to fix')
        finally:
            shutil.rmtree(work, ignore_errors=True)
