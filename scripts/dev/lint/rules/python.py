"""Rules: ruff and mypy have nothing to say about the Python of the
checkout."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.dev.lint.rules.model import Finding, NotChecked, Rule

_PLACE = re.compile(r'^(?P<place>\S+?:\d+:\d+): (?P<text>.+)$', re.MULTILINE)


def _complaints(context, name, *arguments):
    """The Findings of the program *name* with *arguments*."""
    beside = Path(sys.executable).with_name(name)
    program = str(beside) if beside.exists() else shutil.which(name)
    if not program:
        raise NotChecked('needs {}, which "make tools" installs'.format(name))
    done = subprocess.run(
        [program, *arguments], cwd=context.root, stdin=subprocess.DEVNULL,
        capture_output=True, text=True)
    found = [Finding(*match.group('place', 'text'))
             for match in _PLACE.finditer(done.stdout)]
    if done.returncode and not found:
        found.append(Finding(name, (done.stderr or done.stdout).strip()))
    return found


def check_python(context):
    return _complaints(context, 'ruff', 'check', '--no-cache', '--quiet',
                       '--output-format=concise')


def check_types(context):
    return _complaints(context, 'mypy', '--no-error-summary',
                       '--show-column-numbers', '--hide-error-context')


RULES = [Rule('python', 'ruff has nothing to say', check_python),
         Rule('types', 'mypy has nothing to say', check_types)]
