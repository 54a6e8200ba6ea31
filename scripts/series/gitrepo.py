"""git, with nothing of the user's settings in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import Any

from scripts.base import console
from scripts.base.aliases import AnyPath

#: What would otherwise come from someone's configuration.
_SETTINGS = {
    'user.name': 'series', 'user.email': 'series@localhost',
    'commit.gpgSign': 'false', 'core.autocrlf': 'false',
    'core.fileMode': 'true', 'core.abbrev': '40', 'gc.auto': '0',
    'init.defaultBranch': 'main', 'diff.algorithm': 'myers',
    'i18n.commitEncoding': 'UTF-8', 'i18n.logOutputEncoding': 'UTF-8',
}


def environment(home: AnyPath, **more: str) -> dict[str, str]:
    """The environ (dict) for git; *home* (str) is a folder without a
    .gitconfig."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(('GIT_', 'XDG_'))}
    env.update(GIT_CONFIG_NOSYSTEM='1', GIT_CONFIG_GLOBAL=os.devnull,
               GIT_ATTR_NOSYSTEM='1', HOME=str(home), LC_ALL='C', TZ='UTC',
               **more)
    return env


def git(folder: AnyPath, *args: object, text: bool = True, check: bool = False,
        env: Mapping[str, str] | None = None,
        **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run ``git ARGS`` in *folder* (str or Path).

    *env*: more variables (dict).  Returns a CompletedProcess whose stdout
    has stderr too, unless *options* say otherwise.  With *check*, a
    failure raises subprocess.CalledProcessError.
    """
    command = ['git']
    for item in _SETTINGS.items():
        command += ['-c', '{}={}'.format(*item)]
    options.setdefault('stderr', subprocess.STDOUT)
    if text:
        options.update(encoding='utf-8', errors='replace')
    try:
        return subprocess.run(
            command + [str(arg) for arg in args], cwd=folder, check=check,
            env=environment(folder, **(env or {})), stdout=subprocess.PIPE,
            **options)
    except FileNotFoundError:
        return console.fail('git is not installed',
                            '"make bootstrap" installs what is missing')
