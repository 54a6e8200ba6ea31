"""overlay: which interpreters are taken, and what the others are told."""

import json
import sys
from types import SimpleNamespace

import pytest

from scripts.dev.overlay import existing, sources

GOOD = {'implementation': 'CPython', 'version': [2, 7, 18], 'level': 'final',
        'wide': True, 'debug': False, 'header': '/usr/include/Python.h',
        'has_header': True, 'ssl': '/usr/lib/ssl.py', 'sha256': '0' * 64,
        '_ssl': '/usr/lib/_ssl.so', '_hashlib': None,
        'openssl': 'OpenSSL 3.0.2'}


def program(tmp_path, text, name='python2.7'):
    path = tmp_path / name
    path.write_text('#!/bin/sh\n' + text)
    path.chmod(0o755)
    return path


def like(tmp_path, **facts):
    """A program that answers as such an interpreter does."""
    return program(tmp_path, "echo '{}'\n".format(
        json.dumps(dict(GOOD, **facts))))


@pytest.mark.parametrize('version', [[2, 7, 9], [2, 7, 13], [2, 7, 18]])
def test_taken(tmp_path, version):
    found = existing.inspect(str(like(tmp_path, version=version)))
    assert found.version == tuple(version)
    assert found.hashlib is None
    assert 'UCS4' in found.text and 'OpenSSL 3.0.2' in found.text


@pytest.mark.parametrize('wide, debug, abi', [
    (True, False, 'cp27mu'), (False, False, 'cp27m'), (True, True, 'cp27dmu'),
    (False, True, 'cp27dm')])
def test_abi(tmp_path, wide, debug, abi):
    found = existing.inspect(str(like(tmp_path, wide=wide, debug=debug)))
    assert found.abi == abi


@pytest.mark.parametrize('facts, reason, hint', [
    ({'version': [2, 7, 8]}, '2.7.8 has no SSLContext', '2.7.9'),
    ({'version': [2, 6, 9]}, 'it is Python 2.6.9', 'name a CPython 2.7'),
    ({'version': [3, 11, 2]}, 'it is Python 3.11.2', 'name a CPython 2.7'),
    ({'version': [2, 7, 19]}, 'newer than the series', 'source.md'),
    ({'implementation': 'PyPy'}, 'it is PyPy', 'name a CPython 2.7'),
    ({'has_header': False}, 'Python.h is not there', 'python2.7-dev')])
def test_refused(tmp_path, capsys, facts, reason, hint):
    path = like(tmp_path, **facts)
    with pytest.raises(SystemExit):
        existing.inspect(str(path))
    said = capsys.readouterr().err
    assert 'PYTHON27={}: '.format(path) in said
    assert reason in said and hint in said


@pytest.mark.parametrize('text', ['exit 1\n', 'echo hello\n',
                                  'echo "no such thing" >&2; exit 127\n'])
def test_no_interpreter_at_all(tmp_path, capsys, text):
    with pytest.raises(SystemExit):
        existing.inspect(str(program(tmp_path, text)))
    assert 'does not run as a Python' in capsys.readouterr().err


def test_asked_without_what_changes_imports(tmp_path):
    path = program(tmp_path, 'env >{0}/env; echo \'{1}\'\n'.format(
        tmp_path, json.dumps(GOOD)))
    existing.inspect(str(path), {
        'PYTHONPATH': '/x', 'PYTHONHOME': '/y', 'OPENSSL': '/z',
        'PATH': '/usr/bin:/bin', 'CC': 'gcc'})
    seen = (tmp_path / 'env').read_text()
    assert 'PYTHONPATH' not in seen and 'PYTHONHOME' not in seen
    assert 'OPENSSL=' not in seen and 'CC=gcc' in seen


@pytest.mark.parametrize('version, refused', [
    ((2, 7, 8), True), ((2, 7, 9), False), ((2, 7, 18), False),
    ((3, 9, 0), True)])
def test_setup_refuses_the_same(version, refused):
    """setup.py of an sdist, which is run without make, ends at once."""
    text = (sources.PACKAGE / 'setup.py').read_text()
    # What comes before it imports distutils.
    text = text[:text.index('import json')].replace('import sys', '')
    fake = SimpleNamespace(version_info=version, subversion=('CPython',),
                           version='.'.join(map(str, version)) + ' (x)',
                           exit=sys.exit)
    if refused:
        with pytest.raises(SystemExit, match='for CPython 2.7.9 to 2.7.18'):
            exec(text, {'sys': fake})
    else:
        exec(text, {'sys': fake})
