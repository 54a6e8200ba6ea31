"""help and the Makefile: every target and variable is listed."""

import os
import re
import subprocess

import help as helping
import layout


def makefile_targets():
    text = helping.MAKEFILE.read_text().replace('\\\n', ' ')
    phony = re.search(r'^\.PHONY:(.*)$', text, re.MULTILINE)[1].split()
    rules = re.findall(r'^([a-z][a-z0-9-]*):(?![^#\n]*=)', text, re.MULTILINE)
    return phony, rules


def test_help_lists_every_target():
    phony, rules = makefile_targets()
    listed = [name for name, _ in
              helping.entries(helping.MAKEFILE.read_text()) if name]
    assert sorted(listed) == sorted(rules) == sorted(phony)


def test_help_lists_every_variable():
    exported = re.findall(r'^export (.*)$', helping.MAKEFILE.read_text(),
                          re.MULTILINE)
    names = ' '.join(exported).split()
    assert sorted(names) == sorted(row[0] for row in helping.VARIABLES)


def test_scripts_read_what_help_lists():
    read = set()
    for path in (layout.ROOT / 'scripts').glob('**/*.py'):
        if 'tests' not in path.parts:
            read.update(re.findall(
                r"environ(?:\.get\(|\[)'([A-Z][A-Z0-9_]*)'|"
                r"(?:yes_or_no|_words)\('([A-Z][A-Z0-9_]*)'",
                path.read_text()))
    names = {name for pair in read for name in pair if name}
    # What other programs define, too, is documented, not exported: set but
    # empty, it would be an error for the compiler.
    names -= {'CC', 'PATH', 'SOURCE_DATE_EPOCH', 'HOME'}
    # From a script to the interpreter that it runs.
    names -= {'REFLEAK_RECORD', 'RECORD_DIFFERS', 'OVERLAY_STATIC',
              'OVERLAY_HASHLIB', 'OVERLAY_OLD_LIBC', 'OVERLAY_CERTS'}
    assert 'BUNDLE_OPENSSL' in names and 'DISTFILES' in names
    assert names <= {row[0] for row in helping.VARIABLES}


def test_variables_are_in_building():
    text = (layout.ROOT / 'docs' / 'building.md').read_text()
    for name in [row[0] for row in helping.VARIABLES]:
        assert re.search(r'`{}(=[^`]*)?`'.format(name), text), name


def test_architecture_names_scripts_that_exist():
    text = (layout.ROOT / 'docs' / 'architecture.md').read_text()
    for name in re.findall(r'`([a-z0-9_]+\.(?:py|sh))`', text):
        assert (layout.ROOT / 'scripts' / name).exists(), name


def test_help_is_documented():
    text = ''.join(path.read_text()
                   for path in (layout.ROOT / 'docs').glob('*.md'))
    for name in [row[0] for row in helping.VARIABLES]:
        assert '`{}'.format(name) in text, name
    for name in makefile_targets()[0]:
        assert '`make {}'.format(name) in text or name == 'all', name


def test_help_by_make(capsys):
    text = subprocess.run(['make', '-s', '-C', str(layout.ROOT), 'help'],
                          stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    helping.main()
    assert capsys.readouterr().out == text
    assert 'PATCHES' in text and '  install ' in text
    assert max(map(len, text.splitlines())) < 80


def test_print_python_by_make():
    text = subprocess.run(
        ['make', '-s', '-C', str(layout.ROOT), 'print-python',
         'CONFIG=debug', 'PATCHES=compat'], stdout=subprocess.PIPE,
        text=True, check=True,
        env={'PATH': os.environ['PATH'], 'HOME': '/nowhere'}).stdout
    assert text == '{}\n'.format(
        layout.BUILD / 'debug-compat' / 'src' / 'python')
