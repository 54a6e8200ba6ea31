"""Which lines of a patched file are not in the pinned one."""

import os
import subprocess

import unidiff


def added_lines(pinned, patched):
    """The numbers of the lines of the file *patched* that the file *pinned*
    (both paths; *pinned* may be missing) does not have: a set of int."""
    old = str(pinned) if os.path.exists(str(pinned)) else os.devnull
    result = subprocess.run(
        ['git', '-c', 'core.autocrlf=false', 'diff', '--no-index',
         '--no-color', '--no-ext-diff', '--text', '--minimal', '-U0', '--',
         old, str(patched)], capture_output=True, encoding='utf-8',
        errors='replace')
    if result.returncode not in (0, 1):
        raise OSError('git diff: ' + result.stderr.strip())
    return {line.target_line_no
            for file in unidiff.PatchSet(result.stdout)
            for hunk in file for line in hunk if line.is_added}
