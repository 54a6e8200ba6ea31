"""Write every patch anew with the deterministic settings: `make refresh`.

A refresh would turn fuzz into silent success: a patch that does not apply
exactly is left alone, and named.  An offset is what a refresh is for.
"""

import os
import shutil
import subprocess

from scripts import options
from scripts.base import console, locking, paths
from scripts.build.variant import Variant
from scripts.dev.lint.rules.apply import refreshed
from scripts.dev.lint.rules.context import Context
from scripts.series import walk
from scripts.series.groups import SeriesError
from scripts.source import tree


class RefreshError(Exception):
    """A patch that must be mended by hand first."""


def refresh(context):
    """Refresh the patches of *context*.  Returns the names that changed.

    Nothing is written unless every patch of the series applies at zero
    fuzz; each file is replaced at once.
    """
    if context.unreadable:
        raise RefreshError('\n'.join(
            '{}: {}'.format(*item) for item in context.unreadable))
    for step in context.steps:
        problems = step.rejected + step.fuzzy
        if problems:
            raise RefreshError('{} does not apply without fuzz: {}'.format(
                step.name, '; '.join(problems)))
    changed = [(name, new) for name, old, new in refreshed(context)
               if old != new]
    for name, new in changed:
        path = os.path.join(context.patches_dir, name)
        part = os.path.join(context.patches_dir, '.{}.part'.format(name))
        with open(part, 'wb') as file:
            file.write(new)
        shutil.copymode(path, part)
        os.replace(part, path)
    return [name for name, _ in changed]


def uncommitted(root):
    """Lines of git status about patches/ in the checkout *root*."""
    try:
        result = subprocess.run(
            ['git', '-c', 'safe.directory=' + str(root), '-C', str(root),
             'status', '--short', '--', 'patches', 'series'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)
    except FileNotFoundError:
        return []
    return result.stdout.splitlines()


def main():
    work = paths.BUILD / 'refresh'
    variant = Variant.from_env()
    check = options.CHECK.read(os.environ)
    dirty = uncommitted(paths.ROOT)
    if dirty:
        console.note('not committed before the refresh:\n' + '\n'.join(dirty))
    with locking.lock(paths.BUILD / 'refresh.lock'):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            pristine = work / 'pristine'
            tree.prepare_tree(pristine, [], tree.find_source(variant.cpython))
            with Context(str(paths.ROOT), str(pristine),
                         scratch_in=str(work)) as context:
                console.step('Refreshing {} patches'.format(
                    len(context.names)))
                changed = refresh(context)
        except (RefreshError, SeriesError, walk.WalkError) as error:
            return console.fail(
                str(error), 'no patch was changed. Apply it by hand in a '
                'tree with the ones before it (patch -p1 --dry-run\nshows '
                'the hunks), correct the hunk, look at the result, and '
                'refresh again')
        finally:
            shutil.rmtree(work, ignore_errors=True)
    for name in changed:
        console.note('refreshed patches/' + name)
    console.step('{} of {} patches changed'.format(
        len(changed), len(context.names)))
    if check and changed:
        return console.fail(
            'the patches were not in their refreshed form',
            'they are now: look at "git diff" and commit')
    return 0
