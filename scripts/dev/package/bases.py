"""How the patches apply to the source trees of others: `make bases`.

The pinned source and those of scripts/source/trees.json that apt has here,
or those of them that BASES names; with BASE, that tree and no other, and
nothing is fetched: BASES may tell which one of trees.json it is.  Everything
is done in copies.
"""

import json

from rich.markup import escape
from rich.table import Table

from scripts.base import console, paths
from scripts.dev import terminal
from scripts.dev.lint import workshop
from scripts.dev.package import basecheck, basetrees
from scripts.series.groups import PatchName
from scripts.source import debiantree

_COLOURS = {basecheck.REFUSED: 'bold red', basecheck.THERE: 'cyan',
            basecheck.OTHER: 'cyan'}

RESULTS = paths.BUILD / 'bases.json'


def _expected(tree, result):
    """What trees.json says of the patch of *result* (str), '' if it has to
    apply; None if it says nothing of the tree."""
    if tree is None:
        return None
    topic = PatchName.parse(result.name).topic
    return next((status for start, status in tree.apart.items()
                 if topic.startswith(start)), '')


def surprises(tree, results):
    """Those of *results* that are not as trees.json has them for *tree*
    (trees.Tree, or None for one that is not in it, where all that are
    refused are)."""
    found = []
    for result in results:
        expected = _expected(tree, result)
        have = result.status if result in basecheck.apart([result]) else ''
        if expected is None:
            expected = '' if have == basecheck.REFUSED else have
        if have != expected:
            found.append(result)
    return found


def _table(label, results):
    table = Table(title=escape(label), title_justify='left')
    table.add_column('group', no_wrap=True)
    for status in basecheck.STATUSES:
        table.add_column(status, justify='right')
    for group, counts in basecheck.by_group(results).items():
        table.add_row(group, *(
            '[{}]{}[/]'.format(_COLOURS.get(status, 'green'), counts[status])
            if counts[status] else '' for status in basecheck.STATUSES))
    return table


def _lines(results):
    """What is to be said of each patch that is not just applied."""
    for result in basecheck.apart(results):
        yield '[{}]{} {}[/]{}: {}'.format(
            _COLOURS[result.status], result.name, result.status,
            ' because of ' + escape(result.cause) if result.cause else '',
            escape('; '.join(result.detail)))


def report(label, results, out):
    """Print the table of *results*, and a line for each patch that is to
    be left out."""
    out.print(_table(label, results))
    for line in _lines(results):
        out.print(line, highlight=False, soft_wrap=True)


def as_json(found):
    """*found*, {label: list of Result}, for programs (str)."""
    return json.dumps({
        label: {result.name: {
            'status': result.status, 'detail': result.detail,
            'cause': result.cause} for result in results}
        for label, results in found.items()}, indent=1) + '\n'


def _trees(context, given):
    """(label, trees.Tree or None, callable for the folder) of each tree."""
    if given:
        return [(given[0], basetrees.which(), lambda: given[1])]
    return [(basetrees.PRISTINE, None, lambda: context.pristine)] + [
        (basetrees.label(tree), tree,
         lambda tree=tree: basetrees.find(tree, context))
        for tree in basetrees.chosen()]


def check_all(context, given):
    """({label: list of Result}, {label: why it is not there}, number of
    surprises) of all trees; *given* as basetrees.given() returns it."""
    found, missing, bad = {}, {}, 0
    for label, tree, source in _trees(context, given):
        console.step('Applying the patches to {}'.format(label))
        try:
            folder = source()
        except debiantree.TreeError as error:
            missing[label] = str(error)
            continue
        base = basecheck.Base(context, label, folder)
        found[label] = base.check()
        base.close()
        bad += len(surprises(tree, found[label]))
    return found, missing, bad


def _verdict(bad, given):
    if not bad:
        return 'everything applies' if given and not basetrees.which() else \
            'everything is as scripts/source/trees.json says'
    if given and not basetrees.which():
        return '{} do not apply'.format(bad)
    return '{} differ from scripts/source/trees.json'.format(bad)


def main():
    out = terminal.output(100)
    with workshop.opened('bases') as context:
        given = basetrees.given(context.scratch)
        note = basetrees.unapplied_series(given[1]) if given else ''
        if note:
            console.note(note)
        found, missing, bad = check_all(context, given)
    for label, results in found.items():
        report(label, results, out)
    for label, reason in missing.items():
        out.print('{}: not checked: {}'.format(escape(label), escape(
            reason)), highlight=False, soft_wrap=True)
    RESULTS.write_text(as_json(found))
    out.print('{}; results: {}'.format(_verdict(bad, given),
                                       paths.shown(RESULTS)),
              highlight=False, soft_wrap=True)
    return 1 if bad else 0
