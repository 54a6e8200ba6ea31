"""The trees that the series is made for, and the one that BASE names."""

import os
import re
from pathlib import Path

from scripts import options
from scripts.base import console
from scripts.dev.lint.rules import debian
from scripts.dev.lint.rules.model import NotChecked

PRISTINE = 'CPython 2.7.18'
DEBIAN = 'Debian ' + debian.VERSION

_NEEDED = ('Include/patchlevel.h', 'Modules/_ssl.c', 'Lib/ssl.py')


def need_debian(context):
    """The folder (str) of Debian's fully patched source, made in the
    scratch of *context*.  Where it cannot be had, the program ends."""
    try:
        return debian.patched_tree(context)
    except NotChecked as reason:
        return console.fail(
            "Debian's source is needed: {}".format(reason),
            'DISTFILES=folder names the folder with {}'.format(
                debian.DIFF_NAME))


def given(environ=os.environ):
    """(label, folder) of the tree that BASE in *environ* names, or None.

    It is looked at only.  What is no CPython source ends the program.
    """
    options.BASE.check(environ)
    text = options.BASE.read(environ)
    if not text:
        return None
    missing = [name for name in _NEEDED
               if not os.path.isfile(os.path.join(text, name))]
    if missing:
        console.fail('BASE={} is no CPython 2.7 source: no {}'.format(
                         text, ', no '.join(missing)),
                     'name the folder that has Modules/ and Lib/ in it')
    header = Path(text, _NEEDED[0]).read_text(errors='replace')
    version = re.search(r'#define\s+PY_VERSION\s+"([^"]+)"', header)
    return ('BASE ({})'.format(version[1] if version else 'unknown version'),
            text)


def unapplied_series(folder):
    """A sentence if *folder* has a Debian series of its own that is not
    applied, '' otherwise."""
    if os.path.exists(os.path.join(folder, 'debian/patches/series.in')) and \
            not os.path.exists(os.path.join(folder, '.pc')):
        return ('{} has patches in debian/patches that seem not to be '
                'applied: "debian/rules patch" applies them'.format(folder))
    return ''
