"""Which groups apply to which source trees: `make bases`.

The pinned source, Debian's fully patched one, and the tree that BASE names.
Everything is done in copies.
"""

import json

from rich.markup import escape
from rich.table import Table

from scripts.base import console, paths
from scripts.dev import terminal
from scripts.dev.lint import workshop
from scripts.dev.package import basecheck, basetrees

_COLOURS = {basecheck.FUZZ: 'bold red', basecheck.FAILS: 'bold red',
            basecheck.THERE: 'cyan', basecheck.OTHER: 'cyan'}
_WORDS = {basecheck.EXACT: 'applies', basecheck.OFFSET: 'applies',
          basecheck.THERE: '', basecheck.OTHER: '',
          basecheck.FUZZ: 'DOES NOT APPLY', basecheck.FAILS: 'DOES NOT APPLY'}

RESULTS = paths.BUILD / 'bases.json'


def cell(outcome):
    """The table's text for an Outcome."""
    detail = outcome.detail
    if outcome.status == basecheck.EXACT:
        detail = 'no fuzz, no offset'
    elif outcome.status == basecheck.OFFSET:
        detail = 'no fuzz, ' + detail
    text = ': '.join(filter(None, (_WORDS[outcome.status], detail)))
    return '[{}]{}[/]'.format(_COLOURS.get(outcome.status, 'green'),
                              escape(text))


def report(results, out):
    """Print the table of *results*, a list of (label, outcomes).  Returns
    the number of Outcomes that are not good."""
    for label, outcomes in results:
        table = Table(title=escape(label), title_justify='left')
        table.add_column('group', no_wrap=True)
        table.add_column('result', overflow='fold')
        for outcome in outcomes:
            table.add_row(outcome.label, cell(outcome))
        out.print(table)
    return sum(not outcome.good for _, outcomes in results
               for outcome in outcomes)


def as_json(results):
    """*results* for programs (str)."""
    return json.dumps({
        label: [{'groups': outcome.label, 'status': outcome.status,
                 'detail': outcome.detail, 'patches': outcome.patches}
                for outcome in outcomes]
        for label, outcomes in results}, indent=1) + '\n'


def check_all(context, given):
    """[(label, outcomes)] for every base; *given* as basetrees.given()
    returns it."""
    trees = [(basetrees.PRISTINE, lambda: context.pristine),
             (basetrees.DEBIAN, lambda: basetrees.need_debian(context))]
    if given:
        trees.append((given[0], lambda: given[1]))
    results = []
    for label, source in trees:
        console.step('Applying the groups to {}'.format(label))
        base = basecheck.Base(context, label, source())
        results.append((label, base.check()))
        base.close()
    return results


def main():
    given = basetrees.given()
    if given:
        note = basetrees.unapplied_series(given[1])
        if note:
            console.note(note)
    with workshop.opened('bases') as context:
        results = check_all(context, given)
    RESULTS.write_text(as_json(results))
    out = terminal.output(100)
    bad = report(results, out)
    out.print('{}; results: {}'.format(
        '{} do not apply'.format(bad) if bad else 'everything applies',
        paths.shown(RESULTS)), highlight=False,
        soft_wrap=True)
    return 1 if bad else 0
