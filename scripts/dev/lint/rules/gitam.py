"""Rule: git am of all patches gives one commit each and the same tree."""

import os
import shutil

from scripts.dev.lint.rules.model import Finding, NotChecked, Rule
from scripts.series import walk
from scripts.series.gitrepo import git


def _must(result, what):
    if result.returncode != 0:
        raise NotChecked('{} failed: {}'.format(
            what, result.stdout.strip()[-300:]))
    return result.stdout


def check_git_am(context):
    if not context.names:
        return
    full = context.full_tree
    tree = context.new_tree('git-am')
    _must(git(tree, 'init', '-q', '.'), 'git init')
    _must(git(tree, 'add', '--force', '--all', '.'), 'git add')
    _must(git(tree, 'commit', '-q', '-m', 'pinned source'), 'git commit')
    start = _must(git(tree, 'rev-parse', 'HEAD'), 'git rev-parse').strip()
    mailbox = os.path.join(context.scratch, 'all.mbox')
    with open(mailbox, 'wb') as file:
        for name in context.names:
            file.write(walk.read_bytes(
                os.path.join(context.patches_dir, name)))
    result = git(tree, 'am', '-q', '--whitespace=nowarn', mailbox)
    if result.returncode != 0:
        yield Finding('series', 'git am of the concatenated patches fails: '
                      + result.stdout.strip()[-500:])
        return
    log = _must(git(tree, 'log', '--reverse', '--format=%s',
                     start + '..HEAD'), 'git log').splitlines()
    if len(log) != len(context.names):
        yield Finding('series', 'git am makes {} commits of {} patches: look '
                      'at the From lines and the "---" lines'.format(
                          len(log), len(context.names)))
    for patch, subject in zip(context.patches, log):
        if subject != patch.field('Subject'):
            yield Finding(patch.name, 'git am makes the subject {!r} of it: '
                          'fix the header'.format(subject))
    changed = set(_must(git(tree, 'diff', '--name-only', '--no-renames',
                             start, 'HEAD'), 'git diff').splitlines())
    paths = {path for patch in context.patches for path in patch.paths}
    for path in sorted(changed | paths):
        if walk.read_bytes(os.path.join(tree, path)) != \
                walk.read_bytes(os.path.join(full, path)):
            yield Finding(path, 'git am and quilt leave it different: look '
                          'at the patches that touch it')
    shutil.rmtree(tree)


RULES = [Rule('git-am', 'git am: one commit per patch, the same tree',
              check_git_am)]
