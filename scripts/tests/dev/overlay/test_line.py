"""overlay: the line of the .pth file, run as site runs it."""

import os
import sys
from types import SimpleNamespace

import pytest

from scripts.dev.overlay import sources

LINE, = (sources.PACKAGE / '00-ssl-overlay.pth').read_text().splitlines()
OWN = '/usr/lib/python2.7'


def run(monkeypatch, site, version=(2, 7, 18), wide=True, debug=False,
        path=('/mine', '/usr/lib/python27.zip', OWN, '/usr/lib/dynload')):
    """sys.path after the line was run by an interpreter like that."""
    fake = SimpleNamespace(version_info=version, path=list(path),
                           maxunicode=0x10ffff if wide else 0xffff)
    if debug:
        fake.gettotalrefcount = None
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, 'sys', fake)
        patch.setitem(sys.modules, 'os', SimpleNamespace(
            path=os.path, __file__=OWN + '/os.pyc'))
        exec(LINE, {}, {'sitedir': str(site)})
    return fake.path


@pytest.fixture
def site(tmp_path):
    """A folder with the overlay for UCS4."""
    (tmp_path / 'ssl_overlay' / 'cp27mu-front').mkdir(parents=True)
    return tmp_path


def test_one_line_that_site_executes():
    assert LINE.startswith('import ')
    # Nothing that is not imported by then.
    assert LINE.split(';')[0] == 'import os, sys'


def test_before_the_standard_library(monkeypatch, site):
    assert run(monkeypatch, site) == [
        '/mine', '/usr/lib/python27.zip',
        str(site / 'ssl_overlay' / 'cp27mu-front'), OWN, '/usr/lib/dynload',
        str(site / 'ssl_overlay' / 'cp27mu-last')]


def test_first_where_the_library_is_not_in_the_path(monkeypatch, site):
    found = run(monkeypatch, site, path=['/app.zip'])
    assert found[:2] == [str(site / 'ssl_overlay' / 'cp27mu-front'),
                         '/app.zip']


def test_once(monkeypatch, site):
    path = run(monkeypatch, site)
    assert run(monkeypatch, site, path=path) == path


def test_the_more_special_of_two_goes_first(monkeypatch, site, tmp_path):
    other = tmp_path / 'all'
    (other / 'ssl_overlay' / 'cp27mu-front').mkdir(parents=True)
    path = run(monkeypatch, other, path=run(monkeypatch, site))
    assert path.index(str(site / 'ssl_overlay' / 'cp27mu-front')) < \
        path.index(str(other / 'ssl_overlay' / 'cp27mu-front')) < \
        path.index(OWN)


@pytest.mark.parametrize('other', [
    {'wide': False}, {'debug': True}, {'version': (2, 7, 8)},
    {'version': (2, 6, 9)}, {'version': (3, 11, 2)}])
def test_not_for_other_interpreters(monkeypatch, site, other):
    # A user's site-packages are seen by all of them.
    before = ['/mine', OWN]
    assert run(monkeypatch, site, path=before, **other) == before


@pytest.mark.parametrize('kind, abi', [
    ({'wide': False}, 'cp27m'), ({'debug': True}, 'cp27dmu'),
    ({'wide': False, 'debug': True}, 'cp27dm'),
    ({'version': (2, 7, 9)}, 'cp27mu')])
def test_each_kind_has_its_folder(monkeypatch, tmp_path, kind, abi):
    front = tmp_path / 'ssl_overlay' / (abi + '-front')
    front.mkdir(parents=True)
    assert run(monkeypatch, tmp_path, **kind)[2] == str(front)
