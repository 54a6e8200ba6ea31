# -*- coding: utf-8 -*-
"""The list of differences is complete, in use, and what docs/ shows."""

import ast
import glob
import io
import os
import re
import sys

import pytest

import differences

HERE = os.path.dirname(os.path.abspath(__file__))


def uses():
    """{id: files} of the calls of differs() in the tests."""
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, 'test_*.py'))):
        if path == os.path.join(HERE, 'test_differences.py'):
            continue
        with io.open(path, 'rb') as stream:
            tree = ast.parse(stream.read(), path)
        for node in ast.walk(tree):
            if (isinstance(node, ast.Call) and
                    getattr(node.func, 'id', None) == 'differs'):
                # The literal as text, on all versions of ast.
                name = ast.literal_eval(node.args[0])
                found.setdefault(name, set()).add(os.path.basename(path))
    return found


def test_every_entry_is_tested_and_every_use_is_listed():
    assert set(uses()) == set(differences.BY_ID)


def added_tests(group):
    """'Class.test' of each test in test_ssl_<group>, as patches make it."""
    name = 'Lib/test/test_ssl_%s.py' % group
    names = set()
    folder = os.path.join(os.path.dirname(HERE), 'patches')
    for path in sorted(glob.glob(os.path.join(folder, '*.patch'))):
        ours, cls = False, None
        with io.open(path, encoding='utf-8') as stream:
            for line in stream:
                if line.startswith(u'+++ '):
                    ours = line.split()[1] == u'b/' + name
                # The name in a hunk's head, an unchanged line or a new one.
                found = ours and re.match(
                    r'(?:@@.*@@ |[ +])class (\w+)', line)
                if found:
                    cls = found.group(1)
                found = ours and re.match(r'\+    def (test_\w+)', line)
                if found:
                    names.add('%s.%s' % (cls, found.group(1)))
    return names


@pytest.mark.parametrize('group', sorted(differences.ALSO))
def test_what_a_group_adds_is_tested(group):
    """The tests that the page names are in the module of the group."""
    names = added_tests(group)
    assert differences.ALSO[group]
    for row in differences.ALSO[group]:
        assert row[-1] in names


def test_ids_are_unique():
    assert len(differences.BY_ID) == len(differences.DIFFERENCES)


@pytest.mark.parametrize('entry', differences.DIFFERENCES,
                         ids=lambda entry: entry.id)
def test_entry_is_complete(entry):
    assert entry.why in differences.WHY
    for text in (entry.what, entry.python3, entry.here, entry.because):
        assert isinstance(text, type(u''))
        assert text.strip() == text != u''
        assert u'\n' not in text
        assert text.count(u'`') % 2 == 0
    for version in (entry.first, entry.last):
        if isinstance(version, differences.BuildOption):
            assert version.text
        elif version is not None:
            assert version >= (3, 6)


@pytest.mark.parametrize('enabled', [False, True])
def test_build_option(enabled):
    option = differences.BuildOption(u'some builds', enabled)
    changed = differences.DIFFERENCES[0]._replace(first=option, last=None)
    assert changed.versions == u'some builds'
    assert changed.applies_to((3, 11)) is enabled


def test_versions():
    entry = differences.DIFFERENCES[0]
    cases = [(None, None, 'all', [(3, 6), (3, 20, 1)], []),
             ((3, 10), None, '3.10 and later', [(3, 10), (3, 11, 2)],
              [(3, 9, 20)]),
             (None, (3, 9), 'up to 3.9', [(3, 6), (3, 9, 18)], [(3, 10)]),
             ((3, 8), (3, 9), '3.8 to 3.9', [(3, 8), (3, 9, 1)],
              [(3, 7), (3, 10)]),
             ((3, 8), (3, 8), '3.8', [(3, 8, 5)], [(3, 9)])]
    for first, last, text, inside, outside in cases:
        changed = entry._replace(first=first, last=last)
        assert changed.versions == text
        assert all(changed.applies_to(version) for version in inside)
        assert not any(changed.applies_to(version) for version in outside)


def test_differs_chooses_by_version(monkeypatch):
    monkeypatch.setitem(
        differences.BY_ID, 'x',
        differences.DIFFERENCES[0]._replace(first=(3, 8), last=(3, 9)))
    for version, expected in (((2, 7, 18), 2), ((3, 7), 2), ((3, 8, 1), 3),
                              ((3, 9), 3), ((3, 10), 2)):
        monkeypatch.setattr(sys, 'version_info', version)
        result = differences.differs('x', py2=2, py3=3)
        monkeypatch.undo()
        monkeypatch.setitem(
            differences.BY_ID, 'x',
            differences.DIFFERENCES[0]._replace(first=(3, 8), last=(3, 9)))
        assert result == expected


def test_unknown_id():
    with pytest.raises(KeyError):
        differences.differs('not-on-the-list', py2=1, py3=2)


def test_table_has_a_row_for_each():
    lines = differences.table().splitlines()
    assert len(lines) == 2 + len(differences.DIFFERENCES)
    assert {line.replace(u'\\|', u'').count(u'|') for line in lines} == {6}


def test_document_is_up_to_date():
    with io.open(differences.DOCUMENT, encoding='utf-8') as stream:
        assert stream.read() == differences.document(), (
            'run: python3 Lib_tests/differences.py --write')
