"""Rules about names, order and orphans."""

import pytest

GOOD = ['0001-base-a.patch', '0101-compat-b.patch', '0201-pep546-c.patch']


@pytest.fixture
def listed(project):
    def listed(*names):
        project.series.write_text(''.join(name + '\n' for name in names))
        for name in names:
            (project.patches / name).write_text('')
        return project
    return listed


@pytest.mark.parametrize('rule_id', ['name-shape', 'name-group',
                                     'series-order', 'series-orphans'])
def test_good(listed, rule_id):
    assert listed(*GOOD).lint(rule_id) == []


@pytest.mark.parametrize('rule_id, names, expected', [
    ('name-shape', ['memory.patch'], 'NNNN-group-topic'),
    ('name-shape', ['0201-pep546-linux-only.patch'], 'preprocessor'),
    ('name-shape', ['0201-pep546-on-unix.patch'], 'preprocessor'),
    ('name-group', ['0201-pep564-a.patch'], 'group pep564 is not known'),
    ('name-group', ['0301-pep546-a.patch'], '0200 to 0299'),
    ('name-group', ['0000-base-a.patch'], '0001 to 0099'),
    ('series-order', GOOD[::-1], 'sorts before'),
    ('series-order', [GOOD[0], GOOD[0]], 'listed 2 times'),
    ('series-order', ['0201-pep546-a.patch', '0201-pep546-b.patch'],
     'used 2 times'),
])
def test_bad(listed, rule_id, names, expected):
    assert expected in '\n'.join(listed(*names).lint(rule_id))


def test_linux_inside_a_word_is_fine(listed):
    assert listed('0201-pep546-linux2-x.patch').lint('name-shape') == []


def test_orphan_file(listed):
    checkout = listed(*GOOD)
    (checkout.patches / '0202-pep546-d.patch').write_text('')
    assert checkout.lint('series-orphans') == [
        'patches/0202-pep546-d.patch: not listed in series: add the line or '
        'remove the file']


def test_orphan_line(listed):
    checkout = listed(*GOOD)
    (checkout.patches / GOOD[1]).unlink()
    assert 'in series but not in patches/' in '\n'.join(
        checkout.lint('series-orphans'))
