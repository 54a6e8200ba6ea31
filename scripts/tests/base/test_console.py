"""console and locking: commands with progress, ended when interrupted."""

import errno
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from scripts.base import console, locking, paths
from scripts.tests import minicheckout
from scripts.tests.failing import failing


def test_run(tmp_path, capsys):
    log = tmp_path / 'logs' / 'a.log'
    begin = time.monotonic()
    seconds = console.run(['sh', '-c', 'echo out; echo err >&2'], log=log,
                          title='working')
    assert 0 < seconds <= time.monotonic() - begin
    assert log.read_text() == "$ sh -c 'echo out; echo err >&2'\nout\nerr\n"
    assert capsys.readouterr().out == '    working ...\n'


def test_run_that_fails(tmp_path, capsys):
    log = tmp_path / 'a.log'
    text = failing(lambda: console.run(
        ['sh', '-c', 'seq 100; exit 7'], log=log, title='working',
        hint='do that'), capsys)
    assert 'working failed: sh ended with status 7' in text
    assert 'do that' in text and str(log) in text
    assert '\n76\n' in text and '\n75\n' not in text


@pytest.mark.parametrize('text, told', [
    ('OSError: [Errno 28] No space left on device', True),
    ('no matching distribution', False)])
def test_run_without_room(tmp_path, capsys, text, told):
    with pytest.raises(SystemExit):
        console.run(['sh', '-c', 'echo "$0"; exit 1', text],
                    log=tmp_path / 'log', title='pip', hint='see the network')
    errors = capsys.readouterr().err
    assert ('in {}), then'.format(paths.BUILD) in errors) == told
    assert ('see the network' in errors) != told


def test_run_of_nothing(tmp_path, capsys):
    text = failing(lambda: console.run(['no-such'], log=tmp_path / 'a',
                                       title='t'), capsys)
    assert 'cannot run no-such' in text


def test_progress_without_a_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(console, '_LOG_INTERVAL', 0.01)
    console.run(['sh', '-c', 'echo first step; sleep 0.3'],
                log=tmp_path / 'a', title='working')
    text = capsys.readouterr().out
    assert re.search(r'working: first step, \d+ s\n', text)


@pytest.mark.parametrize('text, shown', [
    ('gcc -O2 -c Modules/_ssl.c -o build/temp/_ssl.o\n', '_ssl.o'),
    ('running build\nhalf a li', 'running build'), ('', ''),
    ('x' * 100 + '\n', 'x' * 60),
    # What compilers and shells say is not for people.
    ('running build\n  123 |     if (x) {\n      |     ^~~~\n',
     'running build'),
    ('x.c:12:5: warning: unused variable\n', ''),
    ("x.c: In function 'f':\n", ''), ('In file included from x.h:1,\n', ''),
    ('checking for gcc... gcc\nar rc libpython2.7.a Modules/config.o\n',
     'checking for gcc... gcc'),
    ('gcc -pthread -c -DNDEBUG x.c\n', ''), ('ranlib libpython2.7.a\n', ''),
    ('if test -f x; then rm x; fi\n', ''), ('mkdir build\n', ''),
    ("make[1]: Entering directory '/x'\n", ''),
    ("building '_ssl' extension\ngcc -shared x.o -o build/_ssl.so -lssl\n"
     '/usr/bin/ld: warning\n', '_ssl.so'),
    ('I: Unpacking libc6...\n', 'I: Unpacking libc6...'),
    ('==> Building default with OpenSSL 3.0\n    configuring ...\n',
     'Building default with OpenSSL 3.0'),
    ('==> Building\n    compiling: ast.o, 1:30 min\n', 'compiling: ast.o'),
    ('Collecting pytest==8.4.2 (from -r requirements.txt (line 9))\n'
     '  Downloading pytest-8.4.2-py3-none-any.whl (365 kB)\n',
     'Collecting pytest')])
def test_last_line(tmp_path, text, shown):
    (tmp_path / 'log').write_text(text)
    assert console._last_line(tmp_path / 'log', 0) == shown


def test_progress_without_words(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(console, '_LOG_INTERVAL', 0)
    with console.Progress('working') as progress:
        progress.update('')
    assert re.search(r'\n    working, \d+ s\n$', capsys.readouterr().out)


@pytest.mark.parametrize('error, expected', [
    (OSError(errno.ENOSPC, 'No space left on device', '/x/y'),
     'no room to write to: No space left on device (/x/y)'),
    (OSError(errno.EDQUOT, 'Disk quota exceeded'),
     'no room to write to: Disk quota exceeded'),
    (PermissionError(errno.EACCES, 'Permission denied', '/x/y'),
     'Permission denied (/x/y)')])
def test_file_system_leaves_no_traceback(error, expected, capsys):
    def main():
        raise error

    text = failing(lambda: console.interruptible(main), capsys)
    assert 'error: ' + expected + '\n  -> ' in text
    assert ('about 400 MB in {}), then'.format(paths.BUILD) in text) == (
        'no room' in text)


def test_other_errors_are_not_hidden():
    def main():
        raise FileNotFoundError(errno.ENOENT, 'No such file', '/x')

    with pytest.raises(FileNotFoundError):
        console.interruptible(main)


def test_progress_on_a_terminal(monkeypatch):
    monkeypatch.setattr(console, '_TTY_INTERVAL', 0)
    try:
        ours, theirs = pty.openpty()
    except OSError as error:
        pytest.skip('no terminals here: {}'.format(error))
    with open(theirs, 'w') as stream:
        with console.Progress('working', stream) as progress:
            progress.update('half way')
            progress._last -= 1
            progress.update('done')
        # What was written arrives in pieces.
        seen = ''
        while not ('done' in seen and seen.endswith('\r\x1b[K')):
            seen += os.read(ours, 4096).decode()
    os.close(ours)
    assert re.search(r'working: half way, \d+ s', seen)
    assert '\n' not in seen


def test_stubborn_command_is_ended(tmp_path, monkeypatch):
    """A command that ignores an interrupt does not survive it."""
    class Interrupt(Exception):
        pass

    def interrupt(self, text):
        if text == 'ready':
            raise Interrupt

    wait = subprocess.Popen.wait
    monkeypatch.setattr(subprocess.Popen, 'wait', lambda self, timeout=None:
                        wait(self, timeout and min(timeout, 0.3)))
    monkeypatch.setattr(console.Progress, 'update', interrupt)
    with pytest.raises(Interrupt):
        console.run(['sh', '-c', 'trap "" INT TERM; echo $$ >{}; echo ready;'
                     'while :; do sleep 0.1; done'.format(tmp_path / 'pid')],
                    log=tmp_path / 'a', title='t')
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / 'pid').read_text()), 0)


def test_texts():
    assert console.seconds_text(59) == '59 s'
    assert console.seconds_text(61) == '1:01 min'
    assert console.size_text(17539408) == '17.5 MB'


def test_interrupt_leaves_no_traceback(tmp_path):
    program = ('import os, signal\n'
               'from scripts.base import console\n'
               'def main():\n'
               '    os.kill(os.getpid(), signal.SIGTERM)\n'
               'console.interruptible(main)\n')
    done = subprocess.run([sys.executable, '-c', program],
                          cwd=minicheckout.ROOT, stderr=subprocess.PIPE,
                          text=True)
    assert done.returncode == 130
    assert done.stderr == '\ninterrupted; "make" continues from here\n'


def test_reader_that_has_gone_leaves_no_traceback():
    program = ('from scripts.base import console\n'
               'console.interruptible(lambda: print("x" * 100000))\n')
    with subprocess.Popen([sys.executable, '-c', program],
                          cwd=minicheckout.ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        child.stdout.close()
        assert child.stderr.read() == ''
    assert child.returncode == 128 + signal.SIGPIPE


def test_lock_waits(tmp_path):
    path = tmp_path / 'x' / 'lock'
    program = ('import time\n'
               'from scripts.base import locking\n'
               'with locking.lock({!r}):\n'
               '    print("held", flush=True)\n'
               '    time.sleep(0.4)\n'.format(str(path)))
    other = subprocess.Popen([sys.executable, '-c', program],
                             cwd=minicheckout.ROOT,
                             stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == 'held\n'
    with locking.lock(path):
        assert other.poll() is not None or other.wait(5) == 0
    other.stdout.close()
