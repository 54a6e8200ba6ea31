"""installed: what a package says of its patches."""

import json

import pytest

from scripts.dev.package import installed

NAMES = ['0001-base-a.patch', '0201-pep546-b.patch']
GOOD = {'patches': NAMES, 'file': '/usr/lib/python2.7/ssl_series.pyc',
        'in_use': {'ssl': '/usr/lib/python2.7/ssl.py'}}


def row(tmp_path, text):
    path = tmp_path / 'python2.7'
    path.write_text('#!/bin/sh\n' + text)
    path.chmod(0o755)
    return installed.series(path, NAMES, {'PATH': '/usr/bin:/bin'})


def test_as_it_should_be(tmp_path):
    assert row(tmp_path, "echo '{}'\n".format(json.dumps(GOOD))).ok


@pytest.mark.parametrize('text', [
    'echo "No module named ssl_series" >&2; exit 1\n',
    *("echo '{}'\n".format(json.dumps(dict(GOOD, **changes)))
      for changes in ({'patches': NAMES[:1]},
                      {'in_use': {'ssl': '/site/ssl.py'}},
                      {'in_use': {'ssl': None}}))])
def test_wrong(tmp_path, text):
    found = row(tmp_path, text)
    assert not found.ok and found.texts['ssl_series']
