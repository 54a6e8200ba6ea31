"""Use the release files as docs/packaging/ tells, and compare the trees."""

import os
import shutil

from scripts.base import console
from scripts.dev.package import signing, steps
from scripts.series import gitrepo, seriesfile, walk

#: Each has to give the same tree.  name: steps of source.md, or of another
#: page.
_WAYS = (('patch', 'source', ['names', 'patch', 'series']),
         ('combined', 'source', ['combined']),
         ('quilt', 'source', ['names', 'quilt', 'series']),
         ('git am', 'source', ['git-am']),
         ('pyenv', 'pyenv', ['strip']))


def _repository(tree):
    for args in (['init', '-q', '.'], ['add', '--force', '--all', '.'],
                 ['commit', '-q', '-m', 'source']):
        gitrepo.git(tree, *args, check=True)


def differing(one, other, paths):
    """Those of *paths* that are not the same in the two trees."""
    return [path for path in paths
            if walk.read_bytes(os.path.join(one, path)) !=
            walk.read_bytes(os.path.join(other, path))]


def _compare(title, tree, other, paths, names):
    """names: of the patches that ssl_series.py has to have."""
    bad = differing(tree, other, paths)
    if walk.read_bytes(os.path.join(tree, seriesfile.NAME)) != \
            seriesfile.text(names).encode():
        bad.append(seriesfile.NAME)
    if bad:
        console.fail('{}: {} is not as "make patch" leaves it'.format(
                         title, ', '.join(bad)),
                     'the release files are wrong; nothing was written')
    shutil.rmtree(tree)


def _selections(context, dist, stem, paths, log_dir):
    """Apply the combined patch of each selection in *dist* (Path)."""
    for patch in sorted(dist.glob(stem + '-*.patch')):
        name = patch.stem[len(stem) + 1:]
        tree = context.touched_tree('trial-' + name)
        steps.run('source', ['combined'], tree, {'PATCH': patch},
                  log_dir / (name + '.log'), name)
        names = context.select(*name.split('+'))
        wanted, _ = context.apply('wanted-' + name, names)
        _compare(name, tree, wanted, paths, names)


def run(context, taken, dist, stem, log_dir):
    """Apply the files in the folder *dist* (Path), of which *taken* (Path)
    is the unpacked tarball, in each way.  Ends the program where the tree
    is not the one that quilt makes of the checkout."""
    paths = sorted({path for patch in context.patches
                    for path in patch.paths})
    variables = {'TAKE': taken, 'DIST': dist,
                 'PATCH': dist / (stem + '.patch'),
                 'MBOX': dist / (stem + '.mbox'), 'KEY': signing.PUBLIC}
    signed = ['release/signature'] * (dist / signing.NAME).exists()
    steps.run('source', [*signed, 'verify', 'some'], dist, variables,
              log_dir / 'verify.log', 'SHA256SUMS')
    for title, page, names in _WAYS:
        tree = context.touched_tree('trial-' + title.replace(' ', '-'))
        if title == 'git am':
            _repository(tree)
        steps.run(page, names, tree, variables,
                  log_dir / (names[-1] + '.log'), title,
                  env=gitrepo.environment(
                      tree, GIT_COMMITTER_NAME='trial',
                      GIT_COMMITTER_EMAIL='trial@localhost'))
        _compare(title, tree, context.full_tree, paths, context.names)
    _selections(context, dist, stem, paths, log_dir)
