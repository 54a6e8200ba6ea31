"""Where things are in the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / 'build'
DOCS = ROOT / 'docs'
LIB_TESTS = ROOT / 'Lib_tests'
PATCHES_DIR = ROOT / 'patches'
SCRIPTS = ROOT / 'scripts'
SERIES_FILE = ROOT / 'series'


def absolute(path):
    """*path* (str) made absolute, ``~`` expanded; '' stays ''."""
    return os.path.abspath(os.path.expanduser(path)) if path else ''


def shown(path):
    """*path* (Path) for people: relative to the checkout."""
    return os.path.relpath(path, ROOT)
