"""build, install, clean and rundemo, on a source that builds in no time."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from scripts import options
from scripts.base import locking
from scripts.build import clean, install, interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.tests import minicheckout
from scripts.tests.failing import failing


@pytest.fixture
def checkout(tmp_path):
    return minicheckout.Checkout(tmp_path)


def built(checkout, **variables):
    """Build and return (output, the number of compilations so far)."""
    status, output = checkout.run('build', **variables)
    assert status == 0, output
    src = checkout.folder(**variables) / 'src'
    return output, len((src / 'compilations').read_text().splitlines())


def change_patch(checkout, old='long', new='short'):
    patch = checkout.patches / '0001-base-first.patch'
    patch.write_text(patch.read_text().replace(old, new))


def test_second_build_does_nothing(checkout):
    output, count = built(checkout)
    assert 'interpreter: ' in output and count == 1
    assert 'modules: _ssl _hashlib zlib' in output
    output, count = built(checkout)
    assert 'is up to date, nothing to build' in output and count == 1


def test_changed_patch_keeps_the_rest(checkout):
    built(checkout)
    src = checkout.folder() / 'src'
    time.sleep(0.02)
    change_patch(checkout)
    output, count = built(checkout)
    assert count == 2 and 'configuring' not in output
    assert 'short line_5' in (src / 'Modules/_ssl.c').read_text()


def test_changed_source_is_built_anew(checkout):
    built(checkout)
    header = checkout.source / 'Include/patchlevel.h'
    header.write_text(header.read_text() + '/* changed */\n')
    output, count = built(checkout)
    assert count == 1 and 'configuring' in output


def test_changed_compiler_is_built_anew(checkout, tmp_path):
    built(checkout)
    compiler = tmp_path / 'bin' / 'cc'
    minicheckout.write(tmp_path, {'bin/cc': '#!/bin/sh\n'
                                  'test "$1" = --version && echo new ||\n'
                                  'exec ' + shutil.which('cc') + ' "$@"\n'})
    compiler.chmod(0o755)
    output, count = built(checkout, CC=str(compiler))
    assert 'configuring' in output and count == 1


def test_variants_have_their_own_folders(checkout):
    built(checkout)
    output, count = built(checkout, CONFIG='debug')
    assert count == 1
    assert '--with-pydebug' in (
        checkout.folder(CONFIG='debug') / 'src/arguments').read_text()
    assert 'nothing to build' in built(checkout)[0]


def test_coverage_instruments_ssl(checkout):
    built(checkout, CONFIG='coverage')
    src = checkout.folder(CONFIG='coverage') / 'src'
    assert (src / 'instrumented').read_text() == \
        interpreter.STRICT + ' -O0 --coverage -fprofile-update=atomic\n'


def test_fuzz_instruments_ssl(checkout, tmp_path):
    compiler = tmp_path / 'bin' / 'clang'
    minicheckout.write(tmp_path, {'bin/clang': '#!/bin/sh\n'
                                  'test "$1" = -dM && '
                                  'exec echo "#define __clang__ 1"\n'
                                  'exec ' + shutil.which('cc') + ' "$@"\n'})
    compiler.chmod(0o755)
    built(checkout, CONFIG='fuzz', CC=str(compiler))
    src = checkout.folder(CONFIG='fuzz') / 'src'
    assert (src / 'instrumented').read_text() == \
        interpreter.STRICT + ' -fsanitize=fuzzer-no-link,address\n'
    assert '-fsanitize=address' in (src / 'arguments').read_text()


def test_fuzz_needs_clang(checkout, tmp_path):
    compiler = tmp_path / 'bin' / 'cc'
    minicheckout.write(tmp_path, {'bin/cc': '#!/bin/sh\nexit 0\n'})
    compiler.chmod(0o755)
    status, output = checkout.run('build', CONFIG='fuzz',
                                  CC=str(compiler))
    assert status == 1 and 'CONFIG=fuzz needs clang' in output
    assert 'CC=clang' in output and 'Traceback' not in output


def test_sanitized_build_is_a_debug_build(checkout):
    built(checkout, CONFIG='asan')
    arguments = (checkout.folder(CONFIG='asan') / 'src' /
                 'arguments').read_text()
    for word in ('--with-pydebug', '--without-pymalloc',
                 '-fsanitize=address,undefined'):
        assert word in arguments


def test_failing_configure(checkout):
    status, output = checkout.run('build', FAIL_CONFIGURE='1')
    assert status == 1
    assert 'broken on purpose' in output and 'configure.log' in output
    assert built(checkout)[1] == 1


def test_failing_compilation_is_continued(checkout):
    change_patch(checkout, '+long', '+long BROKEN')
    status, output = checkout.run('build')
    assert status == 1 and 'make.log' in output
    change_patch(checkout, '+long BROKEN', '+long')
    output, count = built(checkout)
    assert count == 2 and 'configuring' not in output


def start_compiling(checkout, seconds):
    """Start a build; returns its Popen while it compiles."""
    process = checkout.start('build', SLOW=seconds)
    started = checkout.folder() / 'src' / 'started'
    deadline = time.monotonic() + 20
    while not started.exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    return process


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM,
                                    signal.SIGINT, signal.SIGHUP])
def test_interrupted_build(checkout, number):
    # Longer than checkout.run() waits: no run gets through it by patience.
    process = start_compiling(checkout, '3600')
    if number == signal.SIGKILL:
        # The compiler outlives this, and must not get in the way.
        os.kill(process.pid, number)
        end_session_of_make(checkout.folder() / 'src')
    else:
        os.kill(process.pid, number)
    process.stdout.close()
    process.wait()
    output, count = built(checkout)
    if number == signal.SIGKILL:
        assert 'an earlier build was killed' in output and count == 1
    else:
        assert 'configuring' not in output and count == 2


def end_session_of_make(folder):
    """Kill the processes that work in *folder*, which this test started."""
    for name in os.listdir('/proc'):
        try:
            if os.readlink('/proc/{}/cwd'.format(name)) == str(folder):
                os.kill(int(name), signal.SIGKILL)
        except (OSError, ValueError):
            continue


def test_lock_is_held_by_a_compiler_that_was_left_behind(checkout):
    process = start_compiling(checkout, '2')
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    output, count = built(checkout)
    assert 'waiting: another make works in' in output
    assert 'an earlier build was killed' in output and count == 1


def answer(checkout, text):
    """Let the built interpreter say *text*."""
    configure = checkout.source / 'configure'
    head = configure.read_text().split('cat >answer')[0]
    configure.write_text(head + "cat >answer <<'END'\n#!/bin/sh\n" + text +
                         '\nEND\n')


@pytest.mark.parametrize('text, message', [
    ('''echo '{"version": "2.7.18", "wide": true, "openssl": "x",'''
     ''' "missing": {"_ssl": "No module"}}' ''', '_ssl was not built'),
    ('''echo '{"version": "2.7.18", "wide": true, "openssl": "x",'''
     ''' "missing": {}}' ''', 'the interpreter uses x, but the host has'),
    ('echo crash >&2; exit 3', 'does not run'),
])
def test_build_that_is_not_what_was_asked_for(checkout, text, message):
    answer(checkout, text)
    for _ in range(2):
        status, output = checkout.run('build')
        assert status == 1 and message in output, output


def test_wrong_version(checkout):
    answer(checkout, 'echo \'{{"version": "2.7.17", "wide": false, "missing":'
           ' {{"bz2": "gone"}}, "openssl": "{}"}}\''.format(
               sslprefix.inspect().text))
    status, output = checkout.run('build')
    assert status == 1 and 'is Python 2.7.17' in output


@pytest.mark.parametrize('series', ['null', '{"patches": ["0001-base-x"]}'])
def test_other_patches(checkout, series):
    """An interpreter that says it has others, or none, is another one."""
    answer(checkout, 'echo \'{{"version": "2.7.18", "wide": true, "missing":'
           ' {{}}, "openssl": "{}", "series": {}}}\''.format(
               sslprefix.inspect().text, series))
    status, output = checkout.run('build')
    assert status == 1 and 'not those of PATCHES=base' in output, output


def test_report_of_what_is_missing(capsys):
    interpreter.report({'version': '2.7.18', 'wide': False, 'openssl': 'x',
                  'missing': {'bz2': 'gone'}})
    text = capsys.readouterr().out
    assert 'UCS2' in text and 'not built: bz2 (gone)' in text
    assert 'modules: _ssl _hashlib zlib _sqlite3' in text


class TestArguments:

    def args(self, environ=None, **fields):
        variant = Variant(**fields)
        ssl = sslprefix.OpenSSL(variant.openssl, variant.openssl and
                                variant.openssl + '/lib', 'OpenSSL', 0)
        return interpreter.configure_args(variant, ssl, '/p', environ or {})

    def test_default(self):
        args = self.args({'CC': 'cc -std=gnu17'})
        assert args[:2] == ['--prefix=/p', '--enable-unicode=ucs4']
        assert not [arg for arg in args if 'FLAGS' in arg or 'OPT' in arg]

    def test_system_ffi_where_its_header_is(self, tmp_path):
        minicheckout.write(tmp_path, {'cc': '#!/bin/sh\nexit 1\n'})
        (tmp_path / 'cc').chmod(0o755)
        assert '--with-system-ffi' not in self.args(
            {'CC': str(tmp_path / 'cc')})

    def test_options_are_joined(self):
        args = self.args({'CFLAGS': '-march=native', 'LDFLAGS': '-Wl,-O1'},
                         config='asan', openssl='/o', shared=True,
                         configure_args=('--with-x', 'LDFLAGS=-Lx',
                                         'CC=other'))
        assert '--enable-shared' in args and '--with-x' in args
        assert 'CC=other' in args and '--without-pymalloc' in args
        sanitizers = '-fsanitize=address,undefined'
        assert ('LDFLAGS=-Wl,-O1 -L/o/lib -Wl,-rpath,/o/lib {} -Lx'.format(
            sanitizers)) in args
        assert 'CPPFLAGS=-I/o/include' in args
        assert [arg for arg in args
                if arg.startswith('CFLAGS=-march=native ' + sanitizers)]

    @pytest.mark.parametrize('given, expected', [
        ({}, '-g -O2 -std=gnu17'), ({'CFLAGS': '-O1'}, '-O1 -std=gnu17'),
        ({'CFLAGS': '-O1 -std=gnu11'}, '-O1 -std=gnu11')])
    def test_compiler_that_defaults_to_c23(self, given, expected):
        """As gcc 15 does: there 2.7.18 cannot be compiled."""
        args = self.args(dict(given, CC='cc -std=gnu2x'))
        assert 'CFLAGS=' + expected in args

    def test_environ_of_the_interpreter(self):
        variant = Variant(config='asan')
        env = interpreter.run_env(variant, {'PYTHONPATH': '/x', 'HOME': '/h',
                                      'UBSAN_OPTIONS': 'mine'})
        assert env == {'HOME': '/h', 'PYTHONNOUSERSITE': '1',
                       'ASAN_OPTIONS': 'detect_leaks=0',
                       'UBSAN_OPTIONS': 'mine'}

    def test_hashlib(self, monkeypatch):
        old = sslprefix.OpenSSL('', '', 'OpenSSL 1.1.1w', 0x1010117f)
        new = sslprefix.OpenSSL('', '', 'OpenSSL 3.0.19', 0x30000130)
        other = sslprefix.OpenSSL('/p', '/p/lib', 'OpenSSL', 0x1010117f)
        plain = Variant(groups=('base', 'pep546'))
        assert interpreter.expects_hashlib(plain, old)
        assert not interpreter.expects_hashlib(plain, new)
        assert not interpreter.expects_hashlib(plain, other)
        compat = Variant(groups=('base', 'compat'))
        for names, expected in ((['0101-compat-x.patch'], True),
                                ([], False)):
            monkeypatch.setattr(interpreter.tree, 'select', lambda _: names)
            assert interpreter.expects_hashlib(compat, new) is expected


class TestInstall:

    def install(self, checkout, **variables):
        built(checkout, **{name: variables[name] for name in variables
                           if name not in ('PREFIX', 'DESTDIR')})
        return checkout.run('install', **variables)

    def test_prefix_and_destdir(self, checkout, tmp_path):
        status, output = self.install(checkout, PREFIX='/opt/x',
                                      DESTDIR=str(tmp_path / 'stage'))
        assert status == 0, output
        assert (tmp_path / 'stage/opt/x/bin/python2.7').exists()
        assert str(tmp_path / 'stage/opt/x/bin/python2.7') in output
        # The build itself stays up to date.
        assert 'nothing to build' in built(checkout)[0]

    def test_umask_does_not_count(self, checkout, tmp_path):
        built(checkout)
        before = os.umask(0o077)
        try:
            status, output = checkout.run(
                'install', PREFIX='/opt/x',
                DESTDIR=str(tmp_path / 'stage'))
        finally:
            os.umask(before)
        assert status == 0, output
        folder = tmp_path / 'stage/opt/x/bin'
        assert folder.stat().st_mode & 0o777 == 0o755
        assert (folder / 'python2.7').stat().st_mode & 0o044 == 0o044

    def test_default_prefix(self, checkout, tmp_path):
        status, output = self.install(checkout, DESTDIR=str(tmp_path))
        assert status == 0, output
        assert (tmp_path / options.PREFIX.default.lstrip('/') /
                'bin/python2.7').exists()

    def test_result_is_checked(self, checkout, tmp_path):
        built(checkout)
        answer_now(checkout, 'exit 3')
        status, output = checkout.run('install',
                                      PREFIX=str(tmp_path / 'p'))
        assert status == 1
        assert str(tmp_path / 'p/bin/python2.7') in output
        assert 'does not run' in output

    def test_shared(self, checkout, tmp_path):
        prefix = tmp_path / 'p'
        status, output = self.install(checkout, SHARED='yes',
                                      PREFIX=str(prefix))
        assert status == 0, output
        assert (prefix / 'linked').read_text().split()[-1] == \
            '-Wl,-rpath,{}/lib'.format(prefix)
        assert 'nothing to build' in built(checkout, SHARED='yes')[0]

    @pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM])
    def test_interrupted(self, checkout, tmp_path, number):
        """It links again: what is there may be half an interpreter."""
        built(checkout)
        src = checkout.folder() / 'src'
        (src / 'Modules/_ssl.c').touch()
        process = checkout.start('install', SLOW='3600',
                                 PREFIX=str(tmp_path / 'p'))
        deadline = time.monotonic() + 20
        while not (src / 'started').exists():
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        (src / 'python').write_text('')
        os.kill(process.pid, number)
        if number == signal.SIGKILL:
            end_session_of_make(src)
        process.stdout.close()
        process.wait()
        output, _ = built(checkout)
        assert 'nothing to build' not in output
        assert (src / 'python').read_text()

    def test_other_groups_over_it(self, checkout, tmp_path, monkeypatch):
        """Nothing says that there are patches which are not there."""
        patches = minicheckout.write(tmp_path / 'patches', {
            '0200-pep546-tests.patch': '--- /dev/null\n'
            '+++ b/Lib/test/test_new.py\n@@ -0,0 +1 @@\n+new\n'})
        monkeypatch.setattr(install.paths, 'PATCHES_DIR', patches)
        src = minicheckout.write(tmp_path / 'src', {
            'Lib/os.py': '', 'build/lib.linux/_ssl.so': ''})
        library = minicheckout.write(tmp_path / 'lib', {
            name: '' for name in (
                'os.py', 'test/test_new.py', 'test/test_new.pyc', 'site.py',
                'lib-dynload/_ssl.so', 'lib-dynload/_hashlib.so')})
        # A Python of somebody else
        assert install.left_behind(src, library) == []
        minicheckout.write(library, {'ssl_series.py': '',
                                     'ssl_series.pyo': ''})
        assert {str(path.relative_to(library))
                for path in install.left_behind(src, library)} == {
            'ssl_series.py', 'ssl_series.pyo', 'test/test_new.py',
            'test/test_new.pyc', 'lib-dynload/_hashlib.so'}
        # The same groups again
        minicheckout.write(src, {
            'Lib/ssl_series.py': '', 'Lib/test/test_new.py': '',
            'build/lib.linux/_hashlib.so': ''})
        assert install.left_behind(src, library) == []
        # And they are removed, whatever the locale makes of the patches.
        patch = checkout.patches / '0001-base-first.patch'
        patch.write_text('By \xe9\n' + patch.read_text(), encoding='utf-8')
        minicheckout.write(tmp_path / 'p/lib/python2.7', {
            'ssl_series.py': '', 'lib-dynload/_hashlib.so': ''})
        status, output = self.install(
            checkout, PREFIX=str(tmp_path / 'p'), LC_ALL='C', PYTHONUTF8='0',
            PYTHONCOERCECLOCALE='0')
        assert status == 0, output
        assert not list((tmp_path / 'p').rglob('_hashlib.so'))

    def test_dangling_link(self, checkout, tmp_path):
        (tmp_path / 'link').symlink_to(tmp_path / 'nowhere')
        status, output = self.install(checkout, PREFIX=str(tmp_path / 'link'))
        assert status == 1 and 'is no folder' in output
        assert 'configuring' not in output

    def test_folder_that_is_a_file(self, checkout, tmp_path):
        (tmp_path / 'file').write_text('')
        status, output = self.install(checkout,
                                      PREFIX=str(tmp_path / 'file/x'))
        assert status == 1 and 'is no folder' in output

    @pytest.mark.skipif(os.geteuid() == 0, reason='root may write anywhere')
    def test_no_permission(self, checkout):
        status, output = self.install(checkout, PREFIX='/usr/no-such')
        assert status == 1 and 'no permission to write in /usr' in output


class TestClean:

    def test_one_variant(self, checkout):
        built(checkout)
        built(checkout, CONFIG='debug')
        folder = checkout.folder()
        (folder / 'src' / 'read-only').mkdir(mode=0o500)
        status, output = checkout.run('clean')
        assert status == 0 and 'removed build/default' in output
        assert not folder.exists()
        assert checkout.folder(CONFIG='debug').exists()
        status, output = checkout.run('clean')
        assert status == 0 and 'nothing to remove' in output

    @pytest.mark.parametrize('words', [[], ['--all']])
    def test_another_make_works_there(self, checkout, words):
        built(checkout)
        folder = checkout.folder()
        with locking.lock(folder / 'tests.lock'):
            status, output = checkout.run('clean', *words)
        assert status == 1 and 'another make works in' in output
        assert (folder / 'src' / 'python').exists()

    def test_killed(self, checkout):
        """What is half gone does not pass for a whole tree."""
        built(checkout)
        folder = checkout.folder()
        code = ('import os, shutil\n'
                'from scripts.build import clean\n'
                'shutil.rmtree = lambda path: os._exit(9)\n'
                'clean.main([])')
        done = subprocess.run([sys.executable, '-c', code],
                              cwd=checkout.root, env=checkout.env())
        assert done.returncode == 9 and not folder.exists()
        left = folder.with_name('stale.going')
        left.mkdir()
        assert checkout.run('clean')[0] == 0
        assert not list(left.parent.glob('*.going'))

    @pytest.mark.parametrize('name', ['', 'one', 'one/two'])
    def test_of_another_user(self, checkout, monkeypatch, capsys, name):
        """Nothing is removed or renamed."""
        folder = checkout.root / 'build'
        minicheckout.write(folder, {'one/two/file': '', 'three/file': ''})
        theirs = str(folder / name)

        def chmod(path, mode):
            raise PermissionError(errno.EPERM, 'not yours', path)

        monkeypatch.setattr(clean.paths, 'BUILD', folder)
        monkeypatch.setattr(clean.os, 'chmod', chmod)
        monkeypatch.setattr(clean.os, 'access',
                            lambda path, mode: path != theirs)
        text = failing(lambda: clean.remove(folder), capsys)
        assert 'cannot remove ' + theirs in text and 'as that user' in text
        assert os.listdir(checkout.root / 'build' / 'three') == ['file']
        assert not (checkout.root / 'build.going').exists()

    def test_without_permission(self, checkout, monkeypatch):
        """What a build left so: its own user removes it."""
        folder = checkout.root / 'build'
        minicheckout.write(folder, {'one/two/file': '', 'three/file': ''})
        for name in 'one/two', 'one', 'three':
            (folder / name).chmod(0)
        status, output = checkout.run('clean', '--all')
        assert status == 0, output
        assert not folder.exists()

    def test_symbolic_link(self, checkout, tmp_path):
        (checkout.root / 'build').symlink_to(tmp_path)
        status, output = checkout.run('clean', '--all')
        assert status == 1 and 'symbolic link' in output
        assert (checkout.root / 'build').is_symlink()

    def test_link_in_the_place_of_what_goes(self, checkout, tmp_path):
        """It goes, and nothing of what it points to."""
        (tmp_path / 'mine').write_text('')
        (checkout.root / 'build').mkdir()
        for name in 'build/x.going', 'build.going':
            (checkout.root / name).symlink_to(tmp_path)
        status, output = checkout.run('clean', '--all')
        assert status == 0, output
        assert not (checkout.root / 'build.going').is_symlink()
        assert (tmp_path / 'mine').exists()

    def test_all(self, checkout):
        built(checkout)
        status, output = checkout.run('clean', '--all')
        assert status == 0 and 'removed build' in output
        assert not (checkout.root / 'build').exists()
        assert built(checkout)[1] == 1


class TestRunDemo:

    def test_failure_is_told(self, checkout):
        built(checkout)
        answer_now(checkout, 'exit 3')
        status, output = checkout.run('demo')
        assert status == 1 and 'the demo failed with status 3' in output

    def test_once(self, checkout):
        built(checkout)
        answer_now(checkout, 'echo shown')
        for args, shown in ((['--once'], True), (['--once'], False),
                            ([], True)):
            status, output = checkout.run('demo', *args)
            assert status == 0 and ('shown' in output) is shown

    def test_nothing_to_show(self, checkout):
        built(checkout, PATCHES='base')
        status, output = checkout.run('demo', PATCHES='base')
        assert status == 0 and 'without the group pep546' in output
        checkout.series('0001-base-first.patch')
        built(checkout)
        status, output = checkout.run('demo')
        assert status == 0 and 'without the group pep546' in output


def answer_now(checkout, text):
    python = checkout.folder() / 'src' / 'python'
    python.write_text('#!/bin/sh\n' + text + '\n')
