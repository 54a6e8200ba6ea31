"""Bytes of which there are more than OpenSSL can count."""

import hashlib

import pytest

import limits

INT_MAX = 2 ** 31 - 1


@pytest.mark.parametrize('position', [0, 1], ids=['password', 'salt'])
def test_pbkdf2_hmac(position):
    with limits.huge_buffer(INT_MAX + 1) as huge:
        args = [b'password', b'salt']
        args[position] = huge
        with pytest.raises(OverflowError, match='is too long'):
            hashlib.pbkdf2_hmac('sha256', args[0], args[1], 1)
