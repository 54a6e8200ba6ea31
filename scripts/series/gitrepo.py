"""git, with nothing of the user's settings in it.

All of scripts/ calls git by this, as a test sees to.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
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
    # root may work in a user's checkout.
    'safe.directory': '*',
}


def _environ(*prefixes: str) -> dict[str, str]:
    """The environ without the variables that begin with one of *prefixes*.
    In a hook, git's own name another repository."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(prefixes)}


def environment(home: AnyPath, **more: str) -> dict[str, str]:
    """The environ (dict) for git; *home* (str) is a folder without a
    .gitconfig."""
    env = _environ('GIT_', 'XDG_')
    env.update(GIT_CONFIG_NOSYSTEM='1', GIT_CONFIG_GLOBAL=os.devnull,
               GIT_ATTR_NOSYSTEM='1', HOME=str(home), LC_ALL='C', TZ='UTC',
               **more)
    return env


def _run(folder: AnyPath, settings: Mapping[str, str], args: Iterable[object],
         **options: Any) -> subprocess.CompletedProcess[Any]:
    command = ['git']
    for item in settings.items():
        command += ['-c', '{}={}'.format(*item)]
    try:
        return subprocess.run(command + [str(arg) for arg in args],
                              cwd=folder, **options)
    except FileNotFoundError:
        console.needs_folder(folder)
        return console.fail('git is not installed',
                            '"make bootstrap" installs what is missing')


def git(folder: AnyPath, *args: object, text: bool = True, check: bool = False,
        env: Mapping[str, str] | None = None,
        **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run ``git ARGS`` in *folder* (str or Path), which is ours: the
    checkout, or one that was made for this.

    *env*: more variables (dict).  Returns a CompletedProcess whose stdout
    has stderr too, unless *options* say otherwise.  With *check*, a
    failure raises subprocess.CalledProcessError.
    """
    options.setdefault('stdout', subprocess.PIPE)
    options.setdefault('stderr', subprocess.STDOUT)
    if text:
        options.update(encoding='utf-8', errors='replace')
    return _run(folder, _SETTINGS, args, check=check,
                env=environment(folder, **(env or {})), **options)


def clone(source: AnyPath, target: AnyPath) -> None:
    """Clone *source*, which is ours, to *target*; what it says is seen."""
    # The settings of the command line do not reach what it starts.
    git(source, 'clone', '-q', '--no-hardlinks', '--upload-pack',
        "git -c 'safe.directory=*' upload-pack", source, target, check=True,
        stdout=None, stderr=None)


def look(folder: AnyPath,
         *args: object) -> subprocess.CompletedProcess[bytes]:
    """Run ``git ARGS`` in the repository *folder* of someone else, which
    must be a command that runs no program that its settings name: so it may
    be another user's.  Output and errors are bytes.
    """
    return _run(folder, {'core.fsmonitor': 'false',
                         'core.hooksPath': os.devnull,
                         'safe.directory': '*'}, args,
                env=dict(_environ('GIT_'), LC_ALL='C', GIT_OPTIONAL_LOCKS='0'),
                capture_output=True)
