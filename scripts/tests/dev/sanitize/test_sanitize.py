"""sanitize: no report is missed, and zeros count only behind a canary."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from scripts.base import paths
from scripts.dev.run import native, pytestrun
from scripts.dev.run.testreport import Row
from scripts.dev.sanitize import canary, parts, reports

ADDRESS = '''\
=================================================================
==123==ERROR: AddressSanitizer: heap-use-after-free on address 0x603000 at \
pc 0x7fe bp 0x7ff sp 0x7ff
READ of size 1 at 0x603000 thread T0
    #0 0x7fe6 in queue_read /x/build/asan/src/Modules/_ssl.c:1020
    #1 0x55d1 in call_function Python/ceval.c:4360
SUMMARY: AddressSanitizer: heap-use-after-free _ssl.c:1020 in queue_read
'''
UNDEFINED = '''\
/x/build/asan/src/Modules/_ssl.c:1001:5: runtime error: shift exponent 40 \
is too large for 32-bit type 'int'
    #0 0x7fe6 in queue_write /x/build/asan/src/Modules/_ssl.c:1001
'''
THREAD = '''\
==================
WARNING: ThreadSanitizer: data race (pid=7)
  Read of size 8 at 0x5630 by thread T1:
    #0 chunk_free /x/build/tsan/src/Modules/_ssl.c:930 (_ssl.so+0x13)
==================
WARNING: ThreadSanitizer: data race (pid=7)
  Write of size 8 at 0x5631 by thread T1:
    #0 chunk_free /x/build/tsan/src/Modules/_ssl.c:930 (_ssl.so+0x13)
'''
FATAL = 'FATAL: ThreadSanitizer: unexpected memory mapping 0x1-0x2\n'
VALGRIND = '''\
<?xml version="1.0"?>
<valgrindoutput>
<error><kind>{kind}</kind><stack>
<frame><obj>/lib/libcrypto.so.3</obj><fn>AES</fn></frame>
<frame><obj>{obj}</obj><fn>PySSL_SSLread</fn></frame>
</stack></error>
'''


def write(folder, name, text):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize('text, kinds, place', [
    (ADDRESS, ['AddressSanitizer: heap-use-after-free'],
     'queue_read Modules/_ssl.c:1020'),
    (UNDEFINED, ["UndefinedBehaviorSanitizer: shift exponent 40 is too large "
                 "for 32-bit type 'int'"], 'Modules/_ssl.c:1001:5'),
    (THREAD, ['ThreadSanitizer: data race'] * 2,
     'chunk_free Modules/_ssl.c:930'),
    (FATAL, ['ThreadSanitizer: unexpected memory mapping -'], None),
    ('something else\n', ['not understood: something else'], None)])
def test_reports(text, kinds, place, tmp_path):
    found = reports.read_text(write(tmp_path, 'test_ssl.5', text))
    assert [report.kind for report in found] == kinds
    if place:
        assert found[0].where[0] == place


def test_empty_file_is_no_report(tmp_path):
    assert reports.read_text(write(tmp_path, 'x.1', '\n')) == []


def test_every_process_counts(tmp_path):
    write(tmp_path, 'test_ssl.10', ADDRESS)
    write(tmp_path, 'test_ssl.11', ADDRESS)
    write(tmp_path, 'test_ssl_compat.12', UNDEFINED)
    found = reports.read_directory(tmp_path, 'test_ssl')
    assert len(found) == 2
    [(report, count)] = reports.unique(found)
    assert count == 2 and report.file.name == 'test_ssl.10'


@pytest.mark.parametrize('obj, expected', [
    ('/b/lib.linux/_ssl.so', 1), ('/b/lib.linux/_socket.so', 0)])
def test_valgrind(obj, expected, tmp_path):
    # Without an end: the process was killed.
    path = write(tmp_path, 'x.1', VALGRIND.format(kind='InvalidRead',
                                                  obj=obj))
    found = reports.read_valgrind(path, {'_ssl.so'})
    assert len(found) == expected
    if found:
        assert found[0].kind == 'valgrind: InvalidRead'
        assert 'PySSL_SSLread _ssl.so' in found[0].where


def test_valgrind_that_did_not_start(tmp_path):
    [report] = reports.read_valgrind(write(tmp_path, 'x.1', ''), {'_ssl.so'})
    assert report.kind == 'valgrind: wrote no report'


class FakePart(parts.Part):
    """A part whose canary and logs are what the test says."""

    title, config = 'fake', 'asan'
    canaries = (('use_after_free', 'heap-use-after-free'),)

    def __init__(self, folder, seen):
        self.variant = SimpleNamespace(root=folder, python='python')
        self.folder, self.log_dir = folder / 'logs', folder / 'log_dir'
        self.seen = seen

    def environ(self, label, packages=False):
        return {}

    def wanted_modules(self, tests):
        raise AssertionError('went on')


@pytest.fixture
def no_canary(monkeypatch):
    monkeypatch.setattr(parts.interpreter, 'run_env', lambda variant: {})
    monkeypatch.setattr(canary, 'build', lambda variant, env: 'folder')


@pytest.mark.parametrize('text, good', [(ADDRESS, True), (UNDEFINED, False),
                                        ('', False)])
def test_canary(text, good, tmp_path, no_canary, monkeypatch):
    part = FakePart(tmp_path, text)
    monkeypatch.setattr(canary, 'run', lambda python, folder, function, env:
                        write(part.folder, 'canary-use_after_free.1', text))
    row = part.canary_row()
    assert row.ok == good
    assert good or 'not reported' in row.texts['use_after_free']


def test_nothing_is_run_behind_a_silent_canary(tmp_path, no_canary,
                                               monkeypatch):
    monkeypatch.setattr(canary, 'run', lambda *args: None)
    [row] = FakePart(tmp_path, '').rows([])
    assert not row.ok


def test_a_report_is_a_failure(tmp_path):
    part = FakePart(tmp_path, '')
    write(part.folder, 'test_ssl.9', ADDRESS)
    first, second = part.judged(Row('test_ssl', {'a': 'passed'}), 'test_ssl')
    assert first.ok and not second.ok
    [name] = second.tests
    assert 'heap-use-after-free in queue_read' in name
    assert 'test_ssl.9' in second.texts[name]
    first, second = part.judged(Row('test_hmac', {'a': 'passed'}),
                                'test_hmac')
    assert second.ok and second.tests == {'none': 'passed'}


@pytest.mark.parametrize('name', ['asan', 'ubsan', 'tsan', 'valgrind'])
def test_suppressions_have_reasons(name):
    """A comment is right above each, and none is about _ssl."""
    path = parts.HERE / (name + '.supp')
    before = ''
    for line in path.read_text().splitlines():
        if line and not line.startswith('#'):
            assert before.startswith('# '), line
            assert '_ssl' not in line and 'SSL' not in line
            assert '*' not in line
        before = line
    documented = (paths.ROOT / 'docs' / 'proof.md').read_text()
    for entry in re.findall(r'^\w+:(\w+)$', path.read_text(), re.MULTILINE):
        assert entry in documented


def test_files_of_lib_tests(tmp_path):
    """A module that was asked for and did not run is a problem."""
    folder = tmp_path / 'Lib_tests'
    folder.mkdir()
    for name in ('test_one', 'test_two'):
        write(folder, name + '.py', 'def test(): pass\n')
    run = pytestrun.run_pytest
    python = sys.executable
    result = run(python, folder, dict(os.environ), tmp_path / 'logs', 'x',
                 files=('test_two',))
    assert list(result.tests) and not result.problem
    assert all('test_two' in name for name in result.tests)
    write(folder, 'test_two.py', '')
    result = run(python, folder, dict(os.environ), tmp_path / 'logs', 'x',
                 files=('test_one', 'test_two'))
    assert result.problem == 'no test ran in: test_two'


def test_all_parts_name_modules_that_exist():
    for name in parts.BIO_TESTS:
        assert (parts.LIB_TESTS / (name + '.py')).exists()


def test_library_is_compiled_once(tmp_path):
    source = write(tmp_path, 'one.c', 'int answer(void) { return 41; }\n')
    variant = SimpleNamespace(root=tmp_path, log_dir=tmp_path / 'logs')

    def answer():
        library = native.shared_library(source, variant)
        code = ('import ctypes, sys; '
                'print(ctypes.CDLL(sys.argv[1]).answer())')
        return library.stat().st_mtime_ns, subprocess.run(
            [sys.executable, '-c', code, str(library)],
            stdout=subprocess.PIPE, check=True, text=True).stdout.strip()

    first = answer()
    assert first[1] == '41' and answer() == first
    source.write_text('int answer(void) { return 42; }\n')
    assert answer()[1] == '42'
