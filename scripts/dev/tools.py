"""build/tools: a virtual environment with the tools that tests need."""

import sys
from pathlib import Path

from scripts.base import console, once, paths
from scripts.dev.run import pip

REQUIREMENTS = Path(__file__).resolve().with_name('requirements.txt')
TOOLS = paths.BUILD / 'tools'


def ensure(folder=TOOLS, requirements=REQUIREMENTS, python=None):
    """Make the virtual environment *folder* (Path) if it is not there or
    the *requirements* (Path) changed; *python* (path of an interpreter, by
    default this one) makes it.  Returns its interpreter's Path."""
    maker, python = python or sys.executable, folder / 'bin' / 'python'
    identity = '{}\n{}'.format(sys.version, requirements.read_text())
    if maker != sys.executable:
        identity = maker + '\n' + identity
    for _ in once.made(folder, identity):
        console.step('Setting up the tools for testing in {}'.format(
            paths.shown(folder)))
        log = folder.parent / 'logs' / 'tools.log'
        log.unlink(missing_ok=True)
        console.run(
            [maker, '-m', 'venv', str(folder)], log=log,
            cwd=paths.ROOT, title='python3 -m venv',
            hint='on Debian and Ubuntu it is in a package of its own: '
                 '"apt-get install -y python3-venv"')
        pip.run(python, 'install', requirements=requirements, log=log)
    return python


def main():
    ensure()
