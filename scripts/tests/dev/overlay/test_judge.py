"""overlay: what --check objects to."""

import importlib.util
import json
import re

import pytest

from scripts.dev.overlay import sources
from scripts.series import groups


@pytest.fixture(scope='module')
def judge():
    """The module of that name of the package, which is for 2.7."""
    spec = importlib.util.spec_from_file_location(
        'overlay_judge', sources.PACKAGE / 'ssl_overlay' / 'judge.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def facts(**changes):
    found = {
        'fits': True, 'front': '/site/ssl_overlay/cp27mu-front',
        'groups': ['base', 'pep546', 'security'],
        'version': '1.2.3', 'patches_sha256': 'a' * 64, 'bundled': True,
        'in_use': {'ssl': '/site/front/ssl.py', '_ssl': '/site/front/_ssl.so',
                   'ours': ['ssl', '_ssl'], 'first': False, 'error': None,
                   'series': {'version': '1.2.3', 'bundled': True,
                              'patches_sha256': 'a' * 64}},
        'own': {'ssl': '/usr/lib/python2.7/ssl.py', 'sha256': 'f' * 64,
                'known': {'what': 'stock', 'needs': []}}}
    for name, value in changes.items():
        if isinstance(value, dict):
            found[name].update(value)
        else:
            found[name] = value
    return found


def test_nothing_wrong(judge):
    assert judge.problems(facts()) == []


@pytest.mark.parametrize('changes, text', [
    ({'fits': False}, 'another kind of interpreter'),
    ({'in_use': {'error': 'no _ssl.so'}}, 'cannot be imported: no _ssl.so'),
    ({'in_use': {'ours': ['_ssl'], 'ssl': '/mine/ssl.py'}},
     'ssl is /mine/ssl.py, which is in front of the overlay'),
    ({'in_use': {'ours': [], 'first': True}},
     'imported before the overlay was in front'),
    ({'in_use': {'series': {'version': '1.2.2', 'bundled': True}}},
     'is of another overlay: its version is 1.2.2, not 1.2.3'),
    ({'in_use': {'series': {'version': None}}}, 'its version is None'),
    ({'own': {'known': None}}, 'may have a fix that the overlay hides'),
    ({'own': {'known': {'what': 'Debian', 'needs': ['security']}},
      'groups': ['base', 'pep546']}, 'it was built without security')])
def test_what_is_wrong(judge, changes, text):
    wrong = judge.problems(facts(**changes))
    assert wrong and text in wrong[0]


def test_known_to_the_caller(judge):
    unknown = facts(own={'known': None})
    assert judge.problems(unknown, ['0' * 64])
    assert not judge.problems(unknown, ['0' * 64, 'f' * 64])


def test_the_known_ones():
    known = json.loads(sources.KNOWN.read_text())
    assert known
    for digest, entry in known.items():
        assert re.fullmatch('[0-9a-f]{64}', digest)
        assert entry['what']
        assert set(entry['needs']) <= set(groups.GROUP_BY_NAME)
