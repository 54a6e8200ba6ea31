"""Out of memory: every allocation of every call fails once, and from there on.

failing_allocations.py does it, in a process of its own for each kind of
allocation and each TLS version; the tests look at what it reports.  The long
ones, of more than a thousand allocations, go in steps of ALLOCATION_STRIDE,
an environment variable (default 23; 1 is all of them), but for the one that
must not succeed.
"""

import _ssl
import ctypes
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

import pytest

import allocations
import tls
from differences import differs

HERE = os.path.dirname(os.path.abspath(__file__))
STRIDE = int(os.environ.get('ALLOCATION_STRIDE', '23'))

BIO = ['NewBIO', 'BIOWrite', 'BIOWriteAfterEOF', 'BIORead', 'BIOReadPart',
       'BIOReadMost']
SETTING_UP = ['WrapBIO', 'WrapBIOServer', 'WrapOneBIO', 'WrapSocket',
              'SetContext', 'LoadCertChain', 'NewContext', 'SetOptions',
              'SetCiphers', 'WrapOwnCiphers', 'GetCiphers',
              'SetContextWithCiphers', 'StoreStats', 'SetCurve',
              'SetProtocols']
HANDSHAKE = ['Handshake', 'HandshakeWithCallback', 'WrongName', 'Untrusted',
             'SocketHandshake']
ESTABLISHED = ['Certificate', 'DecodeCertificate', 'DecodeShortCertificate',
               'Write', 'WriteArray', 'Read', 'ReadBehindTickets',
               'ReadIntoBuffer', 'ReadIntoArray', 'WantRead', 'Garbage',
               'SpelledReason', 'Unwrap', 'SharedCiphers']
ALL = BIO + SETTING_UP + HANDSHAKE + ESTABLISHED

KINDS = ['openssl', 'python']

if not tls.PY2:
    # Its own calls have other names.  It checks neither SSL_new() nor
    # SSL_set_SSL_CTX(): the other calls crash or claim a success.
    KINDS = ['openssl']
    ALL = ['NewBIO', 'BIOWrite', 'BIORead', 'BIOReadPart', 'Handshake',
           'WrongName', 'Untrusted', 'Write', 'Read', 'Unwrap']

# What OpenSSL may do, depending on its version, without any memory, and what
# does not take a call of Python that could fail.
MAY_NEED_NONE = {
    'openssl': ['BIOWriteAfterEOF', 'BIORead', 'BIOReadPart', 'BIOReadMost',
                'Read', 'ReadBehindTickets', 'ReadIntoBuffer',
                'ReadIntoArray', 'WantRead', 'SharedCiphers', 'SetOptions'],
    'python': ['SetContext', 'SetContextWithCiphers'],
}
if tls.HARDENING:
    # The queue of a MemoryBIO is not OpenSSL's.
    MAY_NEED_NONE['openssl'] += ['NewBIO', 'BIOWrite']
if tls.PERFORMANCE:
    # The str that was written, as it is.
    MAY_NEED_NONE['python'] += ['BIORead']
if tls.PY2:
    # The exception is made of what is there.
    MAY_NEED_NONE['python'] += ['BIOWriteAfterEOF']

if ssl.OPENSSL_VERSION_INFO < (1, 1):
    pytestmark = pytest.mark.skip(
        reason='%s cannot tell where it allocates' % ssl.OPENSSL_VERSION)


@pytest.fixture(scope='module')
def library():
    folder = tempfile.mkdtemp(prefix='allocations-')
    try:
        try:
            yield allocations.build(folder)
        except allocations.Unavailable as error:
            pytest.skip(str(error))
    finally:
        shutil.rmtree(folder)


REPORTS = {}


def has_fips_provider():
    try:
        available = ctypes.CDLL(_ssl.__file__).OSSL_PROVIDER_available
    except AttributeError:      # OpenSSL before 3.0, and what is like it
        return False
    return available(None, b'fips') == 1


def reports(library, kind, version):
    """What failing_allocations.py reports: {(scenario, lasting): report},
    with the text of a crash, or '', at 'crash'."""
    if kind == 'openssl' and has_fips_provider():
        pytest.skip('a FIPS provider that had no memory once is unusable')
    if (kind, version) in REPORTS:
        return REPORTS[kind, version]
    found = REPORTS[kind, version] = run_child(library, kind, version, ALL)
    # Python 3 may crash: the other calls are asked in another process.
    left = ALL
    while found['crash'] and not tls.PY2:
        crashed = [name for name in left if (name, True) not in found][:1]
        left = left[left.index(crashed[0]) + 1:] if crashed else []
        if not left:
            break
        again = run_child(library, kind, version, left)
        found.update((key, report) for key, report in again.items()
                     if key != 'crash')
        if not again['crash']:
            break
    return found


def run_child(library, kind, version, scenarios):
    """reports() of one process, for the names *scenarios*."""
    options = {'library': library, 'extension': _ssl.__file__, 'kind': kind,
               'version': version, 'stride': STRIDE, 'verbose': False,
               'scenarios': scenarios}
    child = subprocess.Popen(
        [sys.executable, os.path.join(HERE, 'failing_allocations.py'),
         json.dumps(options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = child.communicate()
    found = {'crash': ''}
    if child.returncode:
        lines = errors.decode('utf-8', 'replace').splitlines()
        found['crash'] = 'status %d after: %s' % (child.returncode,
                                                   ' | '.join(lines[-8:]))
    for line in output.decode('ascii').splitlines():
        report = json.loads(line)
        found[report['scenario'], report['lasting']] = report
    return found


def skip_crash_of_python3(crash):
    """Where it dies of a signal, it has nothing to say about 2.7."""
    if crash.startswith('status -') and not tls.PY2:
        pytest.skip('Python 3 crashes: ' + crash.split(' | ')[-1])


@pytest.mark.timeout(600)
@pytest.mark.parametrize('lasting', [False, True], ids=['one', 'all'])
@pytest.mark.parametrize('scenario', ALL)
@pytest.mark.parametrize('kind', KINDS)
def test_failure(library, version, kind, scenario, lasting):
    found = reports(library, kind, version)
    if (scenario, lasting) not in found:
        skip_crash_of_python3(found['crash'])
    assert (scenario, lasting) in found, found['crash']
    report = found[scenario, lasting]
    assert report['problems'] == []
    if scenario not in MAY_NEED_NONE[kind]:
        assert report['count'] > 0
    # Not the same number of allocations each time, where numbers are random.
    assert report['tried'] >= report['wanted'] - report['wanted'] // 10
    if scenario == 'WrongName' and not lasting and kind == 'openssl':
        assert ('success' in report['outcomes']) == differs(
            'name-without-memory', py2=False, py3=True)
    elif scenario in ('WrongName', 'Untrusted'):
        assert 'success' not in report['outcomes']


@pytest.mark.timeout(600)
@pytest.mark.parametrize('kind', KINDS)
def test_child_ends_well(library, version, kind):
    """To the end of Python, where OpenSSL frees what it has kept."""
    crash = reports(library, kind, version)['crash']
    skip_crash_of_python3(crash)
    assert crash == ''


@pytest.mark.skipif(not tls.PY2, reason="2.7's initialisation")
def test_import(library):
    """Each call fails once; the module can be imported all the same later."""
    child = subprocess.Popen(
        [sys.executable, os.path.join(HERE, 'failing_import.py'), library,
         _ssl.__file__], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = child.communicate()
    assert child.returncode == 0, errors.decode('utf-8', 'replace')
    found = [tuple(json.loads(line)) for line in output.splitlines()]
    assert {u'PyErr_NewException', u'PyErr_NewExceptionWithDoc',
            u'PyTuple_Pack'} <= {name for name, _ in found}
    assert {error for _, error in found} == {u'MemoryError'}


@pytest.mark.skipif(not tls.PY2, reason="2.7's errors are looked at")
def test_failures_are_noticed(library):
    """The hooks do fail: nothing that is reported as tried is for show."""
    found = reports(library, 'openssl', 'TLSv1.2')
    if tls.HARDENING:
        of_python = reports(library, 'python', 'TLSv1.2')
        # The result, the chunk, and without group performance the arguments.
        assert of_python['BIOWrite', False]['outcomes'] == {
            'MemoryError': 2 if tls.PERFORMANCE else 3}
    else:
        assert found['BIOWrite', False]['outcomes'] == {'MemoryError': 1}
    for lasting in (False, True):
        assert set(found['NewBIO', lasting]['outcomes']) <= {
            'MemoryError', 'SSLError MALLOC_FAILURE', 'SSLError INIT_FAIL'}
    assert found['WrapBIO', True]['outcomes'].get('success', 0) <= 1
    assert len(found['Handshake', False]['outcomes']) > 3
    assert 'success' not in found['Write', False]['outcomes']
