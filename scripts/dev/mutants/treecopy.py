"""A copy of a built tree in which one file is another one.

In front of the built module, by PYTHONPATH, it would not be seen by the tests
that start a Python with -E.
"""

import os
import shutil
import subprocess

#: The module that each C file makes.
MODULES = {'Modules/_ssl.c': '_ssl', 'Modules/_hashopenssl.c': '_hashlib'}


class Copy:
    """*variant*, but with the tree in *folder* (Path); all its files are
    links to those of *variant* at first."""

    def __init__(self, variant, folder):
        self.variant = variant
        self.src = folder / 'src'
        shutil.rmtree(self.src, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(['cp', '-al', str(variant.src), str(self.src)],
                       check=True)
        self.python = self.src / variant.python.name

    def __getattr__(self, name):
        return getattr(self.variant, name)

    def _places(self, path):
        """(what is there instead of *path*, a file of the series; what it
        is in *variant*)"""
        if path in MODULES:
            (found,) = self.variant.src.glob(
                'build/lib.*/{}.so'.format(MODULES[path]))
        else:
            found = self.variant.src / path
        return self.src / found.relative_to(self.variant.src), found

    def put(self, path, file):
        """*file* (Path) takes the place of what *path* (str) makes."""
        place, _ = self._places(path)
        for stale in (place, *place.parent.glob(place.stem + '.py[co]')):
            stale.unlink()
        shutil.copy(str(file), str(place))

    def restore(self, path):
        place, original = self._places(path)
        place.unlink()
        os.link(str(original), str(place))
