"""Write every patch anew with the deterministic settings: `make refresh`.

A refresh would turn fuzz into silent success: a patch that does not apply
exactly is left alone, and named.  An offset is what a refresh is for.
"""

import os
import shutil
import subprocess

from scripts import options
from scripts.base import console, paths
from scripts.dev.lint import workshop
from scripts.dev.lint.rules.apply import refreshed
from scripts.series import gitrepo, walk


class RefreshError(Exception):
    """A patch that must be fixed by hand first."""


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
    return gitrepo.git(root, 'status', '--short', '--', 'patches', 'series',
                       stderr=subprocess.DEVNULL).stdout.splitlines()


def main():
    dirty = uncommitted(paths.ROOT)
    if dirty:
        console.note('not committed before the refresh:\n' + '\n'.join(dirty))
    try:
        with workshop.opened('refresh', readable=False) as context:
            console.step('Refreshing {} patches'.format(len(context.names)))
            changed = refresh(context)
    except (RefreshError, walk.WalkError) as error:
        return console.fail(
            str(error), 'no patch was changed. Apply it by hand in a '
            'tree with the ones before it (patch -p1 --dry-run\nshows '
            'the hunks), correct the hunk, look at the result, and '
            'refresh again')
    for name in changed:
        console.note('refreshed patches/' + name)
    console.step('{} of {} patches changed'.format(
        len(changed), len(context.names)))
    if changed and options.CHECK.read():
        return console.fail(
            'the patches were not in their refreshed form',
            'they are now: look at "git diff" and commit')
    return 0
