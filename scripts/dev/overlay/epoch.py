"""The time that all that is built gets, so that it is the same each time."""

import os

from scripts.dev.package import tarball


def seconds(environ=os.environ):
    """SOURCE_DATE_EPOCH in *environ*, or the day of the release (int)."""
    return tarball.epoch(environ)


def text(environ=os.environ):
    """The same as a str, for programs that read it."""
    return str(seconds(environ))
