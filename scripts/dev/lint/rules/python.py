"""Rule: ruff has nothing to say about the Python of the checkout."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.dev.lint.rules.model import Finding, NotChecked, Rule

_PLACE = re.compile(r'^(?P<place>\S+?:\d+:\d+): (?P<text>.+)$', re.MULTILINE)


def check_python(context):
    beside = Path(sys.executable).with_name('ruff')
    ruff = str(beside) if beside.exists() else shutil.which('ruff')
    if not ruff:
        raise NotChecked('needs ruff, which "make tools" installs')
    done = subprocess.run(
        [ruff, 'check', '--no-cache', '--quiet', '--output-format=concise'],
        cwd=context.root, stdin=subprocess.DEVNULL, capture_output=True,
        text=True)
    found = [Finding(*match.group('place', 'text'))
             for match in _PLACE.finditer(done.stdout)]
    if done.returncode and not found:
        found.append(Finding('ruff', (done.stderr or done.stdout).strip()))
    return found


RULES = [Rule('python', 'ruff has nothing to say', check_python)]
