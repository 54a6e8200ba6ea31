"""Rules about the text of added lines and C89."""

import shutil

import pytest

from scripts.dev.lint.rules import ctext, style
from scripts.dev.lint.rules.model import NotChecked
from scripts.tests.fakeproject import C_SOURCE

NAME = '0201-pep546-a.patch'


def added(project, line):
    """A patch that adds *line* to the body of the C function."""
    project.write(NAME, {'Modules/_ssl.c': (
        '    return a + b;\n', line + '\n    return a + b;\n')})
    return project


@pytest.mark.parametrize('rule_id, line, expected', [
    ('style-trailing', '    a = 1; ', 'trailing white space'),
    ('style-length', '    a = 1;' + ' ' * 60 + '/* long! */',
     'longer than 79'),
    ('style-c-indent', '\ta = 1;', 'a tab'),
    ('style-c-indent', '    a =\t1;', 'a tab'),
    ('style-c-indent', '     a = 1;', 'multiple of four'),
    ('style-c-indent', '  if (a)\n      b = 1;', 'multiple of four'),
    ('style-c-comments', '    a = 1; // one', 'C89 has only'),
])
def test_bad_line(project, rule_id, line, expected):
    found, = added(project, line).lint(rule_id)
    assert found.startswith(NAME + ': Modules/_ssl.c, added line 9')
    assert expected in found


@pytest.mark.parametrize('line', [
    '    a = add(1,\n            2);',
    '    if (a > 1 &&\n        b > 1)\n        a = 1;',
    '    /* Text;\n     * more text. */\n    a = 1;',
    '    a = 1; /* http://example.org */',
    '#define TWO \\\n      2\n    a = TWO;',
    '    switch (a) {\n    case 1:\n        b = 1;\n    }',
    '    goto error;\n  error:\n    a = 1;',
    '    {\n        const char *s = "// no {comment;";\n        a = s[0];\n'
    '    }',
])
def test_good_line(project, line):
    added(project, line)
    for rule in style.RULES:
        assert project.lint(rule.id) == [], rule.id


def test_file_indented_with_tabs(project):
    path = 'Objects/tabs.c'
    project.put(project.pristine, path,
                'int x(int a)\n{\n\ta = 1;\n\treturn a;\n}\n')
    project.write(NAME, {path: ('\treturn a;\n',
                                '\ta = 2;\n\treturn a +\n\t    1;\n')})
    assert project.lint('style-c-indent') == []
    project.write('0202-pep546-b.patch', {
        path: ('\ta = 2;\n', '\ta = 2;\n    a = 3;\n    \ta = 4;\n')})
    assert ['blanks' in line or 'blank before' in line
            for line in project.lint('style-c-indent')] == [True, True]


@pytest.mark.parametrize('rule_id, line', [
    ('style-python-tabs', '\ta = 1'), ('style-length', 'a = "' + 'x' * 80),
    ('style-trailing', 'a = 1  ')])
def test_bad_python(project, rule_id, line):
    project.write(NAME, {'Lib/a.py': line + '\n'})
    found, = project.lint(rule_id)
    assert 'Lib/a.py, added line 1' in found


def test_many_findings_are_one(project):
    project.write(NAME, {'Lib/a.py': 'a = 1 \n' * 9})
    found, = project.lint('style-trailing')
    assert 'added line 1, 2, 3 and 6 more' in found


def test_scan_keeps_lines():
    text = 'a /* b\n c */ d // e\n"//" \'"\' f\n'
    code, numbers = ctext.scan(text)
    assert numbers == [2]
    assert [line.split() for line in code.split('\n')] == [
        ['a'], ['d'], ['"', '"', "'", "'", 'f'], []]


needs_gcc = pytest.mark.skipif(shutil.which('gcc') is None,
                               reason='no gcc on this machine')


@needs_gcc
@pytest.mark.parametrize('line, expected', [
    ('    a = 1;\n    int c = a;\n    b = c;', 'mixed declarations'),
    ('    for (int i = 0; i < a; i++)\n        b++;', 'C99'),
    ('    {\n        struct { int x; } s = { .x = 1 };\n        a = s.x;\n'
     '    }', 'subobject'),
    ('    {\n        char s[a];\n        s[0] = b;\n        b = s[0];\n    }',
     'variable'),
    ('    a = undeclared(b);', 'implicit declaration'),
    ('    {\n        int unused;\n    }', 'unused'),
])
def test_not_c89(project, line, expected):
    found = '\n'.join(added(project, line).lint('c89'))
    assert found.startswith(NAME + ': Modules/_ssl.c, line ')
    assert expected in found


@needs_gcc
def test_c89(project):
    assert added(project, '    a = 1;').lint('c89') == []


@needs_gcc
def test_c89_leaves_the_lines_of_the_pin_alone(project):
    project.put(project.pristine, 'Modules/_ssl.c', C_SOURCE.replace(
        '    return', '    a = 1;\n    int old = a; // old\n    b = old;\n'
        '    return'))
    added(project, '    a = 2;')
    assert project.lint('c89') == []
    assert project.lint('style-c-comments') == []


@needs_gcc
def test_c89_without_headers_is_not_checked(project):
    project.write(NAME, {'Modules/_ssl.c': (
        '#define FIRST 1\n', '#include <no/such/header.h>\n')})
    with pytest.raises(NotChecked, match='no/such/header.h'):
        project.lint('c89')
