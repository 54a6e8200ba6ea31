"""Huge buffers and little memory, where the platform has them."""

import contextlib
import mmap
import os
import sys

import pytest


@contextlib.contextmanager
def address_space(extra):
    """Let this process map at most *extra* bytes more than it has now."""
    resource = pytest.importorskip('resource')
    if not os.path.exists('/proc/self/statm'):
        pytest.skip('no /proc/self/statm to learn the address space from')
    with open('/proc/self/statm') as stream:
        pages = int(stream.read().split()[0])
    old = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, old)


@contextlib.contextmanager
def huge_buffer(size):
    """A readable buffer of *size* bytes, none of which takes memory."""
    if sys.maxsize < size:
        pytest.skip('%d bytes need a 64-bit Python' % size)
    try:
        buffer = mmap.mmap(-1, size)
    except (EnvironmentError, MemoryError) as error:
        pytest.skip('no room for %d bytes: %s' % (size, error))
    try:
        yield buffer
    finally:
        buffer.close()
