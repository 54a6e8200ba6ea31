"""The steps that a page of docs/packaging/ shows are the ones that run.

A step is a fenced block of shell behind a comment with its name:

    <!-- step: add -->
    ```sh
    cp ...
    ```
"""

import re
import shlex

from scripts.base import console, paths

FOLDER = paths.ROOT / 'docs' / 'packaging'

_STEP_RE = re.compile(
    r'^<!-- step: (?P<name>[a-z0-9-]+) -->\n+```sh\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL)


def parse(text):
    """{name: shell commands} of the page *text* (str), in its order."""
    found = {}
    for match in _STEP_RE.finditer(text):
        if match['name'] in found:
            raise ValueError('two steps are called ' + match['name'])
        found[match['name']] = match['text']
    return found


def _text(page, name):
    """The commands (str) of the step *name* of PAGE.md; 'OTHER/NAME' is one
    of OTHER.md."""
    other, _, step = name.rpartition('/')
    path = FOLDER / ((other or page) + '.md')
    return parse(path.read_text(encoding='utf-8'))[step]


def script(page, names, variables):
    """A shell script (str) of the steps *names* of docs/packaging/PAGE.md,
    or 'OTHER/NAME' for one of another page, with *variables*, {name: str},
    set first."""
    lines = ['set -eu']
    lines += ['{}={}'.format(name, shlex.quote(str(value)))
              for name, value in variables.items()]
    return '\n'.join(lines) + '\n' + ''.join(
        _text(page, name) for name in names)


def run(page, names, cwd, variables, log, title, env=None, hint='', root=()):
    """Run the steps as one script in the folder *cwd*, see console.run().
    *root*: what runs a command in a root (list), see debianroot.command().
    Returns the seconds."""
    return console.run(
        [*root, 'sh', '-c', script(page, names, variables)], cwd=cwd, log=log,
        env=env, title=title, hint='\n'.join(filter(None, (
            hint, 'the steps are in docs/packaging/{}.md'.format(page)))))
