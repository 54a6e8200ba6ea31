"""seriesfile: what an interpreter says of its patches."""

import ast
import hashlib
import shutil
import subprocess

import pytest

from scripts.base import paths
from scripts.series import groups, seriesfile

NAMES = groups.read_series(paths.SERIES_FILE)


def script(*words, program=seriesfile.SCRIPT):
    return subprocess.run(['sh', str(program), *map(str, words)], text=True,
                          capture_output=True)


@pytest.fixture
def patches(tmp_path):
    """A folder with three small patches."""
    folder = tmp_path / 'patches'
    folder.mkdir()
    for name, text in (('0001-base-a.patch', 'one\n'),
                       ('0101-compat-b.patch', 'two\n'),
                       ('0102-compat-c.patch', 'three\n')):
        (folder / name).write_text(text)
    return folder


def test_what_it_says(patches):
    found = seriesfile.facts(seriesfile.text(
        ['0001-base-a.patch', '0102-compat-c.patch'], '--patches', patches,
        '--version', '1.2.3'))
    assert found == {
        'version': '1.2.3', 'groups': ['base', 'compat'],
        'patches': ['0001-base-a.patch', '0102-compat-c.patch'],
        'patches_sha256': hashlib.sha256(b'one\nthree\n').hexdigest()}


def test_of_this_checkout():
    found = seriesfile.facts(seriesfile.text(NAMES))
    assert found['version'] == (paths.ROOT / 'VERSION').read_text().strip()
    assert found['patches'] == NAMES
    assert found['groups'] == [group.name for group in groups.GROUPS]
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update((paths.PATCHES_DIR / name).read_bytes())
    assert found['patches_sha256'] == digest.hexdigest()


def test_a_line_fits_and_nothing_is_imported():
    text = seriesfile.text(NAMES)
    assert max(map(len, text.splitlines())) <= 79
    # Whoever imports it gets neither ssl nor json.
    assert not [node for node in ast.parse(text).body
                if isinstance(node, (ast.Import, ast.ImportFrom))]


def test_in_the_unpacked_release(tmp_path):
    for name in ('packaging', 'patches'):
        shutil.copytree(paths.ROOT / name, tmp_path / name)
    (tmp_path / 'VERSION').write_text('9.8.7\n')
    done = script(*NAMES[:2],
                  program=tmp_path / 'packaging' / 'ssl_series.sh')
    assert done.returncode == 0, done.stderr
    assert seriesfile.facts(done.stdout)['version'] == '9.8.7'


def test_as_a_patch(patches, tmp_path):
    names = ['0001-base-a.patch', '0101-compat-b.patch']
    words = ['--patches', patches, '--version', '1.2.3', *names]
    tree = tmp_path / 'tree'
    (tree / 'Lib').mkdir(parents=True)
    subprocess.run(['patch', '-p1', '-s', '-F0'], cwd=tree, text=True,
                   input=script('--patch', *words).stdout, check=True)
    assert (tree / seriesfile.NAME).read_text() == script(*words).stdout


@pytest.mark.parametrize('words, said', [
    ([], 'name the patches'),
    (['0001-base-a.patch', '0999-base-gone.patch'],
     '0999-base-gone.patch')])
def test_refused(patches, words, said):
    for form in ([], ['--patch']):
        done = script(*form, '--patches', patches, '--version', '1', *words)
        assert done.returncode == 1
        assert done.stdout == '' and said in done.stderr


@pytest.mark.parametrize('words', [
    ['--version'], ['--patch', '--patches'], ['--version', '', 'x.patch']])
def test_option_without_its_value(words):
    done = script(*words)
    assert done.returncode == 1 and done.stdout == ''
    assert done.stderr.startswith('ssl_series.sh: --')
    assert 'what? Write its value' in done.stderr


def test_refused_with_a_hint(patches, capsys):
    with pytest.raises(SystemExit):
        seriesfile.text(['0999-base-gone.patch'], '--patches', patches)
    assert 'complete checkout' in capsys.readouterr().err


def test_written_and_removed(tmp_path):
    (tmp_path / 'Lib').mkdir()
    path = tmp_path / seriesfile.NAME
    seriesfile.write(tmp_path, 'SERIES = {}\n')
    path.with_name('ssl_series.pyc').write_bytes(b'old')
    seriesfile.write(tmp_path, '')
    assert list((tmp_path / 'Lib').iterdir()) == []
    seriesfile.write(tmp_path, '')
