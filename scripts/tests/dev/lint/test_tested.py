"""A patch of the product brings a test, or its header says why not."""

import pytest

from scripts.dev.lint.rules import tested
from scripts.dev.patchfile import Patch
from scripts.tests.fakeproject import HEADER

NAME = '0201-pep546-x.patch'
WHY_NOT = 'Tests: none, because nothing makes use of it before 0203.'


def complaints(*paths, paragraph=None):
    header = HEADER
    if paragraph is not None:
        header = header.replace('\nOrigin:', '\n{}\n\nOrigin:'.format(
            paragraph), 1)
        assert paragraph in header
    diff = ''.join('--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@\n-a\n+b\n'.format(path)
                   for path in paths)

    class Context:
        patches = [Patch(NAME, header + diff)]

    rule, = tested.RULES
    return [finding.message for finding in rule.check(Context)]


@pytest.mark.parametrize('paths', [
    ('Modules/_ssl.c', 'Lib/test/test_ssl.py'),
    ('Lib/ssl.py', 'Doc/library/ssl.rst', 'Lib/test/test_ssl_files.py'),
    ('Lib/json/encoder.py', 'Lib/json/tests/test_dump.py'),
    ('Lib/test/test_ssl.py',),
    ('Lib/test/ssl_security_helpers.py',),
    ('Doc/library/ssl.rst',),
    ('Doc/tools/extension.py',),
    ('Misc/NEWS.d/next/Library/2026-11-22.bpo-1.a.rst',),
    ('Tools/ssl/make_ssl_data.py',),
    ('setup.py',),
])
def test_nothing_to_say(paths):
    assert complaints(*paths) == []


@pytest.mark.parametrize('path', [
    'Modules/_ssl.c', 'Modules/_ssl_data.h', 'Lib/ssl.py', 'Python/ceval.c',
    'Lib/json/encoder.py', 'Lib/unittest/case.py', 'Objects/object.c',
    'Include/object.h'])
@pytest.mark.parametrize('others', [
    (), ('Doc/library/ssl.rst',),
    # Neither is a test.
    ('Lib/test/ssl_security_helpers.py',), ('Lib/test/keycert.pem',)])
def test_product_without_a_test(path, others):
    found, = complaints(path, *others)
    assert found.startswith('changes {} and no test'.format(path))
    assert complaints(path, *others, paragraph=WHY_NOT) == []


def test_every_file_is_named():
    found, = complaints('Lib/ssl.py', 'Modules/_ssl.c')
    assert 'Lib/ssl.py, Modules/_ssl.c' in found


@pytest.mark.parametrize('paths', [
    ('Modules/_ssl.c', 'Lib/test/test_ssl.py'), ('Lib/test/test_ssl.py',),
    ('Doc/library/ssl.rst',)])
def test_reason_that_is_not_needed(paths):
    found, = complaints(*paths, paragraph=WHY_NOT)
    assert 'take the paragraph out' in found


@pytest.mark.parametrize('paragraph', ['Tests: none.', 'Tests: not needed\n'])
def test_no_reason(paragraph):
    found, = complaints('Lib/ssl.py', paragraph=paragraph)
    assert 'gives no reason' in found


@pytest.mark.parametrize('paragraph', [
    'The tests are none, because nothing makes use of it.',
    'More of the same.\nTests: none, because this is no paragraph.'])
def test_other_words(paragraph):
    found, = complaints('Lib/ssl.py', paragraph=paragraph)
    assert 'and no test' in found


def test_reason_over_two_lines():
    assert complaints('Lib/ssl.py', paragraph=(
        'Tests: none,\nbecause nothing makes use of it yet.')) == []
