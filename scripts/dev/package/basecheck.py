"""How each patch of the series applies to one tree, which stays as it is."""

import collections
import os
import re
import shutil
import subprocess

from scripts.dev.package import causes, probes, strip
from scripts.series import walk
from scripts.series.groups import GROUPS, group_of

#: What becomes of a patch.
EXACT = 'exact'         # every hunk at its place
OFFSET = 'offset'       # zero fuzz, some hunks at other lines
THERE = 'there'         # the tree has this very patch
OTHER = 'other'         # the tree does the same in a way of its own
REFUSED = 'refused'     # it does not apply at zero fuzz

STATUSES = (EXACT, OFFSET, THERE, OTHER, REFUSED)

#: What patch and quilt try if they are not told otherwise.
_LENIENT = 2

#: name: of the patch; status: one of the above; detail: list of str, the
#: hunks that are refused, or what the tree does itself; cause: the patch
#: that is in the way, '' if it is not known.
Result = collections.namedtuple('Result', 'name status detail cause')


def by_patch(results):
    """{patch name: status} out of what Base.check() returned."""
    return {result.name: result.status for result in results}


def by_group(results):
    """{group: Counter of statuses}, in the order of the series."""
    counts = {}
    for result in results:
        counts.setdefault(group_of(result.name),
                          collections.Counter())[result.status] += 1
    return {group.name: counts[group.name] for group in GROUPS
            if group.name in counts}


def apart(results):
    """Those of *results* that are not just applied."""
    return [result for result in results
            if result.status in (OTHER, REFUSED)]


class Base:
    """One tree to apply the patches to.

    context: lint_rules.context.Context of the checkout; label: the tree's
    name in tables; source: its folder (str).  ``there``: names of the
    patches that it has already.
    """

    def __init__(self, context, label, source):
        self.label = label
        self._context = context
        self._source = source
        self._tree = context.touched_tree('base-' + ''.join(
            char if char.isalnum() else '-' for char in label), source)
        self.there = strip.strip(self._tree, context.patches_dir,
                                 context.names)
        self._culprit = None

    def close(self):
        shutil.rmtree(self._tree, ignore_errors=True)

    def _apply(self, name, fuzz=0, dry=False):
        """A walk.Step of the patch *name*.  A refused one changes nothing.
        """
        command = ['patch', '-p1', '-f', '-N', '-r', '-', '--fuzz={}'.format(
            fuzz), '--no-backup-if-mismatch', '-i', os.path.join(
                os.path.abspath(self._context.patches_dir), name)]
        done = subprocess.run(
            command + ['--dry-run'] * dry, cwd=self._tree, text=True,
            errors='replace', stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, LC_ALL='C'))
        output = done.stdout.replace('checking file ', 'patching file ')
        return walk.Step(name, done.returncode == 0, output)

    def check(self):
        """A list of Result: one for each patch of the series, in order.

        What does not apply is left out, and those after it are tried
        without it.
        """
        results, left_out = [], []
        for name in self._context.names:
            result = self._check_one(name, left_out)
            if result.status in (OTHER, REFUSED):
                left_out.append(self._context.patch(name))
            results.append(result)
        return results

    def _check_one(self, name, left_out):
        probe = probes.find(self._source, name) \
            if name not in self.there else None
        if probe is not None and probe.always:
            return Result(name, OTHER, [probe.text], '')
        step = self._apply(name, dry=True)
        if step.ok:
            self._apply(name)
            status = OFFSET if step.moved else EXACT
            return Result(name, THERE if name in self.there else status,
                          step.moved, '')
        cause = self._cause(step, left_out)
        if probe is not None:
            return Result(name, OTHER, [probe.text], cause)
        detail = step.rejected
        if self._apply(name, _LENIENT, dry=True).ok:
            detail = [text + ' (with fuzz it would apply)'
                      for text in detail]
        return Result(name, REFUSED, detail, cause)

    def _cause(self, step, left_out):
        """What keeps the patch of *step* from applying (str)."""
        refused = {}
        for text in step.rejected:
            match = re.match(r'(.+): hunk #(\d+) ', text)
            if match:
                refused.setdefault(match[1], []).append(int(match[2]) - 1)
        patch = self._context.patch(step.name)
        for file in patch.files:
            hunks = [file[index] for index in refused.get(file.path, ())
                     if index < len(file)]
            if not hunks:
                continue
            cause = causes.depends_on(file.path, hunks, left_out)
            if not cause:
                cause = self._theirs().of(file.path, hunks)
            if cause:
                return cause
        return next(filter(None, (causes.adds(path, left_out)
                                  for path in step.missing)), '')

    def _theirs(self):
        if self._culprit is None:
            paths = sorted({path for patch in self._context.patches
                            for path in patch.paths})
            self._culprit = causes.Culprit(
                causes.downstream(self._source, paths))
        return self._culprit
