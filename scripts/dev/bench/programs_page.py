"""The rows on whole programs as a page of Markdown."""

from scripts.dev.bench.units import figure_text, ratio_text

NAME = 'programs.md'
_COLUMNS = (('stock', 'stock'), ('stock-pyopenssl', 'stock, pyOpenSSL'),
            ('pyopenssl', 'here, pyOpenSSL'), ('patched', 'here'),
            ('plain', 'without TLS'))
_INTRODUCTION = """\
# Whole programs

`make bench`, {label}, on {cpu}. *Here* is the
patched 2.7.18 on its standard library alone, *stock* the same source without
patches. The ratio, above 1 where *here* is better, is to pyOpenSSL on the
patched 2.7.18, and to stock where there is no pyOpenSSL; of rates and times
it is the median of the rounds.
[performance.md](../performance.md#whole-programs) says how it is measured.
"""


def _row(row):
    figures = row['figures']
    base = 'pyopenssl' if 'pyopenssl' in figures else 'stock'
    ratio = row['ratios']['patched']['median'] if 'patched' in row['ratios'] \
        else figures[base]['median'] / figures['patched']['median']
    cells = [figure_text(figures[key]['median'], row['unit'])
             if key in figures else '' for key, _ in _COLUMNS]
    return [row['name'], row['unit'].replace('us', 'µs'), *cells,
            ratio_text(ratio)]


def markdown(record):
    """The page (str) of *record* (record.Record)."""
    lines = [_INTRODUCTION.format(label=record.label,
                                  cpu=record.machine['cpu'])]
    heads = ['program', 'unit', *[title for _, title in _COLUMNS], 'ratio']
    lines += ['| {} |'.format(' | '.join(heads)), '|---' * len(heads) + '|']
    for part in ('programs', 'startup'):
        for row in record.rows.get(part, {'results': ()})['results']:
            lines.append('| {} |'.format(' | '.join(_row(row))))
    return '\n'.join(lines) + '\n'
