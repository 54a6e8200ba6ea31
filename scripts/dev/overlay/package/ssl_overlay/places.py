"""Where ssl and _ssl are: the overlay's, the interpreter's own."""

import hashlib
import imp
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ABI = 'cp27%sm%s' % ('d' * hasattr(sys, 'gettotalrefcount'),
                     'u' * (sys.maxunicode > 65535))
FRONT = os.path.join(HERE, ABI + '-front')
LAST = os.path.join(HERE, ABI + '-last')


def read_json(name):
    """The content of the file *name* (str) of this package."""
    with open(os.path.join(HERE, name)) as file:
        return json.load(file)


def is_ours(path):
    """True if *path* (str or None) is in the front folder of this or, as
    with a virtualenv that sees the system's packages, of another overlay."""
    folder = os.path.basename(os.path.dirname(path or ''))
    return folder == os.path.basename(FRONT)


def standard_path():
    """sys.path (str list) from the standard library on, and no overlay."""
    own = os.path.dirname(os.__file__)
    path = sys.path[sys.path.index(own):] if own in sys.path else sys.path
    names = (os.path.basename(FRONT), os.path.basename(LAST))
    return [folder for folder in path
            if os.path.basename(folder.rstrip(os.sep)) not in names]


def find(name, path):
    """Where the module *name* is found along *path* (str list): a file's
    name, 'built-in', or None."""
    if name in sys.builtin_module_names:
        return 'built-in'
    try:
        file, found, _ = imp.find_module(name, path)
    except ImportError:
        return None
    if file is not None:
        file.close()
    return found


def sha256(path):
    """The hexadecimal sha256 of the file at *path*, None if there is
    none."""
    try:
        with open(path, 'rb') as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (IOError, TypeError):
        return None
