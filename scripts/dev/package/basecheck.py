"""How the groups of the series apply to one tree, which stays as it is."""

import os
import shutil

from scripts.dev.package import probes, strip
from scripts.series import walk
from scripts.series.groups import GROUPS, group_of

#: What becomes of a group or of a patch, from best to worst.
EXACT = 'exact'         # every hunk at its place
OFFSET = 'offset'       # zero fuzz, some hunks at other lines
THERE = 'there'         # the tree has these very patches
OTHER = 'other'         # the tree has another form of the same
FUZZ = 'fuzz'           # only with fuzz: refused
FAILS = 'fails'

#: Outcomes that a packager need not do anything about.
GOOD = (EXACT, OFFSET, THERE, OTHER)

#: quilt's and patch's default, with which a refused hunk is tried again.
_LENIENT = 2


class Outcome:
    """What became of one group, or of several together.

    label: its name; status: one of the above; detail: what a table says
    behind it; patches: {name: status}.
    """

    def __init__(self, label, status, detail='', patches=None):
        self.label = label
        self.status = status
        self.detail = detail
        self.patches = patches or {}

    @property
    def good(self):
        return self.status in GOOD


def _step_status(step):
    if not step.ok:
        return FAILS
    if step.fuzzy:
        return FUZZ
    return OFFSET if step.moved else EXACT


def _first_bad(step):
    """The first hunk of *step* that is refused at zero fuzz."""
    return '{}: {}'.format(step.name, (step.rejected + step.fuzzy)[0])


class Base:
    """One tree to apply the groups to.

    context: lint_rules.context.Context of the checkout; label: the tree's
    name in tables; source: its folder (str).  ``there``: names of the
    patches that it has already.
    """

    def __init__(self, context, label, source):
        self.label = label
        self._context = context
        self._slug = 'base-' + ''.join(
            char if char.isalnum() else '-' for char in label)
        self._count = 0
        self._source = source
        self._clean = self._copy(source)
        for probe in (*probes.PROBES.values(), *probes.FIXES.values()):
            self._add(probe.path)
        self.there = strip.strip(self._clean, context.patches_dir,
                                 context.names)

    def _copy(self, source):
        self._count += 1
        return self._context.touched_tree(
            '{}-{}'.format(self._slug, self._count), source)

    def _add(self, path):
        """Copy *path* of the source, which no patch may touch, too."""
        target = os.path.join(self._clean, path)
        source = os.path.join(self._source, path)
        if os.path.exists(source) and not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(source, target)

    def close(self):
        shutil.rmtree(self._clean, ignore_errors=True)

    def _push(self, names, fuzz=0):
        tree = self._copy(self._clean)
        stack = walk.Stack(tree, self._context.patches_dir, names)
        steps = list(stack.walk(fuzz=fuzz))
        shutil.rmtree(tree)
        return steps

    def apply(self, label, names):
        """The Outcome of the patches *names* at zero fuzz."""
        steps = self._push(names)
        patches = {step.name: _step_status(step) for step in steps}
        if steps[-1].ok and len(steps) == len(names):
            moved = sum(len(step.moved) for step in steps)
            if not moved:
                return Outcome(label, EXACT, patches=patches)
            return Outcome(label, OFFSET, '{} hunk{} at other lines'.format(
                moved, 's' * (moved != 1)), patches)
        bad = steps[-1]
        lenient = self._push(names, _LENIENT)
        if lenient[-1].ok and len(lenient) == len(names):
            patches.update((step.name, _step_status(step))
                           for step in lenient if step.fuzzy)
            return Outcome(label, FUZZ, 'only with fuzz; first refused: ' +
                           _first_bad(bad), patches)
        return Outcome(label, FAILS, 'first refused: ' + _first_bad(bad),
                       patches)

    def _wanted(self, names):
        """*names* without the patches whose flaw the tree has fixed."""
        fixed = probes.fixed(self._clean, names)
        return [name for name in names if name not in fixed]

    def group(self, name):
        """The Outcome of the group *name* with those that it needs."""
        own = [patch for patch in self._context.names
               if group_of(patch) == name]
        there = [patch for patch in own if patch in self.there]
        if there == own:
            return Outcome(name, THERE, 'already there: all {} patches'
                           .format(len(own)), dict.fromkeys(own, THERE))
        seen = probes.look(self._clean, name)
        if seen:
            return Outcome(name, OTHER, 'already there in another form: ' +
                           seen, dict.fromkeys(own, OTHER))
        fixed = probes.fixed(self._clean, own)
        if set(fixed) == set(own):
            return Outcome(name, OTHER, 'already there in another form: ' +
                           fixed[own[0]], dict.fromkeys(own, OTHER))
        outcome = self.apply(name, self._wanted(self._context.select(name)))
        outcome.patches.update(dict.fromkeys(fixed, OTHER))
        if fixed:
            outcome.detail = '; '.join(filter(None, (
                'without {}: {}'.format(', '.join(
                    patch[:4] for patch in sorted(fixed)),
                    next(iter(fixed.values()))), outcome.detail)))
        if there:
            outcome.detail = '; '.join(filter(None, (
                '{} of {} patches are there'.format(len(there), len(own)),
                outcome.detail)))
        return outcome

    def check(self):
        """An Outcome for each group of the series, then one for all those
        together that the tree does not have in another form."""
        present = {group_of(name) for name in self._context.names}
        outcomes = [self.group(group.name) for group in GROUPS
                    if group.name in present]
        taken = [outcome.label for outcome in outcomes
                 if outcome.status != OTHER]
        names = self._wanted([name for name in self._context.names
                              if group_of(name) in taken])
        label = 'all' if len(taken) == len(outcomes) else \
            'all but ' + ', '.join(outcome.label for outcome in outcomes
                                   if outcome.status == OTHER)
        if names and set(names) <= self.there:
            together = Outcome(label, THERE, 'already there',
                               dict.fromkeys(names, THERE))
        elif names:
            together = self.apply(label, names)
        else:
            together = Outcome(label, OTHER, 'nothing is left to apply')
        return outcomes + [together]


def by_patch(outcomes):
    """{patch name: status} out of what Base.check() returned."""
    found = {}
    for outcome in outcomes[:-1]:
        if outcome.status in (THERE, OTHER):
            found.update(outcome.patches)
        else:
            found.update((name, status) for name, status
                         in outcome.patches.items() if status == OTHER)
    found.update(outcomes[-1].patches)
    return found
