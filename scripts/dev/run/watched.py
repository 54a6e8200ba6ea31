"""A command that is watched: it is ended at a limit, and so is what it
leaves behind."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field

from scripts.base import console

_POLL = 0.05            # seconds


@dataclass(frozen=True)
class Outcome:
    """status: of the command, negative for a signal.  seconds: how long it
    took.  timed_out: True if the limit ended it.  left: what *end* returned,
    names of the processes that it left behind (str list)."""

    status: int
    seconds: float
    timed_out: bool = False
    left: list = field(default_factory=list)


def end(process):
    """End all of the group of *process*."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


def run(argv, *, cwd, env, log, limit, title, says=None, end=end):
    """Run *argv* with all output in the file *log* (Path), for *limit*
    seconds at most.  Returns the Outcome.

    says: called for what the progress under *title* shows.  end: called
    with the Popen at the end, whatever that is.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    timed_out = False
    with open(log, 'wb') as output, console.Progress(title) as progress:
        process = subprocess.Popen(
            [str(arg) for arg in argv], cwd=str(cwd), env=env,
            stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True)
        left = []
        try:
            while process.poll() is None:
                if progress.elapsed > limit:
                    timed_out = True
                    break
                progress.update(says() if says else 'limit {}'.format(
                    console.seconds_text(limit)))
                time.sleep(_POLL)
        finally:
            left = end(process)
        return Outcome(process.returncode, progress.elapsed, timed_out,
                       left or [])
