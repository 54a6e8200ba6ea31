"""refresh: only after the patches were seen to apply exactly."""

import pytest

from scripts.dev import refresh
from scripts.tests.fakeproject import HEADER, Project

FIRST, SECOND = '0001-base-a.patch', '0201-pep546-b.patch'


@pytest.fixture(scope='module')
def template(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp('template'))
    project.add(FIRST, {'Lib/ssl.py': ('line_100 = 100\n', 'a = 1\n')})
    project.add(SECOND, {'Lib/ssl.py': ('line_300 = 300\n', 'b = 1\n')})
    return project


@pytest.fixture
def two(template, tmp_path):
    return template.copy(tmp_path / 'project')


def run(two):
    with two.context() as context:
        return refresh.refresh(context)


def content(two):
    return [(two.patches / name).read_text() for name in (FIRST, SECOND)]


def test_nothing_to_do(two):
    before = content(two)
    assert run(two) == []
    assert content(two) == before


def test_offset_and_timestamps_go_the_header_stays(two):
    before = content(two)
    two.edit(SECOND, lambda text: text.replace('-297,7 +297', '-290,7 +290')
             .replace('--- a/Lib/ssl.py', '--- a/Lib/ssl.py\t2020-01-01'))
    assert content(two) != before
    assert run(two) == [SECOND]
    assert content(two) == before
    assert content(two)[1].startswith(HEADER)


def test_fuzz_stops_it_and_nothing_is_written(two):
    two.edit(FIRST, lambda text: text.replace('-97,7 +97', '-90,7 +90'))
    two.edit(SECOND, lambda text: text.replace(' line_297 =', ' line_x ='))
    before = content(two)
    with pytest.raises(refresh.RefreshError) as info:
        run(two)
    assert SECOND in str(info.value) and 'hunk #1' in str(info.value)
    assert content(two) == before
    assert sorted(path.name for path in two.patches.iterdir()) == [
        FIRST, SECOND]


def test_unreadable_patch_is_named(two):
    (two.patches / FIRST).unlink()
    with pytest.raises(refresh.RefreshError, match=FIRST):
        run(two)
