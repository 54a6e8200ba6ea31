"""series: names, order and groups."""

import subprocess
import sys

import pytest

from scripts.series import groups
from scripts.tests import minicheckout


def test_parse_name():
    name = groups.PatchName.parse('0201-pep546-memory-bio.patch')
    assert name == (201, 'pep546', 'memory-bio')


@pytest.mark.parametrize('name', [
    '201-pep546-memory.patch', '0201_pep546_memory.patch',
    '0201-pep546.patch', '0201-pep546-Memory.patch', '0201-pep546-a--b.patch',
    '0201-pep546-memory.diff', '0201-pep546-memory.patch\n', ''])
def test_parse_name_rejects(name):
    with pytest.raises(groups.SeriesError, match='NNNN-group-topic'):
        groups.PatchName.parse(name)


def test_parse_series_skips_blank_and_comment_lines():
    assert groups.parse_series('# head\n\na.patch\nb.patch\n') == [
        'a.patch', 'b.patch']


@pytest.mark.parametrize('line', ['a.patch -p0', 'a.patch # why'])
def test_parse_series_rejects_more_than_a_name(line):
    with pytest.raises(groups.SeriesError, match='line 2'):
        groups.parse_series('z.patch\n' + line + '\n')


def test_read_series_missing(tmp_path):
    with pytest.raises(groups.SeriesError, match='complete checkout'):
        groups.read_series(str(tmp_path / 'series'))


ALL = tuple(group.name for group in groups.GROUPS)


@pytest.mark.parametrize('text, expected', [
    ('', ALL), ('all', ALL), ('none', ()),
    ('pep546 compat', ('compat', 'pep546')),
    ('pep546,compat', ('compat', 'pep546'))])
def test_parse_groups(text, expected):
    assert groups.parse_groups(text) == expected


def test_parse_groups_names_the_unknown_one():
    with pytest.raises(groups.SeriesError, match='pep564.*base, compat'):
        groups.parse_groups('compat pep564')


@pytest.mark.parametrize('text, word', [
    ('all security', 'all'), ('compat,none', 'none'), ('none all', 'none')])
def test_parse_groups_all_and_none_stand_alone(text, word):
    with pytest.raises(groups.SeriesError, match=word + ' stands alone'):
        groups.parse_groups(text)


def test_select_refuses_an_unknown_group():
    """It would be left out without a word."""
    with pytest.raises(groups.SeriesError, match='no group .perf.*there are'):
        groups.select(['0001-base-a.patch', '0511-perf-b.patch'], ['base'])


def test_select_refuses_a_series_of_nothing():
    with pytest.raises(groups.SeriesError, match='names no patch'):
        groups.select([], ['base'])
    assert groups.select([], []) == []


@pytest.mark.parametrize('make', [
    lambda path: path.mkdir(), lambda path: path.write_bytes(b'# \xff\n')])
def test_read_series_that_is_no_text(tmp_path, make):
    make(tmp_path / 'series')
    with pytest.raises(groups.SeriesError, match='cannot be read'):
        groups.read_series(tmp_path / 'series')


def test_select_adds_what_a_group_needs():
    names = ['0001-base-a.patch', '0101-compat-b.patch', '0201-pep546-c.patch',
             '0301-hardening-d.patch']
    assert groups.select(names, ['compat']) == names[:2]
    assert groups.select(names, ['pep546']) == [names[0], names[2]]
    assert groups.select(names, ['hardening']) == [names[0], names[2],
                                                   names[3]]
    assert groups.select(names, []) == []


def test_group_ranges_follow_one_another():
    for before, after in zip(groups.GROUPS, groups.GROUPS[1:]):
        assert before.first <= before.last < after.first


def test_command_line_rejects_unknown_group():
    result = subprocess.run([sys.executable, '-m', 'scripts', 'series',
                             'nonsense'], cwd=minicheckout.ROOT,
                            stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert 'no such group of patches: nonsense' in result.stderr
