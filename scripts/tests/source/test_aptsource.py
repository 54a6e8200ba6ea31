"""aptsource: the host's own sources, turned into source-package entries."""

import hashlib
import os
import shutil
import subprocess

import pytest

from scripts.source import aptsource, pins

ONE_LINE = '''\
# deb http://commented.example/debian sid main
deb http://archive.example/debian bookworm main contrib # behind
deb-src http://archive.example/debian bookworm main
deb [arch=amd64 signed-by=/a/key.gpg trusted=yes] http://two.example/d x main
deb http://security.example/debian bookworm-security main
deb http://third.example/party stable product
nonsense
'''

DEB822 = '''\
# A comment
Types: deb
URIs: http://archive.example/debian http://mirror.example/debian
Suites: bookworm
# within
 bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no


Types: deb
URIs: http://archive.ubuntu.example/ubuntu
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu.gpg
'''


@pytest.fixture
def etc(tmp_path):
    folder = tmp_path / 'etc'
    (folder / 'sources.list.d').mkdir(parents=True)
    return folder


def test_one_line_format(etc):
    (etc / 'sources.list').write_text(ONE_LINE)
    text = aptsource.derive(aptsource.host_sources(etc), ['bullseye'])
    assert text == '''\
Types: deb-src
URIs: http://archive.example/debian
Suites: bullseye
Components: main

Types: deb-src
URIs: http://two.example/d
Suites: bullseye
Components: main
Signed-By: /a/key.gpg
Trusted: yes
'''


def test_deb822_format(etc):
    (etc / 'sources.list.d' / 'debian.sources').write_text(DEB822)
    (etc / 'sources.list.d' / 'old.list.disabled').write_text(ONE_LINE)
    text = aptsource.derive(aptsource.host_sources(etc),
                            ['bullseye', 'jammy'])
    entries = text.split('\n\n')
    assert len(entries) == 6
    assert entries[0] == '''\
Types: deb-src
URIs: http://archive.example/debian
Suites: bullseye
Components: main
Signed-By:{}
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc'''.format(' ')
    assert 'Components: main universe' in entries[5]
    assert 'Suites: jammy' in entries[5]
    assert 'off.example' not in text


def test_both_formats_name_an_archive_once(etc):
    (etc / 'sources.list').write_text(
        'deb http://archive.example/debian bookworm main\n')
    (etc / 'sources.list.d' / 'debian.sources').write_text(DEB822)
    text = aptsource.derive(aptsource.host_sources(etc), ['bullseye'])
    assert text.count('http://archive.example/debian') == 1


def test_no_distribution_archive(etc):
    (etc / 'sources.list').write_text('deb http://x.example/y z product\n')
    assert aptsource.derive(aptsource.host_sources(etc), ['sid']) == ''


def test_unreadable_file_is_left_out(etc):
    (etc / 'sources.list').mkdir()
    assert aptsource.host_sources(etc) == []


def pin(body, **changes):
    fields = dict(
        name='tiny', file='tiny-1.tgz', version='1', url='',
        sha256=hashlib.sha256(body).hexdigest(), size=len(body),
        debian_file='tiny_1.orig.tar.gz', debian_source='tiny',
        debian_version='1-2', debian_suite='stable')
    fields.update(changes)
    return pins.Pin(**fields)


def test_no_source_package(tmp_path, etc):
    with pytest.raises(aptsource.AptError, match='no source package'):
        aptsource.fetch(pin(b'', debian_source=''), tmp_path / 'out', etc)


def test_no_apt(tmp_path, etc, monkeypatch):
    monkeypatch.setenv('PATH', '/nowhere')
    with pytest.raises(aptsource.AptError, match='has no apt'):
        aptsource.fetch(pin(b''), tmp_path / 'out', etc)


needs_apt = pytest.mark.skipif(
    not (shutil.which('apt-get') and shutil.which('gzip')),
    reason='apt is missing')


@pytest.fixture
def archive(tmp_path):
    """An archive with one source package, and the tarball's bytes."""
    folder = tmp_path / 'archive'
    pool = folder / 'pool'
    index = folder / 'dists' / 'stable' / 'main' / 'source'
    pool.mkdir(parents=True)
    index.mkdir(parents=True)
    body = os.urandom(3000)
    stanzas = []
    for version, content in (('1-1', body), ('1-2', body), ('1-3', b'else')):
        place = pool / version
        place.mkdir()
        (place / 'tiny_1.orig.tar.gz').write_bytes(content)
        dsc = 'Format: 1.0\nSource: tiny\nVersion: {}\n'.format(version)
        (place / 'tiny_{}.dsc'.format(version)).write_text(dsc)
        sums = ['{{}} {} {}'.format(len(data), name) for name, data in (
            ('tiny_1.orig.tar.gz', content),
            ('tiny_{}.dsc'.format(version), dsc.encode()))]
        datas = (content, dsc.encode())
        stanzas.append(
            'Package: tiny\nBinary: tiny\nVersion: {}\nFormat: 1.0\n'
            'Directory: pool/{}\nFiles:\n{}\nChecksums-Sha256:\n{}\n'.format(
                version, version,
                '\n'.join(' ' + line.format(hashlib.md5(data).hexdigest())
                          for line, data in zip(sums, datas)),
                '\n'.join(' ' + line.format(
                    hashlib.sha256(data).hexdigest())
                    for line, data in zip(sums, datas))))
    (index / 'Sources').write_text('\n'.join(stanzas))
    listing = (index / 'Sources').read_bytes()
    (folder / 'dists' / 'stable' / 'Release').write_text(
        'Suite: stable\nCodename: stable\nDate: Sat, 01 Jan 2022 00:00:00 '
        'UTC\nSHA256:\n {} {} main/source/Sources\n'.format(
            hashlib.sha256(listing).hexdigest(), len(listing)))
    return folder, body


@pytest.fixture
def apt_state():
    """Fails the test if the host's package lists change."""
    def look():
        folder = '/var/lib/apt/lists'
        if not os.path.isdir(folder):
            return []
        return sorted((entry.name, entry.stat().st_mtime)
                      for entry in os.scandir(folder))
    before = look()
    yield
    assert look() == before


@needs_apt
def test_fetch_with_the_real_apt(tmp_path, etc, archive, apt_state):
    folder, body = archive
    (etc / 'sources.list').write_text(
        'deb [trusted=yes] file:{} sid main\n'.format(folder))
    target = tmp_path / 'cache' / 'out'
    aptsource.fetch(pin(body), target, etc)
    assert target.read_bytes() == body
    assert os.listdir(target.parent) == ['out']


@needs_apt
def test_another_version_with_the_pinned_tarball(tmp_path, etc, archive):
    folder, body = archive
    (etc / 'sources.list').write_text(
        'deb [trusted=yes] file:{} sid main\n'.format(folder))
    aptsource.fetch(pin(body, debian_version='1-9'), tmp_path / 'out', etc)
    assert (tmp_path / 'out').read_bytes() == body


@needs_apt
def test_no_version_with_the_pinned_tarball(tmp_path, etc, archive):
    folder, _ = archive
    (etc / 'sources.list').write_text(
        'deb [trusted=yes] file:{} sid main\n'.format(folder))
    target = tmp_path / 'cache' / 'out'
    with pytest.raises(aptsource.AptError, match='no version of tiny'):
        aptsource.fetch(pin(b'other'), target, etc)
    assert os.listdir(target.parent) == []


@needs_apt
def test_archive_without_the_suite(tmp_path, etc, archive):
    folder, body = archive
    (etc / 'sources.list').write_text(
        'deb [trusted=yes] file:{} sid main\n'.format(folder))
    with pytest.raises(aptsource.AptError, match='gone'):
        aptsource.fetch(pin(body, debian_suite='gone'), tmp_path / 'out', etc)


@needs_apt
def test_tarball_is_gone_from_the_archive(tmp_path, etc, archive):
    folder, body = archive
    shutil.rmtree(folder / 'pool')
    (etc / 'sources.list').write_text(
        'deb [trusted=yes] file:{} sid main\n'.format(folder))
    with pytest.raises(aptsource.AptError):
        aptsource.fetch(pin(body), tmp_path / 'out', etc)


@needs_apt
def test_no_archive_at_all(tmp_path, etc):
    with pytest.raises(aptsource.AptError, match='no Debian or Ubuntu'):
        aptsource.fetch(pin(b''), tmp_path / 'out', etc)


def test_patience(monkeypatch, tmp_path):
    monkeypatch.setattr(aptsource, '_APT_PATIENCE', 0.1)
    with pytest.raises(aptsource.AptError, match='did not end'):
        aptsource._apt(['sleep', '5'], dict(os.environ), tmp_path)
    assert subprocess.run(['true']).returncode == 0


def test_mirror_of_the_host(tmp_path):
    sources = aptsource.parse_one_line(
        'deb http://third/apt tools-bookworm main\n'
        'deb http://fixes/debian-security bookworm-security main\n'
        'deb http://archive/debian bookworm main\n')
    release = tmp_path / 'os-release'
    release.write_text('ID=debian\nVERSION_CODENAME=bookworm\n')
    name = aptsource.codename(release)
    assert aptsource.mirror(sources, name) == 'http://archive/debian'
    assert aptsource.mirror(sources, 'trixie') == ''
    assert aptsource.codename(tmp_path / 'none') == ''
