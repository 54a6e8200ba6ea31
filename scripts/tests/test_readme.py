"""The program in README.md, pasted into the interpreter and as a script."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from scripts.base import paths
from scripts.build.variant import Variant

#: The interpreter that "make test" is about, else what plain make builds.
BUILT = Path(os.environ.get('BUILT_27') or Variant().python)
PROGRAM, = re.findall(r'^```python\n(.*?)^```$',
                      (paths.ROOT / 'README.md').read_text(),
                      re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r'^TLSv1\.[23] 5 hello$', re.MULTILINE)


def run(argv, text):
    """(output, errors) of the built 2.7, which gets *text*."""
    if not BUILT.exists():
        pytest.skip('there is no {}: "make" builds it'.format(BUILT))
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(('PYTHON', 'SSL_CERT_', 'OPENSSL_'))}
    done = subprocess.run([str(BUILT)] + argv, input=text, text=True,
                          cwd=paths.ROOT, env=env, timeout=60,
                          capture_output=True)
    return done.stdout, done.stderr


def test_pasted():
    """The interpreter reads it line by line, as from a terminal."""
    output, errors = run(['-i'], PROGRAM)
    # In it, the prompts and what it greets with.
    assert 'Error' not in errors and 'Traceback' not in errors
    assert PRINTED.search(output)


def test_as_a_script(tmp_path):
    script = tmp_path / 'program.py'
    script.write_text(PROGRAM)
    output, errors = run([str(script)], '')
    assert PRINTED.fullmatch(output.rstrip('\n')) and errors == ''
