"""The series as git sees it: one mbox, one combined patch, patch-ids.

git rewrites what quilt wrote, so that each diff begins with
``diff --git a/``: pyenv's --patch strips the a/ only where it sees that.
"""

import collections
import email.utils
import os
import re

from scripts.dev.package import release as releases
from scripts.series import gitrepo, seriesfile

#: The form of everything that is exported; no line of it is left to what a
#: version of git prefers.
_FORMAT = ('--stdout', '--zero-commit', '--no-signature', '--full-index',
           '--keep-subject', '--no-renames', '--unified=3', '--no-color',
           '--no-ext-diff', '--no-textconv', '--src-prefix=a/',
           '--dst-prefix=b/', '--diff-algorithm=myers', '--no-thread',
           '--no-attach', '--no-indent-heuristic')

#: mbox, combined: bytes; patch_ids: {patch name: str}.
Exported = collections.namedtuple('Exported', 'mbox combined patch_ids')


class ExportError(Exception):
    """git does not take the series; the message has its words."""


def _must(done, what):
    if done.returncode:
        output = done.stdout
        if isinstance(output, bytes):
            output = output.decode(errors='replace')
        raise ExportError('{} failed: {}'.format(what, output.strip()[-500:]))
    return done.stdout


def commits(tree, patches, patches_dir):
    """Make *tree* (str), unpatched source, a repository with one commit of
    each of *patches* (names) on top of the source.

    Returns the id of the commit with the source.
    """
    _must(gitrepo.git(tree, 'init', '-q', '.'), 'git init')
    _must(gitrepo.git(tree, 'add', '--force', '--all', '.'), 'git add')
    fixed = {'GIT_AUTHOR_DATE': '@0 +0000', 'GIT_COMMITTER_DATE': '@0 +0000'}
    _must(gitrepo.git(tree, 'commit', '-q', '--allow-empty', '-m', 'source',
                      env=fixed), 'git commit')
    start = _must(gitrepo.git(tree, 'rev-parse', 'HEAD'),
                  'git rev-parse').strip()
    for name in patches:
        _must(gitrepo.git(
            tree, 'am', '-q', '--whitespace=nowarn',
            '--committer-date-is-author-date',
            os.path.join(patches_dir, name)), 'git am ' + name)
    return start


def add_series_file(tree, names, patches_dir, release):
    """One more commit: ssl_series.py for the patches *names*."""
    seriesfile.write(tree, seriesfile.text(
        names, '--version', release.version, '--patches', patches_dir))
    date = '@{} +0000'.format(releases.timestamp(release))
    message = (
        'ssl_series: say which patches are applied\n\n'
        'Written by packaging/ssl_series.sh for these patches of series {}: '
        'leave it out,\nor write it anew, where not all are applied.\n'.format(
            release.version))
    _must(gitrepo.git(tree, 'add', '--force', seriesfile.NAME), 'git add')
    _must(gitrepo.git(tree, 'commit', '-q', '-m', message, env={
        'GIT_AUTHOR_DATE': date, 'GIT_COMMITTER_DATE': date}), 'git commit')


def _series_message(patches, release, groups):
    """The description of the combined patch (str)."""
    title, content = 'memory BIOs', 'All patches of the series'
    if groups:
        title = ' and '.join(groups)
        content = 'The patches of {}, and what they need,'.format(title)
    lines = ['ssl: {} for CPython 2.7.18, series {}'.format(
                 title, release.version),
             '', content + ' in one:', '']
    for patch in patches:
        lines.append('{}  {}'.format(patch.name.split('-')[0],
                                     patch.field('Subject')))
    lines += ['', 'Each of them has a description of its own, which says '
              'what changes for', 'those who do not use the new names and '
              'when it can be dropped.', '',
              'Origin: vendor',
              'Bug: https://bugs.python.org/issue22559',
              'Forwarded: not-needed',
              'Last-Update: {}'.format(release.date)]
    return '\n'.join(lines) + '\n'


def _combined(tree, start, patches, release, groups):
    """One commit of everything behind *start*, as format-patch shows it."""
    author, address = email.utils.parseaddr(patches[-1].field('From'))
    date = '@{} +0000'.format(releases.timestamp(release))
    env = {'GIT_AUTHOR_NAME': author, 'GIT_AUTHOR_EMAIL': address,
           'GIT_AUTHOR_DATE': date, 'GIT_COMMITTER_DATE': date}
    commit = _must(gitrepo.git(
        tree, 'commit-tree', 'HEAD^{tree}', '-p', start, '-m',
        _series_message(patches, release, groups), env=env),
        'git commit-tree').strip()
    return _must(gitrepo.git(
        tree, 'format-patch', *_FORMAT, '-1', commit, text=False),
        'git format-patch')


def patch_ids(tree, mbox, names):
    """{name: id} by ``git patch-id --stable`` of the patches in *mbox*."""
    output = _must(gitrepo.git(tree, 'patch-id', '--stable', input=mbox,
                               text=False), 'git patch-id').decode()
    ids = re.findall(r'^([0-9a-f]{40}) ', output, re.MULTILINE)
    if len(ids) != len(names):
        raise ExportError('git patch-id sees {} patches in {}'.format(
            len(ids), len(names)))
    return dict(zip(names, ids))


def _mbox(tree, start):
    return _must(gitrepo.git(tree, 'format-patch', *_FORMAT,
                             start + '..HEAD', text=False),
                 'git format-patch')


def export(context, release, groups=()):
    """Export the patches of *context* (lint_rules.context.Context): all, or
    those of *groups* (names) and of the groups that they need."""
    names = context.select(*groups) if groups else context.names
    tree = context.touched_tree('-'.join(('export', *groups)))
    start = commits(tree, names, context.patches_dir)
    ids = patch_ids(tree, _mbox(tree, start), names)
    add_series_file(tree, names, context.patches_dir, release)
    patches = [context.patch(name) for name in names]
    return Exported(_mbox(tree, start),
                    _combined(tree, start, patches, release, groups), ids)
