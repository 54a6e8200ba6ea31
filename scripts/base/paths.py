"""Where things are in the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.base.aliases import AnyPath

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / 'build'
DOCS = ROOT / 'docs'
LIB_TESTS = ROOT / 'Lib_tests'
PATCHES_DIR = ROOT / 'patches'
SCRIPTS = ROOT / 'scripts'
SERIES_FILE = ROOT / 'series'


def absolute(path: str) -> str:
    """*path* (str) made absolute, ``~`` expanded; '' stays ''."""
    return os.path.abspath(os.path.expanduser(path)) if path else ''


def shown(path: AnyPath) -> str:
    """*path* (Path) for people: relative to the checkout."""
    return os.path.relpath(path, ROOT)
