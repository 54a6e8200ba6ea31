"""bootstrap.py, with an installed interpreter: INSTALLED_PYTHON, or the one
that runs the tests if it is not that of a build folder.  pip takes the
packages from wherever it is configured to look."""

import glob
import os
import subprocess
import sys
import sysconfig

import pytest

import bootstrap
import peers

PATIENCE = 600      # seconds; pip may have to wait for its index
ANSWER = b'HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody'


@pytest.fixture(scope='module')
def python():
    """The installed interpreter."""
    found = os.environ.get('INSTALLED_PYTHON', '')
    if not found and not sysconfig.is_python_build():
        found = sys.executable
    if not found:
        pytest.skip('needs an installed interpreter: INSTALLED_PYTHON')
    return found


def run(python, *args):
    """(status, output and errors) of bootstrap.py."""
    process = subprocess.Popen(
        [python, '-B', os.path.join(peers.EXAMPLES, 'bootstrap.py')] +
        [str(arg) for arg in args],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    output = process.communicate()[0].decode('utf-8', 'replace')
    return process.returncode, output


def serve(raw):
    tls = peers.wrapped(raw)
    peers.read_until(tls, b'\r\n\r\n')
    tls.sendall(ANSWER)
    tls.unwrap()


@pytest.mark.timeout(PATIENCE)
def test_from_nothing_to_asynchronous_tls(python, tmpdir):
    folder = str(tmpdir.join('new'))
    with peers.Peer(serve, count=3, patience=PATIENCE) as peer:
        urls = ['https://localhost:{}/{}'.format(peer.port, number)
                for number in range(3)]
        options = [word for url in urls for word in ('--url', url)]
        status, output = run(python, folder, '--cafile', peers.cert('ca'),
                             *options)
        if status:
            pytest.fail(output)
    lines = output.splitlines()
    for url in urls:
        assert url + ' 200, 4 bytes' in lines
    # The environment is the patched interpreter's, has what pip installed,
    # and nothing compiled that is not the interpreter's own.
    inside = subprocess.check_output([
        os.path.join(folder, 'env', 'bin', 'python'), '-c',
        'import six, ssl, sys; print(six.__file__); print(sys.prefix);'
        'print(ssl.MemoryBIO())'],
        env=dict((name, value) for name, value in os.environ.items()
                 if not name.startswith('PYTHON'))).decode().splitlines()
    assert inside[0].startswith(os.path.join(folder, 'env'))
    assert inside[1] == os.path.join(folder, 'env')
    assert 'MemoryBIO' in inside[2]
    assert bootstrap.compiled_files(folder) == []
    assert glob.glob(os.path.join(folder, 'base', 'lib', 'python2.7',
                                  'site-packages', 'virtualenv.py'))
    tmpdir.join('new').remove()


def test_it_does_not_overwrite(python, tmpdir):
    status, output = run(python, tmpdir)
    assert status == 2 and 'exists' in output


@pytest.mark.timeout(PATIENCE)
def test_a_step_that_fails_is_named(python, tmpdir, monkeypatch):
    monkeypatch.setenv('PIP_NO_INDEX', '1')
    monkeypatch.delenv('PIP_FIND_LINKS', raising=False)
    monkeypatch.setenv('PIP_CONFIG_FILE', os.devnull)
    status, output = run(python, tmpdir.join('new'))
    assert status == 1
    assert output.splitlines()[-1].startswith('failed: ' + python)


def test_a_build_folder_is_refused():
    if not sysconfig.is_python_build():
        pytest.skip('runs with an installed interpreter')
    status, output = run(sys.executable, 'nowhere')
    assert status == 2 and 'make install' in output


def test_compiled_files(tmpdir):
    tmpdir.join('a', 'b.py').ensure()
    tmpdir.join('a', 'c.so').ensure()
    tmpdir.join('d.so').mksymlinkto('a/c.so')
    assert bootstrap.compiled_files(str(tmpdir)) == [
        str(tmpdir.join('a', 'c.so'))]
