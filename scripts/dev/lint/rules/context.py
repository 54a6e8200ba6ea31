"""What the rules look at: the series, its patches and trees made of them."""

import os
import shutil
import tempfile

from scripts.dev.lint.rules.model import NotChecked
from scripts.dev.patchfile import Patch, PatchError
from scripts.series import walk
from scripts.series.groups import read_series, select


class Context:
    """A checkout at *root* and a *pristine* source tree (read only).

    *pristine* may be a callable that makes one: it is called when the first
    rule needs it.  ``scratch_in`` is the folder for temporary trees.  The
    other *options* are what single rules need: ``distfiles`` (list of
    folders), ``cache`` (folder for what is fetched), ``openssl`` (prefix or
    None), ``pyconfig`` (callable that returns the path of a pyconfig.h).
    """

    def __init__(self, root, pristine, **options):
        self.root = root
        self.patches_dir = os.path.join(root, 'patches')
        self.names = read_series(os.path.join(root, 'series'))
        self.options = options
        self._pristine = pristine
        self._scratch_in = options.pop('scratch_in', None)
        self._scratch = None
        self._steps = None
        self._tree = None
        self.patches = []
        self.unreadable = []
        for name in self.names:
            path = os.path.join(self.patches_dir, name)
            try:
                patch = Patch.read(path, name)
                if patch.files:     # which raises where there are none
                    self.patches.append(patch)
            except PatchError as error:
                self.unreadable.append((name, str(error)))
            except FileNotFoundError:
                self.unreadable.append((name, 'the file is missing'))

    def close(self):
        """Remove the scratch folder."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    @property
    def scratch(self):
        """A folder for temporary trees."""
        if self._scratch is None:
            self._scratch = tempfile.mkdtemp(prefix='trees-',
                                             dir=self._scratch_in)
        return self._scratch

    @property
    def pristine(self):
        if callable(self._pristine):
            self._pristine = self._pristine()
        return self._pristine

    def patch(self, name):
        """The parsed patch *name*."""
        return next(patch for patch in self.patches if patch.name == name)

    def new_tree(self, label, source=None):
        """A fresh copy of *source* (default: pristine) in the scratch."""
        return walk.copy_tree(source or self.pristine,
                              os.path.join(self.scratch, label))

    def touched_tree(self, label, source=None):
        """As new_tree(), but only the files that some patch touches; quilt
        needs no others, and a whole tree takes much longer to copy."""
        paths = {path for patch in self.patches for path in patch.paths}
        return walk.copy_files(source or self.pristine,
                               os.path.join(self.scratch, label),
                               sorted(paths))

    def need_readable(self):
        """Stop a rule that applies patches when one cannot be parsed."""
        if self.unreadable:
            raise NotChecked('fix the unreadable patches first')

    def apply(self, label, names, source=None):
        """Apply *names* to the files of *source* (default: pristine) that
        they touch.  Returns (tree, list of Step)."""
        self.need_readable()
        tree = self.touched_tree(label, source)
        return tree, self._walk(tree, names)

    def _walk(self, tree, names):
        stack = walk.Stack(tree, self.patches_dir, names)
        return list(stack.walk(lambda name: self.patch(name).paths))

    @property
    def steps(self):
        """The Steps of the full series on pristine."""
        if self._steps is None:
            self.need_readable()
            self._tree = self.new_tree('full')
            self._steps = self._walk(self._tree, self.names)
        return self._steps

    @property
    def full_tree(self):
        """The tree with the full series; NotChecked if it does not apply."""
        self.need_applied()
        return self._tree

    def need_applied(self):
        if not all(step.ok for step in self.steps):
            raise NotChecked('the series does not apply; fix that first')

    def select(self, *groups):
        """The patches of *groups* and of the groups that they need."""
        return select(self.names, groups)
