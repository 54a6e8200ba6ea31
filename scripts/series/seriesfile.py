"""Lib/ssl_series.py, by which an interpreter says which patches it was built
with.

It is written by packaging/ssl_series.sh, which packagers run too.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.base import console, paths
from scripts.base.aliases import AnyPath

#: Where it is in a source tree.
NAME = 'Lib/ssl_series.py'
SCRIPT = paths.ROOT / 'packaging' / 'ssl_series.sh'


def text(names: Iterable[str], *options: AnyPath) -> str:
    """The content (str) of the file for the patches *names*; *options*
    (strs) are the script's."""
    done = subprocess.run(
        ['sh', str(SCRIPT), *map(str, options), *names], text=True,
        capture_output=True)
    if done.returncode:
        console.fail(done.stderr.strip(), 'restore the file with '
                     '"git checkout", or run this from a complete checkout')
    return done.stdout


def facts(content: str) -> dict[str, Any]:
    """SERIES (dict) of the *content* (str) of such a file."""
    value, = [node.value for node in ast.parse(content).body
              if isinstance(node, ast.Assign)]
    found: dict[str, Any] = ast.literal_eval(value)
    return found


def write(src: AnyPath, content: str) -> None:
    """Make *content* (str) that file of the source tree *src* (Path); with
    '' there is none."""
    path = Path(src) / NAME
    # Compiled by an interpreter that was built there.
    path.with_name(path.name + 'c').unlink(missing_ok=True)
    if content:
        path.write_text(content)
    else:
        path.unlink(missing_ok=True)
