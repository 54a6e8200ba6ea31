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


def unnamed(text):
    """How many blocks of shell in the page *text* are no step."""
    return len(re.findall(r'^```sh$', text, re.MULTILINE)) - len(parse(text))


def script(page, names, variables):
    """A shell script (str) of the steps *names* of docs/packaging/PAGE.md,
    with *variables*, {name: str}, set first."""
    steps = parse((FOLDER / (page + '.md')).read_text(encoding='utf-8'))
    lines = ['set -eu']
    lines += ['{}={}'.format(name, shlex.quote(str(value)))
              for name, value in variables.items()]
    return '\n'.join(lines) + '\n' + ''.join(steps[name] for name in names)


def run(page, names, cwd, variables, log, title, env=None, hint=''):
    """Run the steps as one script in the folder *cwd*, see console.run().
    Returns the seconds."""
    return console.run(
        ['sh', '-c', script(page, names, variables)], cwd=cwd, log=log,
        env=env, title=title, hint='\n'.join(filter(None, (
            hint, 'the steps are in docs/packaging/{}.md'.format(page)))))
