"""once: made again when it is to be made of something else, or is gone."""

import shutil

import pytest

from scripts.base import once


@pytest.fixture
def make(tmp_path):
    """Make a folder of *made_of*; returns how often that was done."""
    def call(made_of):
        for _ in once.made(tmp_path / 'it', made_of):
            (tmp_path / 'it').mkdir()   # it is not there
            call.times += 1
        return call.times

    call.times = 0
    return call


def test_made_once(make, tmp_path):
    assert [make('a'), make('a'), make('b'), make('b')] == [1, 1, 2, 2]
    shutil.rmtree(tmp_path / 'it')
    assert make('b') == 3


def test_a_file_is_replaced(tmp_path):
    for text in 'aab':
        for _ in once.made(tmp_path / 'it', text):
            assert not (tmp_path / 'it').exists()
            (tmp_path / 'it').write_text(text)
    assert (tmp_path / 'it').read_text() == 'b'


def test_not_made(make, tmp_path):
    """What failed is not taken for made, nor for what was there before."""
    make('a')
    with pytest.raises(ValueError):
        for _ in once.made(tmp_path / 'it', 'b'):
            (tmp_path / 'it').mkdir()
            raise ValueError
    for made_of in 'ab':
        for _ in once.made(tmp_path / 'it', made_of):
            break
        else:
            pytest.fail('it was not to be made of ' + made_of)
    shutil.rmtree(tmp_path / 'it', ignore_errors=True)
    assert make('a') == 2


def test_made_meanwhile(make, tmp_path, monkeypatch):
    """By the one whom the lock was waited for."""
    lock = once.locking.lock

    def waited(path):
        monkeypatch.setattr(once.locking, 'lock', lock)
        assert make('a') == 1
        return lock(path)

    monkeypatch.setattr(once.locking, 'lock', waited)
    assert list(once.made(tmp_path / 'it', 'a')) == []
