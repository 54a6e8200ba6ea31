"""build/tools: a virtual environment with the tools that tests need."""

import shutil
import sys
from pathlib import Path

from scripts.base import console, files, locking, paths
from scripts.dev.run import pip

REQUIREMENTS = Path(__file__).resolve().with_name('requirements.txt')
TOOLS = paths.BUILD / 'tools'


def _identity(requirements):
    return '{}\n{}'.format(sys.version, requirements.read_text())


def ensure(folder=TOOLS, requirements=REQUIREMENTS, python=None):
    """Make the virtual environment *folder* (Path) if it is not there or
    the *requirements* (Path) changed; *python* (path of an interpreter, by
    default this one) makes it.  Returns its interpreter's Path."""
    maker, python = python or sys.executable, folder / 'bin' / 'python'
    stamp = folder / 'made-of'
    identity = _identity(requirements)
    if maker != sys.executable:
        identity = maker + '\n' + identity
    if files.read(stamp) == identity:
        return python
    log_dir = folder.parent / 'logs'
    with locking.lock(folder.parent / (folder.name + '.lock')):
        if files.read(stamp) == identity:
            return python
        console.step('Setting up the tools for testing in {}'.format(
            paths.shown(folder)))
        shutil.rmtree(folder, ignore_errors=True)
        log = log_dir / 'tools.log'
        if log.exists():
            log.unlink()
        console.run(
            [maker, '-m', 'venv', str(folder)], log=log,
            cwd=paths.ROOT, title='python3 -m venv',
            hint='on Debian and Ubuntu it is in a package of its own: '
                 '"apt-get install -y python3-venv"')
        pip.run(python, 'install', requirements=requirements, log=log)
        files.write(stamp, identity)
    return python


def main():
    ensure()
