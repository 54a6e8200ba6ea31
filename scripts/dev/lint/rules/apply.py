"""Rules about how the series applies to the pinned source."""

import difflib
import os
import shutil

from scripts.dev.lint.rules.model import Finding, Rule
from scripts.series import walk


def _complaints(step):
    """Messages for what is not exact in *step*, fuzz and rejects only."""
    for text in step.rejected:
        yield ('does not apply without fuzz: {}: apply it by hand, look at '
               'the result, then make refresh'.format(text))
    for text in step.fuzzy:
        yield ('applies with fuzz: {}: apply it by hand, look at the '
               'result, then make refresh'.format(text))


def check_readable(context):
    for name, message in context.unreadable:
        yield Finding(name, message)


def check_pin(context):
    for step in context.steps:
        for message in _complaints(step):
            yield Finding(step.name, message)
        for text in step.moved:
            yield Finding(step.name, 'applies at an offset: {}: run make '
                          'refresh'.format(text))


def selection_findings(context, label, names, source=None, on=''):
    """Findings for *names* applied at zero fuzz to a copy of *source*."""
    if not names:
        return
    tree, steps = context.apply(label, names, source)
    shutil.rmtree(tree)
    for step in steps:
        for message in _complaints(step):
            yield Finding(step.name, on + message)


#: Each has to apply without the other groups.
SELECTIONS = (('compat',), ('security',), ('compat', 'security'),
              ('pep546',), ('compat', 'pep546'), ('hardening',))


def check_groups(context):
    for groups in SELECTIONS:
        names = context.select(*groups)
        yield from selection_findings(
                context, 'only-' + '-'.join(groups), names,
                on='PATCHES={}: '.format(','.join(groups)))


def refreshed(context, label='refresh'):
    """Refresh a copy of every patch.  Yields (name, old, new) in bytes."""
    copies = os.path.join(context.scratch, label + '-patches')
    os.makedirs(copies)
    for name in context.names:
        shutil.copy2(os.path.join(context.patches_dir, name), copies)
    stack = walk.Stack(context.touched_tree(label), copies, context.names)
    for step in stack.walk():
        if not step.ok:
            raise walk.WalkError('{}: {}'.format(
                step.name, '; '.join(step.rejected)))
        stack.refresh()
        yield (step.name,
               walk.read_bytes(os.path.join(context.patches_dir, step.name)),
               walk.read_bytes(os.path.join(copies, step.name)))
    shutil.rmtree(stack.tree)


def check_refresh(context):
    context.need_readable()
    context.need_applied()
    for name, old, new in refreshed(context):
        if old != new:
            diff = list(difflib.unified_diff(
                old.decode('utf-8', 'replace').splitlines(),
                new.decode('utf-8', 'replace').splitlines(),
                'patches/' + name, 'refreshed', n=0, lineterm=''))
            shown = diff[:12] + (['…'] if len(diff) > 12 else [])
            yield Finding(name, 'a refresh changes it: run make refresh\n' +
                          '\n'.join(shown))


RULES = [
    Rule('patch-readable', 'every patch can be parsed', check_readable),
    Rule('apply-pin', 'full series: zero fuzz and zero offset on the pin',
         check_pin),
    Rule('apply-groups', 'each group alone: zero fuzz on the pin',
         check_groups),
    Rule('refresh-stable', 'a refresh gives the same bytes', check_refresh),
]
