"""quilt: settings of our own, and failures that name the place."""

import subprocess

import pytest

from scripts.series import quilt
from scripts.tests import minicheckout


def test_push_all(place):
    assert minicheckout.push(place) == []
    tree = place[0]
    assert 'long line_5;' in (tree / 'Modules/_ssl.c').read_text()
    assert 'two = 22' in (tree / 'Lib/ssl.py').read_text()


def test_failure_names_patch_file_and_hunk(place):
    tree, patches, series = place
    source = tree / 'Modules/_ssl.c'
    source.write_text(source.read_text().replace('line_21', 'other'))
    with pytest.raises(quilt.PushError) as error:
        minicheckout.push(place)
    assert error.value.patch == '0201-pep546-second.patch'
    assert error.value.file == 'Modules/_ssl.c'
    assert error.value.hunk == 1
    assert str(error.value) == ('0201-pep546-second.patch does not apply to '
                                'Modules/_ssl.c, hunk #1')


def test_context_that_differs_is_not_forgiven(place):
    # Within patch's usual fuzz of two lines.
    source = place[0] / 'Modules/_ssl.c'
    source.write_text(source.read_text().replace('line_2;', 'other;'))
    with pytest.raises(quilt.PushError):
        minicheckout.push(place)


def test_failure_in_the_second_file(place):
    (place[0] / 'Lib/ssl.py').write_text('nothing of it\n')
    with pytest.raises(quilt.PushError) as error:
        minicheckout.push(place)
    assert error.value.patch == '0202-pep546-third.patch'
    assert error.value.file == 'Lib/ssl.py'


def test_missing_file(place):
    (place[0] / 'Lib/ssl.py').unlink()
    with pytest.raises(quilt.PushError) as error:
        minicheckout.push(place)
    assert error.value.patch == '0202-pep546-third.patch'
    assert error.value.hunk is None


def test_missing_patch(place):
    place[2].write_text('0009-base-none.patch\n')
    with pytest.raises(quilt.PushError) as error:
        minicheckout.push(place)
    assert '0009-base-none.patch' in error.value.output


def test_offsets_are_told(place):
    source = place[0] / 'Modules/_ssl.c'
    source.write_text('/* one more line */\n' + source.read_text())
    moved = minicheckout.push(place)
    assert [line.split(':')[:2] for line in moved] == [
        ['0001-base-first.patch', ' Modules/_ssl.c'],
        ['0201-pep546-second.patch', ' Modules/_ssl.c']]
    assert 'offset 1 line' in moved[0]


def test_user_settings_do_not_count(place, monkeypatch, tmp_path):
    tree, patches, series = place
    (tmp_path / '.quiltrc').write_text(
        'QUILT_PATCHES=elsewhere\nQUILT_PUSH_ARGS="--no-such-option"\n')
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('QUILT_SERIES', 'elsewhere')
    monkeypatch.setenv('QUILT_PUSH_ARGS', '--no-such-option')
    assert minicheckout.push(place) == []


def test_refresh_is_byte_stable(place):
    tree, patches, series = place
    minicheckout.push(place)
    name = '0202-pep546-third.patch'
    before = (patches / name).read_text()
    quilt.quilt(tree, 'refresh', patches_dir=patches, series_file=series)
    assert (patches / name).read_text() == before
    assert 'Index:' not in before


def test_check(place):
    tree, patches, series = place
    options = dict(patches_dir=patches, series_file=series)
    with pytest.raises(subprocess.CalledProcessError):
        quilt.quilt(tree, 'pop', **options)
    done = quilt.quilt(tree, 'pop', check=False, **options)
    assert done.returncode


def test_folder_that_is_not_there(place, tmp_path, capsys):
    """quilt is installed: it is the folder that is missing."""
    with pytest.raises(SystemExit):
        minicheckout.push((tmp_path / 'gone', *place[1:]))
    text = capsys.readouterr().err
    assert 'there is no folder' in text and 'gone' in text


def test_quilt_is_not_installed(place, monkeypatch, capsys):
    monkeypatch.setenv('PATH', '/nowhere')
    with pytest.raises(SystemExit):
        minicheckout.push(place)
    assert 'make bootstrap' in capsys.readouterr().err
