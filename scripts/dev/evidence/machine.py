"""Where and when it was measured."""

import datetime
import os
import platform
import re
from pathlib import Path


def _first(pattern, path):
    try:
        match = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    except OSError:
        match = None
    return match[1].strip() if match else 'unknown'


def describe():
    """What to know about this machine (dict)."""
    memory = _first(r'^MemTotal:\s*(\d+)', '/proc/meminfo')
    return {
        'cpu': _first(r'^model name\s*:(.*)$', '/proc/cpuinfo'),
        'cpus': len(os.sched_getaffinity(0)),
        'memory_gib': round(int(memory) / 2 ** 20, 1)
        if memory.isdigit() else None,
        'system': _first(r'^PRETTY_NAME="?([^"\n]*)', '/etc/os-release'),
        'kernel': platform.release(),
        'libc': ' '.join(platform.libc_ver()),
        'load_before': round(os.getloadavg()[0], 2),
        'date': datetime.datetime.now(datetime.timezone.utc).strftime(
            '%Y-%m-%d %H:%M UTC'),
    }


def lines(machine):
    """The same as lines of text."""
    yield '{date}, {cpu}, {cpus} CPUs, {memory_gib} GiB'.format(**machine)
    yield '{system}, Linux {kernel}, {libc}'.format(**machine)
    yield 'load average before the run: {load_before}'.format(**machine)
