"""These tests need the patched Python 2.7, and packages or an installation
of it; see test_https_trollius.py and test_bootstrap.py."""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.dirname(HERE)
sys.path[:0] = [EXAMPLES, os.path.join(EXAMPLES, 'tests')]
pytest.register_assert_rewrite('peers')


def pytest_configure(config):
    if sys.version_info[0] != 2:
        raise pytest.UsageError('these tests are for Python 2.7')
