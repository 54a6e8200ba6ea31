"""The diffs of the site: colours, anchors, links to the source."""

import re

import pytest

pytest.importorskip('pygments')

from scripts.dev.review import diffview, sourceview  # noqa: E402

C = '''\
/* One. */
static int
first(int a,
      int b)
{
    return second(a);
}

static PyObject *second_one(int a) {
    if (a) {
    }
}
'''
DIFF = '''\
--- a/Modules/x.c
+++ b/Modules/x.c
@@ -1,2 +1,3 @@ static int first(int a,
 /* it goes
+   on */ int <b>;
-    return "x";
@@ -9,2 +9,3 @@
+static PyObject *second_one(int a) {
 }
\\ No newline at end of file
--- a/Lib/x.py
+++ b/Lib/x.py
@@ -1,1 +1,1 @@ class Known(object):
-    pass
+    def f(self): return None
'''


def text_of(page):
    return re.sub(r'<[^>]*>', '', page)


def test_lines_of_functions():
    assert sourceview.source('x.c', C).lines == {'first': 3, 'second_one': 9}
    assert sourceview.source('x.py', 'class A:\n    def f(self):\n').lines \
        == {'A': 1, 'f': 2}


def test_diff():
    sources = {path: sourceview.source(path, text) for path, text in (
        ('Modules/x.c', C), ('Lib/x.py', 'import x\nclass Known(object):\n'))}
    page = diffview.diffs(DIFF, sources)
    assert '<span class="gi">+<span class="cm">   on */</span>' in page
    assert re.search(r'<span class="gd">-.*<span class="s">', page)
    assert '&lt;' in page and '<b>' not in page
    assert re.findall(r'class="source" href="([^"]*)">(\w+)', page) == [
        ('../source/Modules-x.c.html#line-3', 'first'),
        ('../source/Modules-x.c.html#line-9', 'second_one'),
        ('../source/Lib-x.py.html#line-2', 'Known')]
    for name in ('line-1-1', 'line-1-10', 'line-2-5'):
        assert 'id="{}"'.format(name) in page
    assert '<span class="k">def</span>' in page
    assert page.count('<details') == 2 and '+2 −1' in page
    shown = text_of(page)
    assert 'No newline at end of file' in shown
    for line in DIFF.splitlines():
        assert line.split('<')[0] in shown


def test_nothing_is_linked_without_sources():
    assert 'class="source"' not in diffview.diffs(DIFF)


def test_source_page():
    page = sourceview.page(sourceview.source('Modules/x.c', C))
    assert page.startswith('# Modules/x.c\n') and 'id="line-9"' in page
