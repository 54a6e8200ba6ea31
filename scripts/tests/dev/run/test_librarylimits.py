"""librarylimits: what cannot pass with another TLS library."""

import json

import pytest

from scripts.dev.run.librarylimits import FILE, Limits
from scripts.dev.run.testreport import Row


@pytest.fixture
def path(tmp_path):
    file = tmp_path / 'limits.json'
    file.write_text(json.dumps({
        'OpenSSL 1.0': {'no TLS 1.3': ['test_a::test_x[TLSv1.3]', 'test_b*']},
        'LibreSSL': {'no names': ['test.test_a.T.test_y']}}))
    return file


@pytest.mark.parametrize('text, test, reason', [
    ('OpenSSL 1.0.2k  26 Jan 2017', 'test_a::test_x[TLSv1.3]', 'no TLS 1.3'),
    ('OpenSSL 1.0.2k  26 Jan 2017', 'test_a::test_xT', None),
    ('OpenSSL 1.0.2k  26 Jan 2017', 'test_b::test_anything', 'no TLS 1.3'),
    ('OpenSSL 1.01', 'test_b::test_anything', None),
    ('LibreSSL 4.3.2', 'test.test_a.T.test_y', 'no names'),
    ('LibreSSL 4.3.2', 'test.test_a.T.test_y2', None),
    ('OpenSSL 3.0.19', 'test.test_a.T.test_y', None)])
def test_reason(path, text, test, reason):
    assert Limits(text, path).reason(test) == reason


def test_only_what_fails(path):
    row = Limits('OpenSSL 1.0.2k', path).apply(Row('b', {
        'test_b1': 'passed', 'test_b2': 'failed', 'test_b3': 'error',
        'test_b4': 'crashed', 'test_c': 'failed'}, {'test_b2': 'why'}))
    assert row.tests == {
        'test_b1': 'passed', 'test_b2': 'skipped', 'test_b3': 'skipped',
        'test_b4': 'crashed', 'test_c': 'failed'}
    assert row.texts['test_b2'] == 'no TLS 1.3'
    assert not row.ok


def test_the_list_that_is_used():
    lists = json.loads(FILE.read_text())
    for library, reasons in lists.items():
        # The OpenSSL that is pinned has no limits of this kind.
        assert not library.startswith(('OpenSSL 1.1.1', 'OpenSSL 3')), library
        tests = [test for tests in reasons.values() for test in tests]
        assert len(tests) == len(set(tests)), library
        assert all(reason and found for reason, found in reasons.items())
