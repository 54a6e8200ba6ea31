"""One command in a folder of its own, for a limited time, and nothing left
of it."""

import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.base import console

#: Marks all processes of a run, also those that have left its session.
MARK = 'CLIENTS_RUN'
_POLL = 0.05        # seconds


@dataclass
class Outcome:
    """status: of the command, negative for a signal.  seconds: how long it
    took.  timed_out: True if the limit ended it.  left: names of the
    processes that it left behind, which were ended (str list)."""

    status: int
    seconds: float
    timed_out: bool = False
    left: list = field(default_factory=list)


def marked(mark, proc=Path('/proc')):
    """The processes with *mark* (str) in their environ: {pid: name}."""
    wanted = '{}={}'.format(MARK, mark).encode()
    found = {}
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            variables = (folder / 'environ').read_bytes().split(b'\0')
            # Of a process that ended it is empty, not there, or denied.
            if wanted in variables:
                found[int(folder.name)] = \
                    (folder / 'comm').read_text().strip()
        except OSError:
            continue
    return found


def _kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _end(process, mark):
    """End *process*, its session and all with *mark*.  Returns the names of
    those that were still there though *process* was not."""
    alone = process.poll() is not None
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
    left = marked(mark)
    # One may start another meanwhile.
    deadline = time.monotonic() + 10
    remaining = left
    while remaining and time.monotonic() < deadline:
        _kill(remaining)
        time.sleep(_POLL)
        remaining = marked(mark)
        left.update(remaining)
    return sorted(left.values()) if alone else []


def run(argv, *, cwd, env, log, limit, title):
    """Run *argv* with all output in the file *log* (Path), for *limit*
    seconds at most.  Returns the Outcome."""
    mark = secrets.token_hex(16)
    log.parent.mkdir(parents=True, exist_ok=True)
    timed_out = False
    with open(log, 'wb') as output, console.Progress(title) as progress:
        process = subprocess.Popen(
            [str(arg) for arg in argv], cwd=cwd, env=dict(env, **{MARK: mark}),
            stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True)
        left = []
        try:
            while process.poll() is None:
                if progress.elapsed > limit:
                    timed_out = True
                    break
                progress.update('limit {}'.format(
                    console.seconds_text(limit)))
                time.sleep(_POLL)
        finally:
            left = _end(process, mark)
        seconds = progress.elapsed
    return Outcome(process.returncode, seconds, timed_out, left)
