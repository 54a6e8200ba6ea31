"""What the tests expect of errors, in the words of both Python versions."""

import contextlib
import ssl
import sys

import pytest

# The errno that goes with each class; messages differ between versions.
ERRNO = {
    ssl.SSLError: ssl.SSL_ERROR_SSL,
    ssl.SSLWantReadError: ssl.SSL_ERROR_WANT_READ,
    ssl.SSLWantWriteError: ssl.SSL_ERROR_WANT_WRITE,
    ssl.SSLSyscallError: ssl.SSL_ERROR_SYSCALL,
    ssl.SSLZeroReturnError: ssl.SSL_ERROR_ZERO_RETURN,
    ssl.SSLEOFError: ssl.SSL_ERROR_EOF,
}
assert sorted(ERRNO.values()) == [1, 2, 3, 5, 6, 8]

# Python 3's name for a plain SSLError about a certificate.
PLAIN = tuple(getattr(ssl, name) for name in
              ('SSLError', 'SSLCertVerificationError') if hasattr(ssl, name))

# OpenSSL 1.1.1 gives the end of a stream no reason of its own.
EOF_REASONS = (None, 'UNEXPECTED_EOF_WHILE_READING')

# What OpenSSL's record layer finds; from 3.2 on it puts one more entry,
# RECORD_LAYER_FAILURE, on top of some of these.  Python 3 names that one.
RECORD_LAYER = {'PACKET_LENGTH_TOO_LONG', 'WRONG_VERSION_NUMBER',
                'DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'HTTP_REQUEST',
                'HTTPS_PROXY_REQUEST'}
# What OpenSSL 3.2 and newer may find instead.
NEWER = {'PACKET_LENGTH_TOO_LONG': 'DATA_LENGTH_TOO_LONG',
         'WRONG_VERSION_NUMBER': 'BAD_RECORD_TYPE'}


def check_ssl_error(error, kinds, reason=None):
    """Assert that *error* is exactly one of *kinds* (a class or a tuple),
    with its errno, its *reason* (one or a tuple of them) and its library."""
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    reasons = reason if isinstance(reason, tuple) else (reason,)
    if ssl.OPENSSL_VERSION_INFO >= (3, 2):
        if RECORD_LAYER & set(reasons) and sys.version_info[0] > 2:
            reasons += ('RECORD_LAYER_FAILURE',)
        reasons += tuple(NEWER[name] for name in reasons if name in NEWER)
    kind = ssl.SSLError if type(error) in PLAIN else type(error)
    assert kind in kinds
    assert error.errno == ERRNO[kind]
    assert error.args[0] == ERRNO[kind]
    assert len(error.args) == 2
    assert error.reason in reasons
    assert error.library == (None if error.reason is None else 'SSL')


@contextlib.contextmanager
def ssl_error(kinds, reason=None):
    """The block raises an SSLError as check_ssl_error() wants it."""
    with pytest.raises(ssl.SSLError) as info:
        yield info
    check_ssl_error(info.value, kinds, reason)


def want_read():
    return ssl_error(ssl.SSLWantReadError)


def eof():
    return ssl_error(ssl.SSLEOFError, EOF_REASONS)
