"""make review: pages out of Markdown, patches and sources."""

import pytest

from scripts.dev.evidence import record
from scripts.dev.patchfile import Patch
from scripts.dev.review import (
    cfunctions,
    diagram,
    pages,
    patchdata,
    patchpage,
    ssldoc,
    startpage,
    website,
)

PATCH = '''\
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: A <a@b.example>
Date: Sun, 22 Nov 2026 10:00:00 +0000
Subject: ssl: add <x>

Why & what.

Nothing changes for those who do not use it.

Drop it when done.

Origin: vendor
Bug: https://bugs.python.org/issue1
Forwarded: not-needed
Last-Update: 2026-11-22
---
--- /dev/null
+++ b/Lib/test/test_new.py
@@ -0,0 +1,3 @@
+class NewTests(unittest.TestCase):
+    def test_one(self):
+        text = "```"
--- a/Lib/ssl.py
+++ b/Lib/ssl.py
@@ -1,2 +1,3 @@
 a
+b
 c
'''


@pytest.fixture
def patch():
    return Patch('0201-pep546-new.patch', PATCH)


def test_brought_tests(patch):
    assert patchdata.brought(patch) == [('Lib/test/test_new.py', True,
                                         ['NewTests'], ['test_one'])]


def test_lines_by_patch(patch, tmp_path):
    (tmp_path / 'Lib').mkdir()
    (tmp_path / 'Lib' / 'ssl.py').write_text('a\nc\n')
    assert patchdata.lines_by_patch(tmp_path, [patch]) == {
        patch.name: {'Lib/ssl.py': {2}, 'Lib/test/test_new.py': {1, 2, 3}}}


def found(proof, rows):
    return record.Record(proof, '', '', {}, {}, '2026-11-29', True, rows)


def test_patch_page(patch, monkeypatch):
    records = {
        'linetests': found('linetests', {patch.name: {'tests': {
            'Lib_tests/test_x.py': {'Lib/ssl.py': [1, 2]}}}}),
        'coverage': found('coverage', {'Lib/ssl.py': {'patches': {
            patch.name: {'covered': 1, 'total': 3,
                         'missing': {'19': 'never run', '9': 'x'}}}},
            'Lib_tests': {}})}
    monkeypatch.setattr(record, 'best', records.get)
    text = patchpage.page(patch, (None, '0202-pep546-b.patch'),
                          patchdata.brought(patch))
    assert '`Lib/ssl.py`: 1 of 3 (33.3 %); not covered, in the complete ' \
        'file: 9, 19' in text
    assert text.startswith('# 0201 ssl: add <x>\n')
    assert '<p>Why &amp; what.</p>' in text
    others = text.split('## What changes')[1].split('##')[0]
    assert 'Nothing changes' in others and 'Why' not in others
    assert 'id="file-2"' in text and 'href="#file-3"' not in text
    assert '<a id="line-1-1"' in text and '`' * 4 in text
    assert '<a href="{0}" download>{0}</a>'.format(patch.name) in text
    assert '| `Lib_tests/test_x.py` | `Lib/ssl.py` | 1 of 2 |' in text
    link = '<a href="#line-1-4"><code>NewTests</code></a>'
    assert link in text and 'id="line-1-4"' in text
    assert '[0202-pep546-b.patch](0202-pep546-b.md)' in text


def test_lists_of_headers():
    text = patchpage.prose(['Three:\n- one\n  more\n- <two>',
                            '  code - not a list', 'a - b'])
    assert '<p>Three:\n</p><ul><li>one\n  more\n</li><li>&lt;two&gt;' in text
    assert '<pre>  code - not a list</pre>' in text and '<p>a - b</p>' in text


def test_start_page(patch):
    assert startpage.for_everybody([patch]) == '\n'
    body = 'It is CVE-2026-1234.\n\nFor those who do not use it: *slower*.\n'
    other = Patch('0202-pep546-b.patch', PATCH.replace('Why & what.\n', body))
    text = startpage.for_everybody([patch, other])
    assert text.startswith('### pep546: ')
    assert '| [0202](patches/0202-pep546-b.md) | ssl: add \\<x\\> | For ' \
        'those who do not use it: \\*slower\\*. |' in text
    assert startpage.vulnerabilities([patch, other]) == \
        '- CVE-2026-1234: [0202](patches/0202-pep546-b.md)\n'
    assert '| [pep546](patches/index.md#pep546) | 2 | 2 | 6 |' in \
        startpage.sizes([patch, other])


def test_patch_list_needs_no_list(patch):
    text = patchpage.overview([patch])
    assert '[0201](0201-pep546-new.md)' in text and '## pep546' in text
    assert '## compat' not in text


@pytest.fixture
def links(tmp_path):
    (tmp_path / 'docs').mkdir()
    (tmp_path / 'docs' / 'a.md').write_text('# A\n')
    (tmp_path / 'docs' / 'data.json').write_text('{}')
    (tmp_path / 'README.md').write_text('# R\n')
    found = pages.find(tmp_path)
    assert found == {'docs/a.md': 'docs/a', 'README.md': 'README'}
    return pages.Links(dict(found, patches='patches/index'), tmp_path)


@pytest.mark.parametrize('text, expected', [
    ('[x](../README.md#top)', '[x](../README.md#top)'),
    ('[x](data.json)', '[x](data.json)'),
    ('[`x`](gone.md)', '`x`'),
    ('[x](../patches)', '[x](../patches/index.md)'),
    ('[x](../../out.md)', 'x'),
    ('[x](https://a.example/b)', '[x](https://a.example/b)'),
    ('`[x](gone.md)`', '`[x](gone.md)`'),
    ('```\n[x](gone.md)\n```\n', '```\n[x](gone.md)\n```\n')])
def test_links(links, text, expected):
    assert links.rewrite(text, 'docs/a.md', 'docs/a') == expected


def test_links_of_a_moved_page(links):
    assert links.rewrite('[x](a.md) [y](data.json)', 'docs/a.md',
                         'index') == '[x](docs/a.md) [y](docs/data.json)'
    assert links.copied == {'docs/data.json'}


BEFORE = '''\
static int
helper(int a)
{
    return SSL_get_error(a) + 1;
}
static PyObject *PySSL_read(PySSLSocket *self)
{
    return helper(1);
}
static PyObject *PySSL_old(void)
{
    BIO_free(0);
}
static int callback(void)
{
}
static PyMethodDef methods[] = {
    {"read", (PyCFunction)PySSL_read},
    {"old", PySSL_old},
};
static PyTypeObject PySSLSocket_Type = {
    "_ssl._SSLSocket", methods,
};
'''
AFTER = BEFORE.replace('+ 1;', '+ 2;').replace(
    'static PyObject *PySSL_old(void)', 'static int queue_new(void)').replace(
    'PySSL_old', 'PySSL_read').replace('static PyMethodDef', '''\
static PyObject *bio_read(void)
{
    return queue_new() + helper(2);
}
static PyMethodDef bio_methods[] = {
    {"read", bio_read_own},
};
static PyTypeObject BIO_Type = {
    "_ssl.MemoryBIO", bio_methods,
};
static PyMethodDef''')


def test_functions():
    assert list(cfunctions.functions(BEFORE)) == [
        'helper', 'PySSL_read', 'PySSL_old', 'callback']


def test_parts_of_c():
    before, after = map(diagram.c_parts, (BEFORE, AFTER))
    assert {title: sorted(part.functions)
            for title, part in before.items()} == {
        '_SSLSocket': ['PySSL_old', 'PySSL_read', 'helper'],
        diagram.OTHERS: ['callback']}
    assert before['_SSLSocket'].openssl == {'SSL': 1, 'BIO': 1}
    assert {title: sorted(part.functions)
            for title, part in after.items()} == {
        '_SSLSocket': ['PySSL_read'], 'MemoryBIO': ['bio_read', 'queue_new'],
        diagram.SHARED: ['helper'], diagram.OTHERS: ['callback']}
    assert after['MemoryBIO'].calls == {diagram.SHARED: 1}
    text = diagram.figure(after, before)
    assert '<b>MemoryBIO</b><br>2 new, 0 changed, 0 as before' in text
    assert '<code class="new">bio_read</code>' in text
    assert '<code class="changed">helper</code>' in text
    assert 'PySSL_read' not in text
    assert 'calls: shared by several (1)' in text
    assert '3 functions' in diagram.figure(before)
    assert diagram.gone(before, after) == '`PySSL_old`'


def test_parts_of_python():
    before = 'class A(object):\n    x = 1\n\n    def f(self):\n        pass\n'
    after = before + '\n    def g(self):\n        pass\n\n\nx = 2\n'
    text = diagram.figure(*map(diagram.python_parts, (after, before)))
    assert '<b>A</b><br>1 new, 0 changed, 1 as before' in text
    assert '<code class="new">A.g</code>' in text


def test_added_entries():
    lines = ['.. _a-label:', '.. class:: Old', '.. class:: New(x)',
             '   .. method:: New.read(size=-1)', '   .. attribute:: eof',
             '.. method:: Old.late()']
    assert ssldoc.added_entries(lines, {1, 3, 4, 5, 6}) == (
        ['New', 'New.read', 'New.eof', 'Old.late'], ['a-label'])


def test_plots_have_a_finding_in_words():
    bench = found('bench', {'bulk': {'results': [
        {'ratios_to': 'c', 'ratios': {'patched': {'median': value},
                                      'memcpy': {'median': 9}}}
        for value in (1.062, .5)]}})
    bench.tools['contenders'] = {'c': {'title': 'C'},
                                 'patched': {'title': '2.7 patched'}}
    assert website.finding(bench, 'bulk') == \
        'Speed, C being 1: 2.7 patched 0.50 to 1.06.'
    assert website.finding(bench, 'echo') == ''
