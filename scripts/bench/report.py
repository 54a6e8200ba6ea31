"""The table at the end."""

from rich import box
from rich.table import Table
from rich.text import Text

from bench.results import FLOOR, MET, MISSED
from bench.units import figure_text, ratio_text

_STYLES = {MET: 'green', FLOOR: 'yellow', MISSED: 'bold red', '': ''}
#: Columns that exist for some rows only: key to title.
_EXTRA = {'memcpy': 'memcpy twice', 'ctypes': 'by ctypes'}


def columns(contenders, results):
    """{key: title} of the contenders that have figures, in their order."""
    used = {key for result in results for key in result.figures}
    titles = {item.key: item.title for item in contenders}
    titles.update(_EXTRA)
    return {key: title for key, title in titles.items() if key in used}


def cell(result, key, spread=False):
    """The figure of contender *key* and, if there is one, its ratio."""
    if key not in result.figures:
        return ''
    text = figure_text(result.figures[key].median, result.unit)
    if key in result.ratios:
        ratio = result.ratios[key]
        text += '  ' + ratio_text(ratio.median)
        if spread:
            text += ' ({}-{})'.format(ratio_text(ratio.low),
                                      ratio_text(ratio.high))
    elif spread and result.figures[key].count > 1:
        figure = result.figures[key]
        text += ' ({}-{})'.format(figure_text(figure.low, result.unit),
                                  figure_text(figure.high, result.unit))
    return text


def verdict(result):
    """'met', or what was not and by how much, as a Text."""
    bad = [goal for goal in result.goals if goal.verdict != MET]
    text = '; '.join('{}: {}'.format(goal.text, ratio_text(goal.value))
                     for goal in bad)
    if text:
        text = ' '.join((result.verdict + ',', text))
    return Text(text or result.verdict, style=_STYLES[result.verdict])


def table(contenders, results, title):
    """A rich Table with one row for each of *results*."""
    found = Table(title=title, title_justify='left', box=box.SIMPLE_HEAD,
                  caption='after a figure: its ratio to the first column '
                          'of the row, median (quartiles)',
                  caption_justify='left')
    found.add_column('work')
    names = columns(contenders, results)
    for key, name in names.items():
        found.add_column(name, justify='right')
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
              for key in names],
            ', '.join(goal.text for goal in result.goals), verdict(result))
    return found


def summary(results):
    """One line: how many goals were met."""
    verdicts = [goal.verdict for result in results for goal in result.goals]
    return '{} goals: {} met, {} above the floor, {} missed'.format(
        len(verdicts), *[verdicts.count(name)
                         for name in (MET, FLOOR, MISSED)])
