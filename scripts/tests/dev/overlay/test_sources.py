"""overlay: the source tree, the sdist and the metadata."""

import gzip
import json
import os
import tarfile

import pytest

from scripts.dev.overlay import sdist, sources, wheelfile
from scripts.tests import minicheckout

GROUPS = ('base', 'compat', 'security', 'pep546')


@pytest.fixture
def tree(tmp_path):
    """A patched tree, as far as an overlay needs it."""
    src = tmp_path / 'src'
    minicheckout.write(src, {
        'LICENSE': 'of Python\n', 'Lib/ssl.py': 'new = 1\n',
        'Lib/ssl_series.py': 'SERIES = {}\n',
        'Modules/_ssl.c': '#include "Python.h"\n#include "socketmodule.h"\n'
                          '# include "_ssl_data.h"\n#include <ssl.h>\n',
        'Modules/_ssl_data.h': '#include "_ssl_more.h"\n',
        'Modules/_ssl_more.h': '', 'Modules/socketmodule.h': '',
        'Modules/_hashopenssl.c': '#include "Python.h"\n',
        'Modules/_io.c': 'not this one\n'})
    return src


def test_what_the_modules_include(tree):
    assert sorted(sources.modules_files(tree / 'Modules')) == [
        '_hashopenssl.c', '_ssl.c', '_ssl_data.h', '_ssl_more.h',
        'socketmodule.h']


def test_source(tree, tmp_path):
    facts = sources.write(tree, GROUPS, tmp_path / 'source')
    names = {str(path.relative_to(tmp_path / 'source'))
             for path in (tmp_path / 'source').rglob('*')}
    assert {'setup.py', 'ssl.py', 'ssl_series.py', 'src/_ssl.c',
            'src/_ssl_more.h', '00-ssl-overlay.pth', 'ssl_overlay/known.json',
            'ssl_overlay/LICENSE-Python.txt'} <= names
    assert 'src/_io.c' not in names
    written = json.loads(
        (tmp_path / 'source/ssl_overlay/facts.json').read_text())
    assert written == facts
    assert facts['groups'] == list(GROUPS)
    assert facts['patches'] and not any(
        '-hardening-' in name for name in facts['patches'])


def test_without_patches(tree, tmp_path):
    (tree / 'Lib/ssl_series.py').unlink()
    facts = sources.write(tree, (), tmp_path / 'source')
    assert not (tmp_path / 'source' / 'ssl_series.py').exists()
    assert facts['patches'] == facts['groups'] == []


def test_facts_tell_the_groups_apart():
    some, more = (sources.series_facts(groups)['patches_sha256']
                  for groups in (('base',), GROUPS))
    assert some != more


def packed(folder, target):
    return sdist.write(folder, '1.2', target, 1000).read_bytes()


def test_sdist_has_the_same_bytes(tree, tmp_path):
    sources.write(tree, GROUPS, tmp_path / 'one')
    before = os.umask(0o077)
    try:
        sources.write(tree, GROUPS, tmp_path / 'two')
        os.utime(tmp_path / 'two' / 'setup.py', (5, 5))
    finally:
        os.umask(before)
    first = packed(tmp_path / 'one', tmp_path / 'a')
    assert packed(tmp_path / 'two', tmp_path / 'b') == first
    (tmp_path / 'two' / 'ssl.py').write_text('new = 2\n')
    assert packed(tmp_path / 'two', tmp_path / 'b') != first


def test_sdist_is_one_for_pip(tree, tmp_path):
    sources.write(tree, GROUPS, tmp_path / 'one')
    archive = sdist.write(tmp_path / 'one', '1.2', tmp_path / 'a', 1000)
    assert archive.name == 'ssl-overlay-1.2.tar.gz'
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        info = tar.extractfile('ssl-overlay-1.2/PKG-INFO').read().decode()
    assert 'ssl-overlay-1.2/setup.py' in names
    assert 'Name: ssl-overlay\nVersion: 1.2\n' in info
    assert 'Requires-Python: >=2.7.9,<2.8\n' in info
    with gzip.open(archive) as file:
        file.read()
        assert file.mtime == 0


def test_dist_info(tree, tmp_path):
    minicheckout.write(tmp_path / 'site', {
        'ssl_overlay/LICENSE-MIT.txt': 'MIT'})
    wheelfile.dist_info(tmp_path / 'site', '1.2', 'what it is\n',
                        'cp27-cp27mu-linux_x86_64')
    info = tmp_path / 'site' / 'ssl_overlay-1.2.dist-info'
    assert 'Tag: cp27-cp27mu-linux_x86_64\n' in (info / 'WHEEL').read_text()
    assert (info / 'METADATA').read_text().endswith('\n\nwhat it is\n')
    assert (info / 'LICENSE-MIT.txt').read_text() == 'MIT'


def test_every_package_has_a_hash():
    for name in ('requirements.txt', 'requirements-pips.txt'):
        text = (sources.PACKAGE.parent / name).read_text()
        for line in text.replace('\\\n', ' ').splitlines():
            if not line.startswith('#'):
                assert '==' in line and '--hash=sha256:' in line, line
