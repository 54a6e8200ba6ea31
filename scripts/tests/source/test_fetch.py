"""fetch: the order of the sources, and files that are not the pinned ones."""

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import urllib.request

import pytest

from scripts.source import download, fetch, pins
from scripts.tests import minicheckout, webserver
from scripts.tests.failing import failing

BODY = bytes(range(256)) * 2000


@pytest.fixture
def site():
    with webserver.serve(BODY) as site:
        yield site


@pytest.fixture
def place(tmp_path, site):
    return Place(tmp_path, site)


class Place:
    """A pin for the site's file, a cache, a distfiles folder, no apt."""

    def __init__(self, folder, site):
        self.pin = pins.Pin(
            name='source', file='source.tgz', version='1', url=site.url,
            sha256=hashlib.sha256(BODY).hexdigest(), size=len(BODY),
            debian_file='source_1.orig.tar.gz')
        self.cache = folder / 'cache'
        self.cached = self.cache / 'source.tgz'
        self.distfiles = folder / 'distfiles'
        self.distfiles.mkdir()
        self.etc = folder / 'etc'
        self.etc.mkdir()
        self.environ = {'CACHE': str(self.cache)}

    def fetch(self, **options):
        return fetch.fetch_pin(self.pin, self.environ, etc=self.etc,
                               **options)

    def leftovers(self):
        return sorted(set(os.listdir(self.cache)) -
                      {'source.tgz', 'source.tgz.lock'})


def test_upstream_then_cache(place, site, capsys):
    assert place.fetch() == place.cached
    assert place.cached.read_bytes() == BODY
    assert place.leftovers() == []
    assert place.pin.sha256 in capsys.readouterr().out
    count = len(site.requests)
    assert place.fetch() == place.cached
    assert len(site.requests) == count


@pytest.mark.parametrize('name', ['source.tgz', 'source_1.orig.tar.gz'])
def test_distfiles_come_first(place, site, name):
    place.environ['DISTFILES'] = str(place.distfiles)
    (place.distfiles / name).write_bytes(BODY)
    place.cache.mkdir()
    place.cached.write_bytes(b'not even looked at')
    assert place.fetch() == place.distfiles / name
    assert site.requests == []


def test_distfiles_without_the_file(place, capsys):
    place.environ['DISTFILES'] = str(place.distfiles)
    assert place.fetch() == place.cached
    assert ('DISTFILES has no source.tgz or source_1.orig.tar.gz' in
            capsys.readouterr().out)


def test_distfiles_that_is_not_there(place, site, capsys):
    place.environ['DISTFILES'] = str(place.distfiles / 'no')
    assert 'there is no such folder' in failing(place.fetch, capsys)
    assert site.requests == []


@pytest.mark.parametrize('body', [BODY[:-1] + b'!', BODY[:100], BODY + b'!',
                                  b''])
def test_wrong_distfile_stops_everything(place, site, capsys, body):
    place.environ['DISTFILES'] = str(place.distfiles)
    wrong = place.distfiles / 'source.tgz'
    wrong.write_bytes(body)
    text = failing(place.fetch, capsys)
    assert str(wrong) in text
    if len(body) == len(BODY):
        assert place.pin.sha256 in text
        assert hashlib.sha256(body).hexdigest() in text
    else:
        assert 'expected size {} '.format(len(BODY)) in text
        assert 'seen size     {} '.format(len(body)) in text
    assert 'leave DISTFILES out' in text
    assert site.requests == []
    assert wrong.read_bytes() == body
    assert not place.cached.exists()


def test_unreadable_distfile(place, capsys):
    place.environ['DISTFILES'] = str(place.distfiles)
    (place.distfiles / 'source.tgz').mkdir()
    assert 'source.tgz' in failing(place.fetch, capsys)


def test_corrupt_cache_is_fetched_again(place, site, capsys):
    place.cache.mkdir()
    place.cached.write_bytes(BODY[:-1] + b'!')
    assert place.fetch().read_bytes() == BODY
    assert 'the file in the cache is damaged' in capsys.readouterr().out
    assert site.requests


def test_cache_by_the_other_name(place, site):
    """Under each name that the advice tells."""
    place.cache.mkdir()
    other = place.cache / 'source_1.orig.tar.gz'
    other.write_bytes(BODY)
    assert place.fetch() == other
    assert not site.requests
    # What somebody put there is left alone.
    other.write_bytes(b'x')
    assert place.fetch() == place.cached
    assert other.read_bytes() == b'x'


@pytest.mark.parametrize('name', ['source.tgz', 'source_1.orig.tar.gz'])
def test_folder_in_the_cache(place, capsys, name):
    (place.cache / name).mkdir(parents=True)
    text = failing(place.fetch, capsys)
    assert 'is a folder' in text and str(place.cache / name) in text


def test_truncated_download_is_resumed(place, site, capsys):
    site.cut = 100000
    text = failing(place.fetch, capsys)
    assert 'ended after 100000 of {}'.format(len(BODY)) in text
    assert not place.cached.exists()
    assert place.leftovers() == ['source.tgz.part']
    assert place.fetch().read_bytes() == BODY
    assert ('/source.tgz', 'bytes=100000-') in site.requests
    assert place.leftovers() == []


def test_truncated_download_is_redone_without_ranges(place, site, capsys):
    site.cut = 100000
    failing(place.fetch, capsys)
    site.ranges = False
    assert place.fetch().read_bytes() == BODY


def test_part_of_another_file_is_redone(place, site, capsys):
    place.cache.mkdir()
    (place.cache / 'source.tgz.part').write_bytes(b'x' * 1000)
    assert place.fetch().read_bytes() == BODY
    assert 'from the start' in capsys.readouterr().out


def test_part_as_long_as_the_file_is_redone(place, site):
    place.cache.mkdir()
    (place.cache / 'source.tgz.part').write_bytes(b'x' * len(BODY))
    assert place.fetch().read_bytes() == BODY
    assert site.requests[0] == ('/source.tgz', None)


def test_wrong_file_upstream(place, site, capsys):
    site.body = BODY[:-1] + b'!'
    text = failing(place.fetch, capsys)
    assert place.pin.sha256 in text
    assert hashlib.sha256(site.body).hexdigest() in text
    assert place.leftovers() == [] and not place.cached.exists()


def test_longer_file_upstream(place, site, capsys):
    site.body = BODY + b'!'
    assert 'more came than the pinned' in failing(place.fetch, capsys)
    assert place.leftovers() == []


def test_shrunken_file_upstream(place, site, capsys):
    place.cache.mkdir()
    (place.cache / 'source.tgz.part').write_bytes(b'x' * 5000)
    site.body = BODY[:4000]
    assert '416' in failing(place.fetch, capsys)
    assert place.leftovers() == []


def test_server_error(place, site, capsys):
    site.status = 503
    assert 'the server answered 503' in failing(place.fetch, capsys)


def test_silent_server(place, site, capsys):
    site.stall = threading.Event()
    try:
        assert 'timed out' in failing(
            lambda: place.fetch(timeout=0.3), capsys)
    finally:
        site.stall.set()


def test_nothing_to_be_had(place, capsys):
    place.pin = pins.Pin(**dict(vars(place.pin),
                                url='http://127.0.0.1:9/source.tgz'))
    text = failing(place.fetch, capsys)
    assert 'tried: cache, upstream, apt' in text
    assert 'put source.tgz or source_1.orig.tar.gz' in text
    assert str(place.cache) in text
    place.environ['DISTFILES'] = str(place.distfiles)
    assert 'tried: DISTFILES, cache' in failing(place.fetch, capsys)


def test_cache_that_cannot_be_written(place, capsys):
    place.cache.write_text('a file')
    assert 'cannot write to' in failing(place.fetch, capsys)


def test_bad_address(tmp_path):
    with pytest.raises(download.DownloadError):
        download.download('nonsense', tmp_path / 'file', 10)


@contextlib.contextmanager
def answering(answer):
    """The address of a server that has only *answer* (bytes) to say."""
    with socket.create_server(('127.0.0.1', 0)) as listening:
        def serve():
            connection = listening.accept()[0]
            with connection:
                connection.recv(10000)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield 'http://127.0.0.1:{}/source.tgz'.format(
            listening.getsockname()[1])
        thread.join()


@pytest.mark.parametrize('answer', [
    b'220 no HTTP\r\n', b'HTTP/1.1 ' + b'x' * 70000,
    b'HTTP/1.1 200 OK\r\n' + b'a: b\r\n' * 200 + b'\r\n',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'],
    ids=['status', 'line', 'headers', 'chunk'])
def test_answer_that_is_no_http(place, capsys, answer):
    """The next source is tried, and there is no traceback."""
    with answering(answer) as url:
        place.pin = dataclasses.replace(place.pin, url=url)
        assert 'tried: cache, upstream, apt' in failing(place.fetch, capsys)
    with answering(answer) as url:
        fetch.fetch_signature(dataclasses.replace(
            place.pin, signature_url=url), place.cached)
    assert not place.cached.with_name('source.tgz.asc').exists()


def test_bad_proxy(place, monkeypatch, capsys):
    monkeypatch.setenv('http_proxy', 'http://proxy:port')
    for name in 'no_proxy', 'NO_PROXY':
        monkeypatch.delenv(name, raising=False)
    # urllib keeps the proxies that it saw first.
    monkeypatch.setattr(urllib.request, '_opener', None)
    place.pin = dataclasses.replace(
        place.pin, url='http://example.invalid/source.tgz',
        signature_url='http://example.invalid/source.tgz.asc')
    assert 'nonnumeric port' in failing(place.fetch, capsys)
    fetch.fetch_signature(place.pin, place.cached)


def test_pins_file():
    loaded = pins.load()
    assert loaded['python'].file_names == (
        'Python-2.7.18.tgz', 'python2.7_2.7.18.orig.tar.gz')
    for pin in loaded.values():
        assert len(pin.sha256) == 64 and int(pin.sha256, 16)
        assert pin.size > 1e6
        assert pin.url.startswith('https://')
        assert pin.version in pin.url


def test_unknown_pin(capsys):
    assert 'openssl-1.1.1w' in failing(lambda: pins.get('perl'), capsys)


def test_fetch_by_name(tmp_path, capsys):
    (tmp_path / 'Python-2.7.18.tgz').write_bytes(b'not it')
    text = failing(lambda: fetch.fetch(
        'python', {'DISTFILES': str(tmp_path)}), capsys)
    assert 'expected size 17539408' in text


def test_fetch_script(tmp_path):
    checkout = minicheckout.Checkout(tmp_path)
    table = checkout.root / 'scripts' / 'pins.json'
    pinned = json.loads(table.read_text())
    for name in ('python', 'openssl-1.1.1w'):
        pinned[name].update(sha256=hashlib.sha256(BODY).hexdigest(),
                            size=len(BODY))
        (tmp_path / pins.get(name).file).write_bytes(BODY)
    table.write_text(json.dumps(pinned))
    status, output = checkout.run('fetch', DISTFILES=str(tmp_path))
    assert status == 0, output
    assert 'is {}'.format(tmp_path / 'Python-2.7.18.tgz') in output
    assert 'signature not checked' in output
    status, output = checkout.run('fetch', 'openssl-1.1.1w',
                                  DISTFILES=str(tmp_path))
    assert status == 0 and 'openssl-1.1.1w.tar.gz' in output
    assert 'signature' not in output


class Keyring:
    """A gpg home with one key, made for the test."""

    def __init__(self, folder):
        folder.mkdir(mode=0o700)
        self.env = dict(os.environ, GNUPGHOME=str(folder))
        self.gpg('--quick-gen-key', '--passphrase', '', 'tester@example.org',
                 'ed25519', 'sign', 'never')
        listing = self.gpg('--list-keys', '--with-colons')
        self.key = [line.split(':')[4] for line in listing.splitlines()
                    if line.startswith('pub:')][0]

    def gpg(self, *args):
        return subprocess.run(('gpg', '--batch') + args, env=self.env,
                              check=True, capture_output=True,
                              text=True).stdout

    def sign(self, path):
        self.gpg('--armor', '--detach-sign', str(path))


@pytest.mark.skipif(shutil.which('gpg') is None, reason='gpg is missing')
class TestSignature:

    @pytest.fixture(scope='class')
    def keyring(self, tmp_path_factory):
        keyring = Keyring(tmp_path_factory.mktemp('gpg') / 'home')
        yield keyring
        subprocess.run(['gpgconf', '--kill', 'all'], env=keyring.env)

    @pytest.fixture
    def signed(self, place, keyring, monkeypatch):
        monkeypatch.setenv('GNUPGHOME', keyring.env['GNUPGHOME'])
        place.pin = pins.Pin(**dict(
            vars(place.pin), signature_key=keyring.key,
            signature_owner='Tester', signature_url=place.pin.url + '.asc'))
        place.cache.mkdir()
        place.cached.write_bytes(BODY)
        keyring.sign(place.cached)
        return place

    def test_good(self, signed):
        assert fetch.check_signature(signed.pin, signed.cached) == (
            'good signature of Tester ({})'.format(signed.pin.signature_key))

    def test_bad(self, signed, capsys):
        signed.cached.write_bytes(BODY[::-1])
        text = failing(lambda: fetch.check_signature(
            signed.pin, signed.cached), capsys)
        assert 'bad signature' in text and 'BAD' in text

    def test_key_is_missing(self, signed, tmp_path, monkeypatch):
        (tmp_path / 'empty').mkdir(mode=0o700)
        monkeypatch.setenv('GNUPGHOME', str(tmp_path / 'empty'))
        assert 'not in the keyring' in fetch.check_signature(
            signed.pin, signed.cached)

    def test_signature_is_missing(self, signed):
        (signed.cache / 'source.tgz.asc').unlink()
        assert 'signature not checked' in fetch.check_signature(
            signed.pin, signed.cached)

    def test_gpg_is_missing(self, signed, monkeypatch):
        monkeypatch.setenv('PATH', '/nowhere')
        assert 'gpg is not installed' in fetch.check_signature(
            signed.pin, signed.cached)

    def test_signature_is_fetched(self, signed, site):
        signature = signed.cache / 'source.tgz.asc'
        text = signature.read_bytes()
        signature.unlink()
        fetch.fetch_signature(signed.pin, signed.cached)
        assert not signature.exists()       # the server has none
        with webserver.serve(text) as other:
            signed.pin = pins.Pin(**dict(vars(signed.pin),
                                         signature_url=other.url))
            fetch.fetch_signature(signed.pin, signed.cached)
        assert signature.read_bytes() == text
        fetch.fetch_signature(signed.pin, signed.cached)
