"""A checkout with the real scripts and a source that builds in no time.

The source has CPython's shape as far as the scripts see it: a version
header, a configure that writes a makefile, and a makefile whose result
answers what build.look_at() asks.  The tools that work on it are real.
"""

import difflib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import options
from scripts.base.paths import ROOT, SCRIPTS
from scripts.series import quilt

CONFIGURE = '''\
#!/bin/sh
echo "configure: $*"
test -z "$FAIL_CONFIGURE" || { echo 'configure: broken on purpose'; exit 1; }
version=$(printf '#include <openssl/opensslv.h>\\nOPENSSL_VERSION_TEXT\\n' |
    cc -E -P -x c - | tail -n 1)
printf '%s\\n' "$*" >arguments
prefix=$(printf '%s\\n' "$*" | sed 's/.*--prefix=\\([^ ]*\\).*/\\1/')
cat >Makefile <<END
CC=	cc -pthread
all: python
python: Modules/_ssl.c Include/patchlevel.h
\techo one more >>compilations
\ttest -z "\\$\\$SLOW" || { touch started; sleep \\$\\$SLOW; }
\tgrep -q BROKEN Modules/_ssl.c && exit 1 || true
\tcp answer python
\tchmod +x python
install: python
\tmkdir -p \\$(DESTDIR)$prefix/bin
\tcp python \\$(DESTDIR)$prefix/bin/python2.7
\techo '\\$(LINKFORSHARED)' >\\$(DESTDIR)$prefix/linked
END
cat >answer <<END
#!/bin/sh
test "\\$1" != setup.py || echo "\\$CFLAGS" >instrumented
case "\\$1" in
    *record27.py) echo '["passed", "test", ""]' >"\\$2"; exit ;;
esac
echo '{"version": "2.7.18", "wide": true, "missing": {}, "openssl": '\\
'$version}'
END
'''

FILES = {
    'Include/patchlevel.h': '#define PY_VERSION              "2.7.18"\n',
    'Modules/_ssl.c': ''.join('int line_{};\n'.format(number)
                              for number in range(1, 41)),
    'Lib/ssl.py': 'one = 1\ntwo = 2\nthree = 3\n',
    'configure': CONFIGURE,
}


def write(folder, files):
    """Write *files*, {path: text}, below *folder*."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if 'configure' in files:
        (folder / 'configure').chmod(0o755)
    return folder


def diff(name, old, new, number):
    """A patch of the file *name* that changes line *number*."""
    before = FILES[name].splitlines(True)
    after = [line.replace(old, new) if index == number else line
             for index, line in enumerate(before, 1)]
    return ''.join(difflib.unified_diff(before, after, 'a/' + name,
                                        'b/' + name))


PATCHES = {
    '0001-base-first.patch': diff('Modules/_ssl.c', 'int', 'long', 5),
    '0201-pep546-second.patch': diff('Modules/_ssl.c', 'int', 'char', 20),
    '0202-pep546-third.patch': diff('Lib/ssl.py', '2', '22', 2),
}


def _heed_interrupts():
    """What a shell starts in the background ignores them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Checkout:
    """A checkout at ``root``; ``source`` is its unpatched source."""

    def __init__(self, folder):
        self.root = folder / 'checkout'
        self.source = write(folder / 'source', FILES)
        # What others leave next to the scripts is none of the test's.
        shutil.copytree(SCRIPTS, self.root / 'scripts',
                        ignore=shutil.ignore_patterns('tests', '*.pyc'))
        for name in ('Makefile', 'VERSION', 'packaging/ssl_series.sh'):
            (self.root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        self.patches = self.root / 'patches'
        write(self.patches, PATCHES)
        self.series(*PATCHES)

    def series(self, *names):
        (self.root / 'series').write_text(
            ''.join(name + '\n' for name in names))

    def env(self, **variables):
        env = {name: value for name, value in os.environ.items()
               if name not in {*options.ALL, 'MAKEFLAGS', 'MAKELEVEL', 'CC'}}
        env['CPYTHON'] = str(self.source)
        env.update(variables)
        return env

    def start(self, command, *args, **variables):
        """Start a command of the scripts; returns the Popen."""
        return subprocess.Popen(
            [sys.executable, '-m', 'scripts', command, *args],
            env=self.env(**variables), cwd=self.root, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            start_new_session=True, preexec_fn=_heed_interrupts)

    def run(self, command, *args, **variables):
        """(status, output) of a command of the scripts."""
        process = self.start(command, *args, **variables)
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def folder(self, **variables):
        """The variant's folder under build/."""
        done = subprocess.run(
            [sys.executable, '-c', 'from scripts.build.variant import Variant;'
             'print(Variant.from_env().root)'], env=self.env(**variables),
            cwd=self.root, stdout=subprocess.PIPE, text=True, check=True)
        return Path(done.stdout.strip())


@pytest.fixture
def place(tmp_path):
    """(tree, patches folder, series file)."""
    tree = write(tmp_path / 'tree', FILES)
    patches = write(tmp_path / 'patches', PATCHES)
    series = tmp_path / 'series'
    series.write_text('\n'.join(PATCHES) + '\n')
    return tree, patches, series


def push(place):
    tree, patches, series = place
    return quilt.push_all(tree, patches_dir=patches, series_file=series)
