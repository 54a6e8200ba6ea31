"""The limit of open files."""

import contextlib
import resource

SPARE = 100         # that a process has open besides its connections


def files(wanted):
    """Raise the limit for *wanted* connections where that is allowed;
    returns how many one process can then hold."""
    wanted += SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted - SPARE
    top = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft == resource.RLIM_INFINITY or soft < top:
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))
    return top - SPARE
