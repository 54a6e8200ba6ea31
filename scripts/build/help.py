"""make help: the targets, out of the Makefile, and the variables."""

from __future__ import annotations

import re

from scripts import options
from scripts.base import paths

MAKEFILE = paths.ROOT / 'Makefile'

_TARGET = re.compile(r'^(?P<name>[a-z][a-z0-9-]*):[^=]*?## (?P<text>.+)$')


def entries(text: str) -> list[tuple[str, str]]:
    """('##@' headings and targets of the Makefile *text*) as a list of
    (name, description); a heading has the name ''."""
    found = []
    for line in text.splitlines():
        if line.startswith('##@ '):
            found.append(('', line[4:]))
        match = _TARGET.match(line)
        if match:
            found.append((match['name'], match['text']))
    return found


def main() -> None:
    print('make [TARGET] [VARIABLE=value ...]')
    for name, text in entries(MAKEFILE.read_text()):
        print('  {:<13} {}'.format(name, text) if name
              else '\n{}:'.format(text))
    print('\nVariables:')
    for name, option in options.ALL.items():
        print('  {:<16} {}'.format(name, options.line(option)))
