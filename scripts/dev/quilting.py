"""quilt, in the tree of the chosen variant."""

import json
import subprocess

from scripts.base import console, files, paths
from scripts.build.variant import ALL_GROUPS, Variant
from scripts.series import quilt
from scripts.source import tree


def _forget(src):
    """Let the next make look at the tree *src* again: a refresh puts into a
    patch what git can take out of the patch, but not out of the tree."""
    stamp = tree.stamp_file(src)
    made_of = files.read(stamp)
    if made_of:
        files.write(stamp, json.dumps(dict(json.loads(made_of), patches=[])))


def main(args):
    variant = Variant.from_env()
    if variant.groups != ALL_GROUPS:
        console.fail('PATCHES= leaves groups out',
                     'work on the patches in a tree that has all of them')
    if not variant.src.is_dir():
        console.fail('there is no {}'.format(variant.src),
                     'run "make patch" first')
    if not args:
        console.fail('what shall quilt do?',
                     'for example: python3 -m scripts quilt series -v')
    env = quilt.environment(paths.PATCHES_DIR, paths.SERIES_FILE)
    # quilt prefers what the tree was made with, a copy of the series.
    if (variant.src / '.pc').is_dir():
        (variant.src / '.pc' / '.quilt_series').write_text(
            '{}\n'.format(paths.SERIES_FILE))
    # quilt takes the beginning of a command's name, too.
    if args[0].startswith('ref'):
        _forget(variant.src)
    try:
        return subprocess.run(
            ['quilt', '--quiltrc', str(quilt.QUILTRC)] + args, cwd=variant.src,
            env=env).returncode
    except FileNotFoundError:
        return console.fail('quilt is not installed',
                            '"make bootstrap" installs what is missing')
