"""What callgrind counted as a page of Markdown."""

from scripts.dev.bench.callgrind import EVENTS
from scripts.dev.bench.units import figure_text

NAME = 'instructions.md'
_INTRODUCTION = """\
# Instructions, misses of the caches and mispredicted branches

`make bench BENCH=instructions`, {label}, on {cpu}, of one
message or one pair of connections. I1 and D1 are the first-level caches for
instructions and data, as valgrind simulates them.
"""


def markdown(record):
    """The page (str) of *record* (record.Record)."""
    lines = [_INTRODUCTION.format(label=record.label,
                                  cpu=record.machine['cpu'])]
    heads = ['work: where', 'contender', *EVENTS]
    lines += ['| {} |'.format(' | '.join(heads)), '|---' * len(heads) + '|']
    for row in record.rows['instructions']['results']:
        for key, counts in row['facts']['events'].items():
            lines.append('| {} |'.format(' | '.join(
                [row['name'], record.tools['contenders'][key]['title'],
                 *[figure_text(counts[figure], '') for figure in EVENTS]])))
    return '\n'.join(lines) + '\n'
