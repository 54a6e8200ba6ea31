"""The terminal for tables, by rich."""

import sys

from rich.console import Console


def output(width=110):
    """A Console as wide as the terminal; of *width* where there is none."""
    return Console(width=None if sys.stdout.isatty() else width)
