"""The release files: small checkout, real git, quilt, gzip and tar."""

import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from scripts.base import paths
from scripts.dev.package import (
    archive,
    dist,
    page,
    release,
    release_files,
    steps,
    summary,
)
from scripts.series import seriesfile
from scripts.tests import minicheckout
from scripts.tests.fakeproject import HEADER

STATUSES = {'CPython 2.7.18': {}, 'Debian': {}}


@pytest.fixture
def three(project):
    """A project with a patch in base and one in each of two groups."""
    for number, name in enumerate((
            '0001-base-a.patch', '0101-compat-b.patch',
            '0201-pep546-c.patch')):
        line = 'line_{0} = {0}\n'.format(100 * number + 100)
        changes = {'Lib/ssl.py': (line, 'new_{} = 1\n'.format(number))}
        if number == 2:
            changes['Lib/new.py'] = 'new = 1\n'
        project.write(name, changes)
        project.edit(name, lambda text: text.replace(
            'add one thing', 'add thing {}'.format(number)))
    for name in ('LICENSE', 'LICENSES/PSF-2.0.txt', 'LICENSES/MIT.txt',
                 'VERSION', 'CHANGELOG.md', 'SECURITY.md', 'docs/LICENSES.md',
                 'docs/security.md', 'docs/gevent-22.10.2.patch'):
        project.put(project.root, name, 'text of {}\n'.format(name))
    return project


def release_of(three):
    with three.context() as context:
        return release_files.make(
            context, release.parse('1.2.3', '## 1.2.3 - 2026-11-25\n'),
            {base: dict.fromkeys(context.names, 'exact')
             for base in STATUSES}, three.root)


def test_what_git_does_not_know_is_not_published(three, capsys):
    for name in 'docs/packaging/page.md', 'packaging/notes', 'packaging/tool':
        three.put(three.root, name, 'text')
    for words in (['init', '-q'], ['add', 'docs', 'packaging/tool']):
        subprocess.run(['git', *words], cwd=three.root, check=True)
    files = release_of(three)
    name, = (name for name in files if name.endswith('.tar.gz'))
    with tarfile.open(fileobj=io.BytesIO(files[name])) as archive:
        names = [found.partition('/')[2] for found in archive.getnames()]
    assert {'packaging/tool', 'docs/packaging/page.md'} <= set(names)
    assert 'packaging/notes' not in names
    assert 'git does not know it: packaging/notes' in capsys.readouterr().err


def test_the_key_is_looked_at_first(monkeypatch, capsys):
    monkeypatch.setattr(dist.workshop, 'opened', None)
    with pytest.raises(SystemExit):
        dist.make({'RELEASE_KEY': '/no/such/key'})
    assert 'RELEASE_KEY=/no/such/key' in capsys.readouterr().err


def test_files(three):
    files = release_of(three)
    stem = 'cpython-2.7.18-memorybio-1.2.3'
    # The project has no group security.
    assert sorted(files) == sorted([
        'SHA256SUMS', 'openvex.json', 'patches.json', 'patches.md',
        'sbom.cdx.json', 'series',
        'series-base', 'series-compat', 'series-compat+pep546',
        'series-pep546', stem + '.tar.gz'] + [
            stem + name + end for end in ('.mbox', '.patch')
            for name in ('', '-compat', '-compat+pep546')])
    assert files['series-pep546'] == b'0001-base-a.patch\n' \
        b'0201-pep546-c.patch\n'
    with tarfile.open(fileobj=io.BytesIO(files[stem + '.tar.gz'])) as tar:
        names = tar.getnames()
        assert {(info.uid, info.gid, info.mode, info.mtime)
                for info in tar} == {(0, 0, 0o644, 1795564800)}
    assert names == sorted(names)
    assert stem + '/patches/0201-pep546-c.patch' in names
    assert stem + '/docs/patches.md' in names


def test_mbox_and_combined(three, tmp_path):
    files = release_of(three)
    mbox, combined = [files['cpython-2.7.18-memorybio-1.2.3' + end].decode()
                      for end in ('.mbox', '.patch')]
    # What says which patches these are comes last.
    assert mbox.count('\nFrom 0000000000') == 3
    assert mbox.index('Subject: ssl_series: ') > \
        mbox.index('Subject: ssl: add thing 2\n')
    assert 'Subject: ssl: add thing 2\n' in mbox and '[PATCH' not in mbox
    assert combined.count('diff --git a/') == 3
    assert '0201  ssl: add thing 2' in combined
    # pyenv's rule, then GNU patch without fuzz.
    tree = tmp_path / 'tree'
    shutil.copytree(three.pristine, tree)
    (tmp_path / 'p').write_text(combined)
    subprocess.run(['sh', '-c', steps.script(
        'pyenv', ['strip'], {'PATCH': tmp_path / 'p'})], cwd=tree,
        check=True, stdout=subprocess.DEVNULL)
    text = (tree / 'Lib/ssl.py').read_text()
    assert all('new_{} = 1\n'.format(n) in text for n in range(3))
    assert (tree / 'Lib/new.py').read_text() == 'new = 1\n'
    said = seriesfile.facts((tree / seriesfile.NAME).read_text())
    assert said['version'] == '1.2.3'
    assert said['patches'] == ['0001-base-a.patch', '0101-compat-b.patch',
                               '0201-pep546-c.patch']


def test_selections(three):
    files = release_of(three)
    name = 'cpython-2.7.18-memorybio-1.2.3-compat'
    assert files['series-compat+pep546'] == files['series']
    # Two patches, and the one that says which they are
    assert files[name + '.mbox'].count(b'\nFrom 0000000000') == 2
    combined = files[name + '.patch'].decode()
    assert '+new_1 = 1' in combined and 'new_2' not in combined
    assert 'Subject: ssl: compat for CPython 2.7.18, series 1.2.3' in combined
    assert '0001  ssl: add thing 0' in combined


def test_quilt_patches_are_not_for_pyenv(three, tmp_path):
    (tmp_path / 'p').write_text(
        (three.patches / '0001-base-a.patch').read_text())
    done = subprocess.run(['sh', '-c', steps.script(
        'pyenv', ['strip'], {'PATCH': tmp_path / 'p'})], cwd=three.pristine,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert done.returncode != 0


def test_index(three):
    found = json.loads(release_of(three)['patches.json'])
    assert [group['name'] for group in found['groups']] == [
        'base', 'compat', 'pep546']
    entry = found['patches'][2]
    assert entry['number'] == '0201' and entry['group'] == 'pep546'
    assert entry['subject'] == 'ssl: add thing 2'
    assert [(file['path'], file['new']) for file in entry['files']] == [
        ('Lib/new.py', True), ('Lib/ssl.py', False)]
    assert (entry['added'], entry['removed']) == (2, 1)
    assert entry['why'].startswith('It adds one thing because')
    assert entry['droppable'] == 'It can be dropped when upstream has it.'
    assert entry['applies'] == dict.fromkeys(STATUSES, 'exact')
    assert len({patch['patch_id'] for patch in found['patches']}) == 3


def test_patch_id_ignores_where_the_lines_are(three):
    before = json.loads(release_of(three)['patches.json'])['patches']
    three.edit('0201-pep546-c.patch',
               lambda text: text.replace('thing 2', 'thing X'))
    after = json.loads(release_of(three)['patches.json'])['patches']
    assert before[2]['patch_id'] == after[2]['patch_id']
    assert before[2]['sha256'] != after[2]['sha256']
    three.edit('0201-pep546-c.patch',
               lambda text: text.replace('+new_2', '+new_X'))
    last = json.loads(release_of(three)['patches.json'])['patches']
    assert last[2]['patch_id'] != before[2]['patch_id']


def test_page_escapes():
    assert page.escape('a_b *c* <d>') == r'a\_b \*c\* \<d\>'


@pytest.mark.parametrize('version, changelog, message', [
    ('1.2', '## 1.2 - 2026-01-01\n', 'write it as'),
    ('1.2.3', 'nothing', 'no heading'),
    ('1.2.3', '## 1.2.4 - 2026-01-01\n## 1.2.3 - 2025-01-01\n',
     'for the same version'),
    ('1.2.3', '## 1.2.3 - 2026-02-30\n', 'no such day')])
def test_bad_release(version, changelog, message):
    with pytest.raises(release.ReleaseError, match=message):
        release.parse(version, changelog)


def test_this_release_is_consistent():
    release.read()


def test_summary():
    body = 'First.\nMore e.g. this.\n\nDrop it never.\n\nDrop it when\nso.'
    assert summary.why(body) == 'First. More e.g. this.'
    assert summary.droppable(body) == 'Drop it when so.'
    assert summary.droppable('Nothing.') == ''


def test_archive_does_not_depend_on_the_order():
    files = {'b': b'2', 'a': b'1'}
    one = archive.tar_bytes('top', files, 5)
    assert one == archive.tar_bytes('top', dict(sorted(files.items())), 5)
    assert archive.compressed(one)[4:8] == b'\0' * 4


def unnamed(text):
    """How many blocks of shell in the page *text* are no step."""
    return len(re.findall('^```sh$', text, re.MULTILINE)) - len(
        steps.parse(text))


def test_steps():
    text = ('<!-- step: a -->\n```sh\none\n```\n\n```sh\nloose\n```\n'
            '<!-- step: b -->\n```sh\ntwo\nthree\n```\n')
    assert steps.parse(text) == {'a': 'one\n', 'b': 'two\nthree\n'}
    assert unnamed(text) == 1
    with pytest.raises(ValueError):
        steps.parse(text + text)


#: Which scripts run the steps of a page.
_PACKAGE, _TESTS = Path(dist.__file__).parent, Path(__file__).parent
USERS = {'debian': [_PACKAGE / 'debian.py', _PACKAGE / 'debreleases.py'],
         'rpm': [_PACKAGE / 'rpm.py'], 'source': [_PACKAGE / 'trial.py'],
         'pyenv': [_PACKAGE / 'trial.py'],
         'release': [_PACKAGE / 'trial.py', _TESTS / 'test_signing.py'],
         **{page: [_TESTS / 'test_pages.py']
            for page in ('msys2', 'opensuse', 'rhel8', 'trees')},
         'ubuntu': [_PACKAGE / 'debian.json']}


@pytest.mark.parametrize('path', sorted(
    (paths.ROOT / 'docs' / 'packaging').glob('*.md')),
    ids=lambda path: path.stem)
def test_every_block_is_run(path):
    text = path.read_text()
    assert unnamed(text) == 0
    used = ''.join(user.read_text() for user in USERS[path.stem])
    for name in steps.parse(text):
        assert "'{}'".format(name) in used or \
            re.search('[\'"]{}/{}[\'"]'.format(path.stem, name), used), name


def _clone(folder, umask):
    """A clone of a repository with a small checkout in it."""
    subprocess.run(['sh', '-c', 'umask {}; git clone -q "$0" "$1"'.format(
        umask), str(folder.parent / 'origin'), str(folder)], check=True)


def _dist(clone, source, umask, **variables):
    """{name: bytes} of what the scripts of *clone* write."""
    code = ("from scripts.dev.package import dist\n"
            "dist.index.applies = lambda context: {'base': "
            "dict.fromkeys(context.names, 'exact')}\n"
            'dist.main()')
    env = minicheckout.Checkout.env(
        type('Source', (), {'source': source}), **variables)
    done = subprocess.run(
        ['sh', '-c', 'umask {}; exec "$0" -c "$1"'.format(umask),
         sys.executable, code], cwd=clone, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return {path.name: path.read_bytes()
            for path in (clone / 'build' / 'dist').iterdir()}


def test_same_bytes_in_two_clones(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    for name in minicheckout.PATCHES:
        path = checkout.patches / name
        path.write_text(HEADER.replace('one thing', name) +
                        path.read_text())
    for name in ('LICENSE', 'LICENSES', 'VERSION', 'CHANGELOG.md',
                 'SECURITY.md', 'docs', 'packaging'):
        if (paths.ROOT / name).is_dir():
            shutil.copytree(paths.ROOT / name, checkout.root / name,
                            dirs_exist_ok=True)
        else:
            shutil.copy(paths.ROOT / name, checkout.root / name)
    checkout.root.rename(tmp_path / 'origin')
    for args in (['init', '-q'], ['add', '-A'],
                 ['-c', 'user.name=x', '-c', 'user.email=x@localhost',
                  'commit', '-q', '-m', 'all']):
        subprocess.run(['git'] + args, cwd=tmp_path / 'origin', check=True)
    _clone(tmp_path / 'one', '022')
    _clone(tmp_path / 'other', '077')
    one = _dist(tmp_path / 'one', checkout.source, '022', TZ='UTC',
                LC_ALL='C')
    other = _dist(tmp_path / 'other', checkout.source, '077',
                  TZ='Pacific/Kiritimati', LC_ALL='C.UTF-8',
                  LANG='de_DE.UTF-8', SOURCE_DATE_EPOCH='1')
    again = _dist(tmp_path / 'one', checkout.source, '027', TZ='Asia/Tokyo')
    assert len(one) > 6
    for name in one:
        assert one[name] == other[name] == again[name], name
    assert one == other == again
