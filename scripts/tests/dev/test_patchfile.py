"""patchfile: header and diff are told apart and taken apart."""

import pytest

from scripts.dev.patchfile import Patch, PatchError
from scripts.tests.fakeproject import HEADER

DIFF = ('--- a/Lib/x.py\n+++ b/Lib/x.py\n@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n'
        '--- /dev/null\n+++ b/Lib/new.py\n@@ -0,0 +1 @@\n+e\n')


def test_parts():
    patch = Patch('p', HEADER + DIFF)
    assert patch.header + patch.diff == patch.text
    assert patch.diff == DIFF
    assert patch.field('Subject') == 'ssl: add one thing'
    assert patch.field('Last-Update') == '2026-11-22'
    assert patch.field('Reviewed-By') is None
    assert patch.body.startswith('It adds')
    assert patch.body.endswith('upstream has it.')
    assert patch.closed
    assert patch.paths == ['Lib/x.py', 'Lib/new.py']
    assert [file.is_added_file for file in patch.files] == [False, True]


def test_folded_subject():
    text = HEADER.replace('add one thing', 'add\n one thing')
    assert Patch('p', text).field('Subject') == 'ssl: add one thing'


def test_added_lines():
    assert Patch('p', HEADER + DIFF).added_lines() == [
        ('Lib/x.py', 2, 'c'), ('Lib/x.py', 3, 'd'), ('Lib/new.py', 1, 'e')]


def test_a_list_in_the_body_does_not_start_the_diff():
    text = HEADER.replace('upstream', '\n--- a heading\nupstream')
    patch = Patch('p', text + DIFF)
    assert patch.diff == DIFF


def test_without_a_diff():
    with pytest.raises(PatchError, match='p: no diff'):
        list(Patch('p', HEADER).files)


def test_torn_diff():
    with pytest.raises(PatchError, match='p: the diff cannot be read'):
        list(Patch('p', HEADER + DIFF.replace('+d\n', '', 1)).files)


def test_not_utf8(tmp_path):
    path = tmp_path / 'p'
    path.write_bytes(b'From: J\xf6rg\n')
    with pytest.raises(PatchError, match='UTF-8'):
        Patch.read(str(path), 'p')
