# -*- coding: utf-8 -*-
"""Thousands of pairs of a certificate and a host name: which connect is what
Python 3 has answered with the same OpenSSL, see hostnames.py."""

import pytest

import hostnames

CERTIFICATES = hostnames.certificates()
TABLE = hostnames.table()


def test_every_pair_has_a_verdict():
    titles = [title for title, _ in CERTIFICATES]
    assert len(set(titles)) == len(titles)
    assert set(titles) == set(TABLE)
    assert set(map(len, TABLE.values())) == {len(hostnames.NAMES)}
    assert len(CERTIFICATES) * len(hostnames.NAMES) > 10000


@pytest.fixture(scope='module', params=CERTIFICATES,
                ids=[title for title, _ in CERTIFICATES])
def verdicts(request, tmpdir_factory):
    """The title of a certificate, and what connects here."""
    title, arguments = request.param
    path = tmpdir_factory.mktemp('pairs').join('certificate.pem')
    return title, hostnames.verdicts(arguments, path)


def test_verdicts(verdicts):
    title, seen = verdicts
    assert list(zip(hostnames.NAMES, seen)) == list(
        zip(hostnames.NAMES, TABLE[title]))


def test_none_is_laxer(verdicts):
    """Whatever library it is."""
    title, seen = verdicts
    assert [name for name, here, there in zip(
        hostnames.NAMES, seen, TABLE[title])
        if here == hostnames.CONNECTS != there] == []
