"""One command in a folder of its own, for a limited time, and nothing left
of it."""

import os
import secrets
import signal
import time
from pathlib import Path

from scripts.dev.run import watched

#: Marks all processes of a run, also those that have left its session.
MARK = 'CLIENTS_RUN'
_POLL = 0.05        # seconds


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
    watched.end(process)
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
    seconds at most.  Returns the watched.Outcome."""
    mark = secrets.token_hex(16)
    return watched.run(
        argv, cwd=cwd, env=dict(env, **{MARK: mark}), log=log, limit=limit,
        title=title, end=lambda process: _end(process, mark))
