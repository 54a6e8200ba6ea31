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


@pytest.mark.parametrize('title, arguments', CERTIFICATES,
                         ids=[title for title, _ in CERTIFICATES])
def test_verdicts(title, arguments, tmpdir):
    seen = hostnames.verdicts(arguments, tmpdir.join('certificate.pem'))
    assert list(zip(hostnames.NAMES, seen)) == list(
        zip(hostnames.NAMES, TABLE[title]))
