"""The proof that a sanitizer sees errors: errors made on purpose."""

import json
import subprocess
from pathlib import Path

from scripts.dev.run import native

SOURCE = Path(__file__).resolve().with_name('canary.c')
NAME = 'sanitizer_canary'

_VARIABLES = ('import json, sysconfig; print(json.dumps(dict((name, '
              'sysconfig.get_config_var(name)) for name in '
              '("CC", "CFLAGS", "CCSHARED"))))')

#: The error is made in the child of a child: a report in a process that a
#: test started has to count, too.
_CALL = ('import subprocess, sys; subprocess.call([sys.executable, "-c", '
         '"import sys; sys.path.insert(0, sys.argv[1]); '
         'import {name}; {name}.{function}()"] + sys.argv[1:])')


def build(variant, env):
    """Compile the module as *variant*'s extensions are; returns its folder
    (Path)."""
    known = json.loads(subprocess.run(
        [str(variant.python), '-c', _VARIABLES], env=env, check=True,
        stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    return native.shared_library(
        SOURCE, variant, '{CC} {CFLAGS} {CCSHARED}'.format(**known).split() +
        ['-I{}'.format(variant.src), '-I{}'.format(variant.src / 'Include')],
        NAME).parent


def run(python, folder, function, env):
    """Make the error *function* two processes below this one.

    python: Path of the interpreter; folder: what build() returned.  What
    the tool writes goes where *env* says."""
    subprocess.run(
        [str(python), '-c', _CALL.format(name=NAME, function=function),
         str(folder)], env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
