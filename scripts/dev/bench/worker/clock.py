"""Clocks in nanoseconds, and the process's resident memory, on 2.7 and 3."""

import os
import time

if hasattr(time, 'CLOCK_THREAD_CPUTIME_ID'):
    def cpu():
        """CPU time of this thread."""
        return time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID) * 1e9

    def wall():
        """A clock that only goes forward."""
        return time.clock_gettime(time.CLOCK_MONOTONIC) * 1e9
else:
    import ctypes

    class _Timespec(ctypes.Structure):
        _fields_ = [('seconds', ctypes.c_long), ('nanos', ctypes.c_long)]

    _gettime = ctypes.CDLL(None, use_errno=True).clock_gettime
    _MONOTONIC, _THREAD_CPUTIME = 1, 3      # <linux/time.h>

    def _read(number):
        now = _Timespec()
        if _gettime(number, ctypes.byref(now)):
            raise OSError(ctypes.get_errno(), 'clock_gettime')
        return now.seconds * 1e9 + now.nanos

    def cpu():
        """CPU time of this thread."""
        return _read(_THREAD_CPUTIME)

    def wall():
        """A clock that only goes forward."""
        return _read(_MONOTONIC)


def resident():
    """Resident memory of this process in bytes."""
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
