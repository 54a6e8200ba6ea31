"""Fixtures, and the check that this Python is one the tests are about."""

import atexit
import os
import shutil
import ssl
import sys
import tempfile

import hypothesis
import hypothesis.configuration
import pytest

# What is not rewritten says less when it fails, and is gone under -O.
pytest.register_assert_rewrite(
    *[os.path.splitext(name)[0]
      for name in os.listdir(os.path.dirname(os.path.abspath(__file__)))
      if name.endswith('.py') and not name.startswith(('conftest', 'test_'))])

import tls  # noqa: E402

# Reproducible, nothing left behind in the tree, and no limit on the time of
# one example, or of making it: pytest-timeout bounds the tests.
hypothesis.settings.register_profile(
    'fixed', derandomize=True, deadline=None, database=None, max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile('fixed')
SCRATCH = tempfile.mkdtemp(prefix='hypothesis-')
atexit.register(shutil.rmtree, SCRATCH, True)
hypothesis.configuration.set_hypothesis_home_dir(SCRATCH)


def pytest_configure(config):
    missing = [name for name in ('MemoryBIO', 'SSLObject')
               if not hasattr(ssl, name)]
    if missing:
        raise pytest.UsageError(
            '%s has no ssl.%s: run the tests with the patched Python 2.7 '
            '(make -s print-python) or with Python 3.9 or later'
            % (sys.executable, ' and no ssl.'.join(missing)))
    if not config.pluginmanager.hasplugin('timeout'):
        raise pytest.UsageError(
            'pytest-timeout is missing, without which a test might hang: '
            '%s -m pip install -r Lib_tests/requirements-%s.txt'
            % (sys.executable, '2.7' if tls.PY2 else '3'))


def pytest_report_header(config):
    return 'ssl: %s, from %s' % (ssl.OPENSSL_VERSION,
                                 os.path.dirname(ssl.__file__))


@pytest.fixture(params=tls.VERSIONS)
def version(request):
    """Each TLS version in turn."""
    if request.param == 'TLSv1.3' and not ssl.HAS_TLSv1_3:
        pytest.skip('%s has no TLS 1.3' % ssl.OPENSSL_VERSION)
    return request.param


@pytest.fixture
def fresh(version):
    """A client and a server before their handshake."""
    return tls.Connection(version)


@pytest.fixture
def pair(version):
    """An established connection with nothing left to read."""
    return tls.Connection(version).established()


@pytest.fixture(params=['client', 'server'])
def side(request):
    """Each end in turn, by the attribute's name in a Connection."""
    return request.param
