"""The source of an overlay: what setup.py builds, and what an sdist has."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

from scripts.base import locking, paths
from scripts.dev.overlay import staticssl
from scripts.series import seriesfile
from scripts.source import tree

FOLDER = paths.BUILD / 'overlay'
PACKAGE = Path(__file__).resolve().with_name('package')
KNOWN = PACKAGE.parent / 'known_ssl.json'

#: What is taken of a patched tree, with what these include.
_MODULES = ('_ssl.c', '_hashopenssl.c')

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def modules_files(folder, names=_MODULES):
    """The names of the files in *folder* (Path, a tree's Modules) that
    *names* consist of: these, and what they include of the same folder.

    What is in the interpreter's own include folder is not among them.
    """
    found, todo = [], list(names)
    while todo:
        name = todo.pop(0)
        if name in found or not (folder / name).is_file():
            continue
        found.append(name)
        todo += _INCLUDE.findall((folder / name).read_text('latin-1'))
    return found


def series_facts(groups):
    """What the series is (dict) with *groups* (names) applied."""
    patches = tree.select(groups)
    facts = seriesfile.facts(seriesfile.text(patches)) if patches else {
        'version': (paths.ROOT / 'VERSION').read_text().strip(),
        'groups': [], 'patches': [],
        'patches_sha256': hashlib.sha256().hexdigest()}
    return dict(facts, area=staticssl.AREA)


def prepare(groups, cpython='', environ=os.environ):
    """The folder (Path) of a tree with *groups* (names) applied: one of its
    own, since a build's would have to be built anew.  *cpython*: as
    Variant has it."""
    slug = hashlib.sha256(' '.join(groups + (cpython,)).encode())
    root = FOLDER / 'trees' / slug.hexdigest()[:8]
    what = SimpleNamespace(groups=groups, cpython=cpython, src=root / 'src')
    with locking.lock(root / 'lock'):
        tree.prepare(what, environ)
    return what.src


def write(src, groups, folder):
    """Make *folder* (Path) the source of the overlay, out of the tree *src*
    (Path) that has *groups* (names) applied.  Returns the facts (dict)."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns(
        '__pycache__', '*.pyc'))
    modules = src / 'Modules'
    for name in modules_files(modules):
        shutil.copy(modules / name, folder / 'src' / name)
    shutil.copy(src / 'Lib' / 'ssl.py', folder / 'ssl.py')
    if (src / seriesfile.NAME).exists():
        shutil.copy(src / seriesfile.NAME, folder)
    package = folder / 'ssl_overlay'
    shutil.copy(src / 'LICENSE', package / 'LICENSE-Python.txt')
    shutil.copy(paths.ROOT / 'LICENSES' / 'MIT.txt',
                package / 'LICENSE-MIT.txt')
    shutil.copy(KNOWN, package / 'known.json')
    facts = series_facts(groups)
    (package / 'facts.json').write_text(
        json.dumps(facts, indent=1, sort_keys=True) + '\n')
    return facts
