"""Calm output: what is being done, how far it is, and what to do next."""

from __future__ import annotations

import errno
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from scripts.base import paths
from scripts.base.aliases import AnyPath, Environ

_TTY_INTERVAL = 0.5         # seconds between updates of the line
_LOG_INTERVAL = 30.0        # seconds between lines where there is no terminal
_TAIL_LINES = 25            # of a failed command's output
_POLL = 0.05                # seconds

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAKE_ROOM = ('make room there (a build needs about 400 MB in {}), then go on '
              'with "make"'.format(paths.BUILD))


def step(text: str) -> None:
    """Announce a stage of the work."""
    print('==> ' + text, flush=True)


def note(text: str) -> None:
    """A detail of the stage that is under way."""
    print('    ' + text.replace('\n', '\n    '), flush=True)


def warn(text: str) -> None:
    """What should be known, aside from the output proper."""
    sys.stdout.flush()
    print('    ' + text.replace('\n', '\n    '), file=sys.stderr, flush=True)


def fail(message: str, hint: str = '') -> NoReturn:
    """Print what is wrong and what to do next; raises SystemExit(1)."""
    sys.stdout.flush()
    print('\nerror: ' + message, file=sys.stderr)
    if hint:
        print('  -> ' + hint.replace('\n', '\n     '), file=sys.stderr)
    sys.stderr.flush()
    raise SystemExit(1)


def needs_folder(folder: AnyPath) -> None:
    """End the program where *folder*, to run a program in, is not there: it
    would look as if the program were not."""
    if not os.path.isdir(folder):
        fail('there is no folder {}'.format(folder),
             'was it removed meanwhile? Run the command again')


def size_text(number: float) -> str:
    """*number* of bytes for people."""
    return '{:.1f} MB'.format(number / 1e6)


def seconds_text(seconds: float) -> str:
    return '{}:{:02d} min'.format(*divmod(int(seconds), 60)) \
        if seconds >= 60 else '{:.0f} s'.format(seconds)


class Progress:
    """One line that is rewritten on a terminal, and a line every half
    minute elsewhere.  Use as a context manager; call update()."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self.title = title
        self.stream = stream or sys.stdout
        self.tty = self.stream.isatty()
        self.start = time.monotonic()
        self._last = self.start

    def __enter__(self) -> Progress:
        if not self.tty:
            note(self.title + ' ...')
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self.tty:
            self.stream.write('\r\x1b[K')
            self.stream.flush()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.start

    def update(self, text: str) -> None:
        now = time.monotonic()
        interval = _TTY_INTERVAL if self.tty else _LOG_INTERVAL
        if now - self._last < interval:
            return
        self._last = now
        line = '    {}{}, {}'.format(self.title, text and ': ' + text,
                                     seconds_text(self.elapsed))
        if self.tty:
            width = os.get_terminal_size(self.stream.fileno()).columns or 80
            self.stream.write('\r\x1b[K' + line[:width - 1])
        else:
            self.stream.write(line + '\n')
        self.stream.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End *process* and what it started, politely at first."""
    for number, patience in ((signal.SIGINT, 5), (signal.SIGTERM, 5),
                             (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass
        try:
            process.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue


def tail(log: AnyPath, lines: int = _TAIL_LINES) -> str:
    """The last lines of the file *log*, as a str."""
    text = Path(log).read_text(errors='replace')
    return '\n'.join(text.splitlines()[-lines:])


def run(argv: Sequence[object], *, log: AnyPath, title: str,
        cwd: AnyPath | None = None, env: Environ | None = None,
        hint: str = '', room: str = _MAKE_ROOM) -> float:
    """Run *argv* with all output in the file *log*; return the seconds.
    hint, room: what to do if it fails, and if there is no room to write to.

    Progress is shown under *title*.  If the command fails, the last lines
    of its output and the log's path are printed and SystemExit(1) raised.
    """
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(arg) for arg in argv]
    with open(log, 'ab') as output, Progress(title) as progress:
        begin = output.tell()
        output.write('$ {}\n'.format(
            ' '.join(map(shlex.quote, words))).encode())
        output.flush()
        try:
            # A group of its own, so that an interrupt ends all of it;
            # close_fds=False hands it the lock (see locking.py).
            process = subprocess.Popen(
                words, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, close_fds=False)
        except OSError as error:
            needs_folder(cwd or '.')
            fail('cannot run {}: {}'.format(words[0], error.strerror),
                 'is it installed? "make bootstrap" checks')
        try:
            while True:
                try:
                    status = process.wait(_POLL)
                    break
                except subprocess.TimeoutExpired:
                    progress.update(_last_line(log, begin))
        except BaseException:
            _end(process)
            raise
    if status:
        last = tail(log)
        print(last, file=sys.stderr)
        if any(os.strerror(number) in last for number in NO_ROOM[:2]):
            hint = room
        fail('{} failed: {} ended with status {}'.format(
                 title, words[0], status),
             '\n'.join(filter(None, (hint, 'the whole output is in {}'
                                     .format(log)))))
    return progress.elapsed


def _last_line(log: AnyPath, begin: int) -> str:
    """What the command said last, from the end of *log*."""
    with open(log, 'rb') as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(begin, end - 4096))
        lines = file.read().decode(errors='replace').split('\n')
    # The last element is what follows the last newline: maybe half a line,
    # as the first one may be.
    for line in reversed(lines[begin < end - 4096:-1]):
        # Of a compiler's command, what it makes.
        match = re.search(r'\s-o\s+([^\s-]\S*)', line)
        if match:
            return os.path.basename(match[1])
        # Our own, of a make inside.
        match = re.match(r'==> (.+)|    (\w.*), (?:\d+ s|\d+:\d\d min)$', line)
        if match:
            return (match[1] or match[2])[:60].strip()
        # Of pip's words, without versions and reasons.
        match = re.match(r'(Collecting|Downloading|Building) [\w.-]+', line)
        if match:
            return match[0][:60]
        if _is_text(line):
            return line.strip()[:60]
    return ''


#: In commands and in compilers' messages: code, options, objects, places in
#: files, and what introduces these.
_NO_TEXT = re.compile(
    r'[][{}|;&$`\\*<>=]|\s--?[A-Za-z]|\s\.?/|\.(o|a|so)\b|^[^\s:]+:\d|'
    r'^\S+: (In|At) |^In file included|'
    r'^(ar|cat|cc1|collect2|cp|echo|for|if|install|ln|make|mkdir|mv|perl|'
    r'ranlib|rm|sed|sh|test|touch)\b')


def _is_text(line: str) -> bool:
    """True if people can make something of the *line* of output."""
    # What is indented goes with another line.
    return bool(re.match(r'\w', line)) and not _NO_TEXT.search(line)


def _explain(error: OSError) -> NoReturn:
    """End the program over an OSError that is the file system's; others are
    raised."""
    where = ' ({})'.format(error.filename) if error.filename else ''
    if error.errno in NO_ROOM:
        fail('no room to write to: {}{}'.format(error.strerror, where),
             _MAKE_ROOM)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and where:
        fail('{}{}'.format(error.strerror, where),
             'run make as the user who owns the checkout, where it can be '
             'written to')
    raise error


def interruptible(main: Callable[[], int | None]) -> None:
    """Call *main* and exit with what it returns; an interrupt, also by
    SIGTERM or SIGHUP, ends what was started and leaves no traceback, nor
    does a full disk, or a reader of the output that has gone ("| head")."""
    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        status = main()
        sys.stdout.flush()
        sys.exit(status)
    except BrokenPipeError:
        # Nothing is left for the interpreter to write at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except KeyboardInterrupt:
        print('\ninterrupted; "make" continues from here', file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        _explain(error)
