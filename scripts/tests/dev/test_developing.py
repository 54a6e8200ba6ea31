"""docs/developing.md: its commands are run, as they stand there."""

import difflib
import re
import subprocess
import sys

import pytest

from scripts.base import paths
from scripts.build import help
from scripts.tests import fakeproject, minicheckout

PAGE = paths.ROOT / 'docs' / 'developing.md'
SSL_C, SSL_PY = 'Modules/_ssl.c', 'Lib/ssl.py'

SETTER = '0206-pep546-context-setter.patch'
SSLOBJECT = '0208-pep546-sslobject.patch'
LAST = '0212-pep546-whatsnew.patch'


def diff(name, *changes):
    """A patch of the file *name*; changes: (old, new) strings."""
    before = after = minicheckout.FILES[name]
    for old, new in changes:
        assert old in after
        after = after.replace(old, new)
    return ''.join(difflib.unified_diff(
        before.splitlines(True), after.splitlines(True), 'a/' + name,
        'b/' + name))


#: Of the names that the page has.
PATCHES = {
    '0009-base-ssl-error-tables.patch':
        diff(SSL_C, ('int line_5;', 'long line_5;')),
    SETTER: diff(SSL_C, ('int line_20;', 'char line_20;')),
    SSLOBJECT: diff(SSL_PY, ('one = 1', 'one = 11'),
                    ('three = 3', 'three = 33')),
    LAST: diff(SSL_C, ('int line_38;', 'short line_38;')),
}

#: What stands for the person: a line more in the C file, the second half
#: out of the Python file, a header.
EDITOR = '''\
#!/bin/sh
case $1 in
    *_ssl.c) sed -i 's/^int line_29;/&  \\/\\* edited \\*\\//' "$1" ;;
    *ssl.py) sed -i 's/33/3/' "$1" ;;
    *) cat >"$1" <<'END'
{}END
esac
'''.format(fakeproject.HEADER)


def sections():
    """{heading: text} of the page."""
    parts = re.split(r'^## (.*)$', PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def commands(heading):
    """The first block of commands below *heading* (str list)."""
    block = re.search(r'(?:^ {4}\S.*\n)+', sections()[heading],
                      re.MULTILINE)[0]
    return [line.strip() for line in block.splitlines()]


def alias():
    return re.search(r"^ {4}(alias Q=.*)$", PAGE.read_text(),
                     re.MULTILINE)[1]


def runnable(line):
    """The part of *line* that needs neither the network nor CPython."""
    return ' && '.join(
        part for part in line.split(' && ')
        if not re.match(r'make (refresh|test|lint|bisect)\b', part))


@pytest.fixture
def checkout(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    for path in checkout.patches.iterdir():
        path.unlink()
    minicheckout.write(checkout.patches, PATCHES)
    checkout.series(*PATCHES)
    # It has tests of its own, and takes its time.
    (checkout.root / 'scripts' / 'bootstrap.sh').write_text('exit 0\n')
    return checkout


def follow(checkout, heading):
    """Run the commands below *heading*.  Returns (output, src)."""
    editor = checkout.root.parent / 'editor'
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    src = checkout.folder() / 'src'
    lines = [alias()] + [
        line.replace('build/default/src', str(src))
        for line in map(runnable, commands(heading)) if line]
    done = subprocess.run(
        ['sh', '-e', '-c', '\n'.join(lines)], cwd=checkout.root,
        env=checkout.env(EDITOR=str(editor), PYTHON3=sys.executable,
                         BOOTSTRAP='no'),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    # What make did with the result.
    assert 'not at its place' not in done.stdout
    assert 'interpreter: ' in done.stdout
    return done.stdout, src


def series(checkout):
    return (checkout.root / 'series').read_text().split()


def text(checkout, name):
    return (checkout.patches / name).read_text()


def unchanged(checkout, *names):
    return all(text(checkout, name) == PATCHES[name] for name in names)


def test_edit(checkout):
    output, src = follow(checkout, 'Edit a patch')
    assert '+int line_29;  /* edited */' in output      # Q diff
    assert '+int line_29;  /* edited */' in text(checkout, SETTER)
    assert '+char line_20;' in text(checkout, SETTER)
    assert unchanged(checkout, SSLOBJECT, LAST)
    assert series(checkout) == list(PATCHES)
    source = (src / SSL_C).read_text()
    assert 'edited' in source and 'short line_38' in source


def test_add(checkout):
    output, src = follow(checkout, 'Add a patch')
    new = '0010-base-ssl-topic.patch'
    names = list(PATCHES)
    assert series(checkout) == names[:1] + [new] + names[1:]
    assert text(checkout, new).startswith(fakeproject.HEADER)
    assert text(checkout, new).count('\n+') == 2        # +++ and the line
    # quilt knows no offset in these: the line count stays.
    assert unchanged(checkout, names[0], SSLOBJECT, LAST)
    assert 'edited' in (src / SSL_C).read_text()


def test_split(checkout):
    _, before = checkout.run('build'), checkout.folder() / 'src'
    whole = (before / SSL_PY).read_text()
    output, src = follow(checkout, 'Split a patch')
    second = '0209-pep546-second-half.patch'
    names = list(PATCHES)
    assert series(checkout) == names[:3] + [second] + names[3:]
    assert '+one = 11' in text(checkout, SSLOBJECT)
    assert '33' not in text(checkout, SSLOBJECT)
    assert '+three = 33' in text(checkout, second)
    assert '+one' not in text(checkout, second)
    assert text(checkout, second).startswith(fakeproject.HEADER)
    assert (src / SSL_PY).read_text() == whole
    assert '11' in whole and '33' in whole
    assert not (checkout.root / 'whole').exists()


def test_drop(checkout):
    output, src = follow(checkout, 'Drop a patch')
    assert series(checkout) == [name for name in PATCHES if name != SETTER]
    assert not (checkout.patches / SETTER).exists()
    source = (src / SSL_C).read_text()
    assert 'int line_20;' in source and 'short line_38;' in source


def test_popped_patches_are_pushed_by_make(checkout):
    assert checkout.run('patch')[0] == 0
    assert checkout.run('quilt', 'pop', '-a')[0] == 0
    source = checkout.folder() / 'src' / SSL_C
    assert 'long line_5' not in source.read_text()
    status, output = checkout.run('patch')
    assert status == 0 and '4 patches applied' in output
    assert 'long line_5' in source.read_text()
    assert 'up to date' in checkout.run('patch')[1]


@pytest.mark.parametrize('heading', ['Edit a patch', 'Add a patch',
                                     'Split a patch', 'Drop a patch'])
def test_names_on_the_page_exist(heading):
    names = paths.SERIES_FILE.read_text().split()
    new = {'0010-base-ssl-topic.patch', '0209-pep546-second-half.patch'}
    for line in commands(heading):
        for name in re.findall(r'\S+\.patch', line):
            assert name in names or name in new, line


def test_targets_on_the_page_exist():
    targets = {name for name, _ in help.entries(
        help.MAKEFILE.read_text()) if name}
    found = {name for typed in re.findall(r'^ {4}.*$|`make [^`]*`',
                                          PAGE.read_text(), re.MULTILINE)
             for name in re.findall(r'\bmake ([a-z][a-z-]+)', typed)}
    assert 'refresh' in found and 'coverage' in found
    assert found <= targets
