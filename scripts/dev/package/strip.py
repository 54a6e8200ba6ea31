"""Take the patches of the series that a tree has already out of a copy."""

import os
import subprocess


def _reverses(tree, patch, *options):
    return subprocess.run(
        ['patch', '-R', '-p1', '-F0', '-s', '-f', '-r', '-', '-i', patch,
         *options], cwd=tree, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=dict(os.environ, LC_ALL='C')).returncode == 0


def strip(tree, patches_dir, names):
    """Reverse those of the patches *names* that *tree* (str, a copy) has,
    without fuzz.  Returns a set with their names."""
    there = set()
    # From the last to the first: each may stand on those before it.
    for name in reversed(names):
        patch = os.path.join(os.path.abspath(patches_dir), name)
        if _reverses(tree, patch, '--dry-run') and _reverses(tree, patch):
            there.add(name)
    return there
