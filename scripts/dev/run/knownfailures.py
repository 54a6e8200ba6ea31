"""Tests that fail with a version of OpenSSL whatever ssl is: its own flaws,
which known_failures.json has with a reason for each."""

import json
from pathlib import Path

FILE = Path(__file__).resolve().with_name('known_failures.json')


def of_openssl(openssl):
    """The ids of the tests (set of str) that fail with the version of
    OpenSSL in *openssl* (str, as ssl.OPENSSL_VERSION); one that ends in '*'
    stands for all that begin so."""
    return {test for version, reasons in json.loads(FILE.read_text()).items()
            if openssl.startswith(version + ' ')
            for tests in reasons.values() for test in tests}


def is_known(test, known):
    """True if the id *test* (str) is among *known*, as of_openssl() returns
    them."""
    return any(test.startswith(name[:-1]) if name.endswith('*')
               else test == name for name in known)


def failing(row, known):
    """The ids of the tests (set of str) of *row* (testreport.Row) that fail
    and are *known* to.  Those that pass all the same are counted."""
    return {test for test in row.ids('failed', 'error', 'crashed')
            if is_known(test, known)}
