"""The signature of a release and of its tag, by throw-away keys."""

import hashlib
import os
import shutil
import subprocess

import pytest

from scripts.dev.package import signing, steps

pytestmark = pytest.mark.skipif(not shutil.which('minisign'),
                                reason='needs minisign')


@pytest.fixture
def key(tmp_path, monkeypatch):
    """The file with the secret key; its public one is the project's."""
    monkeypatch.setattr(signing, 'PUBLIC', tmp_path / 'release.pub')
    signing.make_key(tmp_path / 'keys' / 'secret', signing.PUBLIC,
                     encrypted=False)
    return tmp_path / 'keys' / 'secret'


def run(names, folder, **variables):
    return subprocess.run(
        ['sh', '-c', steps.script('release', names, variables)], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def verified(folder):
    return run(['signature'], folder, KEY=signing.PUBLIC, DIST=folder)


def test_signature(key, tmp_path):
    (tmp_path / 'SHA256SUMS').write_bytes(b'sums')
    found = signing.signature(b'sums', 'series 1', {'RELEASE_KEY': str(key)})
    (name, data), = found.items()
    assert b'trusted comment: series 1\n' in data
    (tmp_path / name).write_bytes(data)
    assert verified(tmp_path).returncode == 0
    # No time is in it.
    assert signing.sign(b'sums', key, 'series 1') == data
    (tmp_path / 'SHA256SUMS').write_bytes(b'other')
    assert verified(tmp_path).returncode != 0


def test_signature_of_another_key(key, tmp_path):
    (tmp_path / 'SHA256SUMS').write_bytes(b'sums')
    signing.make_key(tmp_path / 'other', tmp_path / 'other.pub', False)
    (tmp_path / signing.NAME).write_bytes(
        signing.sign(b'sums', tmp_path / 'other', 'series 1'))
    assert verified(tmp_path).returncode != 0


def test_without_a_key():
    assert signing.signature(b'sums', 'series 1', {}) == {}


def test_a_key_that_is_not_there(key, tmp_path, capsys):
    with pytest.raises(SystemExit):
        signing.signature(b'', 'x', {'RELEASE_KEY': str(tmp_path / 'none')})
    assert '"make release-key" writes it' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['empty', 'public', 'folder'])
def test_what_is_no_key(key, tmp_path, capsys, name):
    (tmp_path / 'empty').touch()
    (tmp_path / 'public').write_bytes(signing.PUBLIC.read_bytes())
    (tmp_path / 'folder').mkdir()
    with pytest.raises(SystemExit):
        signing.key({'RELEASE_KEY': str(tmp_path / name)})
    assert 'no secret key of minisign' in capsys.readouterr().err


def test_key_of_minisign(key, capsys):
    """Its public key is not in the repository yet; what to do is said, and
    works."""
    expected = signing.PUBLIC.read_bytes()
    signing.PUBLIC.unlink()
    with pytest.raises(SystemExit):
        signing.key({'RELEASE_KEY': str(key)})
    said = capsys.readouterr().err
    command = said[said.index('minisign -R'):].split()
    command[-1] = str(signing.PUBLIC)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert signing.PUBLIC.read_bytes() == expected


def test_no_key(tmp_path, capsys):
    (tmp_path / 'bad').write_text('no key\n')
    with pytest.raises(SystemExit):
        signing.sign(b'sums', tmp_path / 'bad', 'x')
    assert 'error: minisign: ' in capsys.readouterr().err


@pytest.mark.parametrize('value, message', [
    ('', 'RELEASE_KEY is not set'), ('{key}', 'there is a key already'),
    ('{root}/key', 'is in the checkout'),
    ('{link}/key', 'is in the checkout')])
def test_release_key_refuses(key, monkeypatch, capsys, value, message,
                             tmp_path):
    (tmp_path / 'link').symlink_to(signing.paths.ROOT)
    monkeypatch.setenv('RELEASE_KEY', value.format(
        key=key, root=signing.paths.ROOT, link=tmp_path / 'link'))
    with pytest.raises(SystemExit):
        signing.main()
    assert message in capsys.readouterr().err


def test_no_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr('sys.stdin', open(os.devnull))
    with pytest.raises(SystemExit):
        signing.make_key(tmp_path / 'secret', tmp_path / 'public')
    assert 'there is no terminal' in capsys.readouterr().err


def test_release_key(tmp_path, monkeypatch):
    monkeypatch.setattr(signing, 'PUBLIC', tmp_path / 'release.pub')
    monkeypatch.setenv('RELEASE_KEY', str(tmp_path / 'new' / 'secret'))
    made = signing.make_key
    monkeypatch.setattr(signing, 'make_key',
                        lambda *args: made(*args, encrypted=False))
    signing.main()
    assert (tmp_path / 'new' / 'secret').exists()
    assert 'public key' in signing.PUBLIC.read_text()


@pytest.mark.skipif(not shutil.which('ssh-keygen'), reason='no ssh-keygen')
def test_tag(tmp_path, monkeypatch):
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f',
                    tmp_path / 'ssh'], check=True)
    public = (tmp_path / 'ssh.pub').read_text()
    (tmp_path / 'allowed').write_text('a@b ' + public)
    for name, value in (('GIT_CONFIG_GLOBAL', str(tmp_path / 'config')),
                        ('GIT_CONFIG_NOSYSTEM', '1')):
        monkeypatch.setenv(name, value)
    (tmp_path / 'config').write_text(
        '[user]\nname = A\nemail = a@b\nsigningkey = {0}/ssh\n'
        '[gpg]\nformat = ssh\n[gpg "ssh"]\nallowedSignersFile = {0}/allowed\n'
        .format(tmp_path))
    dist = tmp_path / 'dist'
    dist.mkdir()
    (dist / 'SHA256SUMS').write_bytes(b'sums')
    for args in (['init', '-q'], ['commit', '-q', '--allow-empty', '-m', 'x']):
        subprocess.run(['git', *args], cwd=tmp_path, check=True)
    variables = {'VERSION': '1.2.3', 'DIST': dist}
    done = run(['tag'], tmp_path, **variables)
    assert done.returncode == 0, done.stdout
    text = subprocess.run(['git', 'cat-file', 'tag', 'v1.2.3'], cwd=tmp_path,
                          stdout=subprocess.PIPE, text=True).stdout
    assert hashlib.sha256(b'sums').hexdigest() in text
    assert run(['verify-tag'], tmp_path, **variables).returncode == 0
    (dist / 'SHA256SUMS').write_bytes(b'other')
    assert run(['verify-tag'], tmp_path, **variables).returncode != 0
    (dist / 'SHA256SUMS').unlink()
    assert run(['verify-tag'], tmp_path, **variables).returncode != 0
