"""Which lines of a patched file are not in the pinned one."""

import os
import subprocess

import unidiff

from scripts.series import gitrepo


def added_lines(pinned, patched):
    """The numbers of the lines of the file *patched* that the file *pinned*
    (both paths; *pinned* may be missing) does not have: a set of int."""
    old = os.path.abspath(pinned) if os.path.exists(pinned) else os.devnull
    result = gitrepo.git(
        os.path.dirname(os.path.abspath(patched)), 'diff', '--no-index',
        '--text', '--minimal', '-U0', '--', old, os.path.abspath(patched),
        stderr=subprocess.PIPE)
    if result.returncode not in (0, 1):
        raise OSError('git diff: ' + result.stderr.strip())
    return {line.target_line_no
            for file in unidiff.PatchSet(result.stdout)
            for hunk in file for line in hunk if line.is_added}
