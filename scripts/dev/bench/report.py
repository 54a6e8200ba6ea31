"""The table at the end."""

from rich import box
from rich.table import Table
from rich.text import Text

from scripts.dev.bench.results import FLOOR, MET, MISSED, UNJUDGED
from scripts.dev.bench.units import figure_text, ratio_text

_STYLES = {MET: 'green', FLOOR: 'yellow', MISSED: 'bold red',
           UNJUDGED: 'bold yellow', '': ''}
#: What is shown in one column, as it belongs to a few rows only.
_OTHERS = {'memcpy': 'memcpy', 'ctypes': 'ctypes', 'stock': 'stock',
           'plain': 'plain'}


def columns(contenders, results):
    """{key: title} of the contenders that have figures, in their order."""
    used = {key for result in results for key in result.figures}
    return {item.key: item.title for item in contenders
            if item.key in used and item.key not in _OTHERS}


def cell(result, key, spread=False):
    """The figure of contender *key* and, if there is one, its ratio; with
    *spread* half the distance of the quartiles behind."""
    if key not in result.figures:
        return ''
    figure = result.figures[key]
    text = figure_text(figure.median, result.unit)
    shown = figure
    if key in result.ratios:
        shown = result.ratios[key]
        text += '  ' + ratio_text(shown.median)
    if spread and shown.count > 1:
        half = (shown.high - shown.low) / 2
        text += ' ±' + (ratio_text(half) if key in result.ratios
                        else figure_text(half, '')).lstrip('0')
    return text


def others(result):
    """The figures that have no column of their own."""
    return ', '.join(name + ' ' + cell(result, key).split()[0]
                     for key, name in _OTHERS.items()
                     if key in result.figures)


def verdict(result):
    """'met', or what was not and by how much, as a Text."""
    text = ', '.join('{} {}'.format(
        goal.name, UNJUDGED if goal.value is None else
        ratio_text(goal.value)).strip()
                     for goal in result.goals if goal.verdict != MET)
    return Text(': '.join(filter(None, (result.verdict, text))),
                style=_STYLES[result.verdict])


def table(contenders, results, title):
    """A rich Table with one row for each of *results*."""
    found = Table(title=title, title_justify='left', box=box.SIMPLE_HEAD,
                  caption='Behind a figure: its ratio to C, in rows '
                          '"write + read of" to memcpy twice, in those '
                          'of programs to pyOpenSSL or else stock, in '
                          '"SSLSocket", "import" and "pyperformance" to '
                          'stock; "both ways" is one connection to two. '
                          'Medians; ± half the distance of the '
                          'quartiles.',
                  caption_justify='left')
    found.add_column('work', no_wrap=True)
    names = columns(contenders, results)
    for name in names.values():
        found.add_column(name, justify='right', no_wrap=True)
    found.add_column('other', no_wrap=True)
    found.add_column('goal')
    found.add_column('verdict')
    part = None
    for result in results:
        if part not in (None, result.part):
            found.add_section()
        part = result.part
        found.add_row(
            '{} [{}]'.format(result.name, result.unit).replace('[', '\\['),
            *[cell(result, key, spread=key in ('patched', 'socket'))
              for key in names], others(result),
            ', '.join(filter(None, (goal.text for goal in result.goals))),
            verdict(result))
    return found


def busy(results):
    """True if the machine had no two CPUs for the rows on threads."""
    return any(result.facts.get('busy') for result in results
               if result.part == 'threads')


def summary(results):
    """One line: how many goals were met."""
    verdicts = [goal.verdict for result in results for goal in result.goals]
    return '{} goals: '.format(len(verdicts)) + ', '.join(
        '{} {}'.format(verdicts.count(name), name)
        for name in (MET, FLOOR, MISSED, UNJUDGED))
