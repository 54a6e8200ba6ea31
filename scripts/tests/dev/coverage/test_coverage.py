"""make coverage: only added lines count, and none is left unexplained."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts.dev.coverage import addedlines, command, coveragedata
from scripts.dev.coverage.coveragedata import Figure
from scripts.dev.coverage.coverexceptions import (
    Exemption,
    FormatError,
    explained,
    parse,
)
from scripts.dev.run.testreport import Row

PAGE = '''\
# Heading

Some words.

Out of memory
only.

```c
if (self == NULL)
    return NULL;
```

Another reason.

```c
    goto error;
```
'''


def test_parse_exceptions():
    assert parse(PAGE) == [
        Exemption('Out of memory only.',
                  ['if (self == NULL)', 'return NULL;'], 8),
        Exemption('Another reason.', ['goto error;'], 15)]


@pytest.mark.parametrize('text, expected', [
    ('# Heading\n\n```c\nx;\n```\n', 'line 3: a block without a reason'),
    ('```c\nx;\n```\n', 'line 1: a block without a reason'),
    ('Why.\n\n```c\n\n```\n', 'line 3: an empty block')])
def test_parse_rejects(text, expected):
    with pytest.raises(FormatError, match=expected):
        parse(text)


SOURCE = ['f()', '{', '    if (self == NULL)', '', '        return NULL;',
          '    if (x)', '        return NULL;', '}']


def test_explained_by_the_whole_block():
    reasons, stale = explained(SOURCE, parse(PAGE))
    assert reasons == {3: 'Out of memory only.', 5: 'Out of memory only.'}
    assert [exemption.lines for exemption in stale] == [['goto error;']]


def test_the_page_of_this_repository_can_be_read():
    parse(command.EXCEPTIONS.read_text())


def test_added_lines(tmp_path):
    (tmp_path / 'old').write_text('a\nb\nc\n')
    (tmp_path / 'new').write_text('a\nx\nc\nd\n')
    assert addedlines.added_lines(tmp_path / 'old',
                                  tmp_path / 'new') == {2, 4}
    assert addedlines.added_lines(tmp_path / 'old',
                                  tmp_path / 'old') == set()
    assert addedlines.added_lines(tmp_path / 'none',
                                  tmp_path / 'new') == {1, 2, 3, 4}


XML = '''\
<coverage><packages><package><classes>
<class filename="Lib/ssl.py"><lines>
<line hits="1" number="1"/>
<line hits="1" number="2" branch="true" condition-coverage="50% (1/2)"
 missing-branches="9"/>
<line hits="0" number="3"/>
<line hits="0" number="4" branch="true" condition-coverage="0% (0/2)"
 missing-branches="5,6"/>
<line hits="0" number="100"/>
</lines></class></classes></package></packages></coverage>
'''


def test_read_python(tmp_path):
    path = tmp_path / 'x.xml'
    path.write_text(XML)
    figure = coveragedata.read(path, 'Lib/ssl.py', {1, 2, 3, 4, 50}, True)
    assert (figure.covered, figure.total) == (3, 8)
    assert figure.missing == {2: 'never jumps to 9', 3: 'never run',
                              4: 'never run'}
    with pytest.raises(LookupError):
        coveragedata.read(path, 'Lib/other.py', {1}, True)


def test_read_c(tmp_path):
    """As gcovr has it, with functions; lines only."""
    path = tmp_path / 'x.xml'
    path.write_text(
        '<coverage><class filename="Modules/_ssl.c"><methods><method><lines>'
        '<line number="4" hits="0"/></lines></method></methods><lines>'
        '<line number="1" hits="3" condition-coverage="50% (1/2)"/>'
        '<line number="2" hits="0"/><line number="4" hits="1"/>'
        '<line number="9" hits="0"/></lines></class></coverage>')
    figure = coveragedata.read(path, 'Modules/_ssl.c', {1, 2, 3, 4}, False)
    assert figure == Figure(2, 3, {2: 'never run'})
    with pytest.raises(LookupError):
        coveragedata.read(path, 'other.c', {1}, False)


GOOD = Figure(100, 100, {})
NOT_QUITE = Figure(97, 100, {3: 'never run', 5: 'never run',
                             7: 'never run'})


@pytest.mark.parametrize('python, c, page, expected', [
    (GOOD, GOOD, '', None),
    (GOOD, NOT_QUITE, '', '3 uncovered lines are not explained (3, 5, 7)'),
    (GOOD, NOT_QUITE, 'Why.\n\n```c\nif (self == NULL)\nreturn NULL;\n```\n',
     '1 uncovered lines are not explained (7)'),
    (GOOD, NOT_QUITE, 'Why.\n\n```c\nreturn NULL;\n```\n\nWhy.\n\n'
     '```c\nif (self == NULL)\n```\n', None),
    (GOOD, GOOD, 'Why.\n\n```c\ngoto error;\n```\n', 'line 3: this block is '
     'not in Modules/_ssl.c'),
    (Figure(99, 100, {1: 'never run'}), GOOD, '', '99.0 % of the added'),
    (GOOD, Figure(90, 100, {3: 'never run'}),
     'Why.\n\n```c\nif (self == NULL)\n```\n', '90.0 % of the added lines'),
])
def test_verdict(python, c, page, expected, capsys):
    out = io.StringIO()
    status = command.report(
        SimpleNamespace(name='coverage'), [Row('one', {'a': 'passed'})],
        {'Lib/ssl.py': python, 'Modules/_ssl.c': c},
        {'Lib/ssl.py': SOURCE, 'Modules/_ssl.c': SOURCE}, parse(page),
        'html', Console(file=out, width=150))
    assert status == (0 if expected is None else 1)
    if expected:
        assert expected in out.getvalue()
    assert 'coverage: Lib/ssl.py' in capsys.readouterr().out


def test_failing_tests_fail_the_measurement():
    status = command.report(
        SimpleNamespace(name='coverage'), [Row('one', {'a': 'failed'})],
        {'Lib/ssl.py': GOOD, 'Modules/_ssl.c': GOOD},
        {'Lib/ssl.py': SOURCE, 'Modules/_ssl.c': SOURCE}, [], 'html',
        Console(file=io.StringIO(), width=150))
    assert status == 1


def test_requirements_have_coverage_once(tmp_path, monkeypatch):
    base = tmp_path / 'base.txt'
    monkeypatch.setattr(command.site27, 'REQUIREMENTS', base)
    for text in ('pytest==4.6.11\n', 'pytest==4.6.11\ncoverage==5.5\n'):
        base.write_text(text)
        written = command.requirements(tmp_path).read_text()
        assert written.count('coverage==') == 1
        assert 'pytest==4.6.11' in written


def test_unreadable_page_is_told(tmp_path, capsys):
    path = tmp_path / 'page.md'
    path.write_text('```c\nx;\n```\n')
    with pytest.raises(SystemExit):
        command.load_exceptions(path)
    assert 'a block without a reason' in capsys.readouterr().err
