"""The figures as SVG, drawn from the record of the proof."""

import matplotlib

matplotlib.use('svg')
from matplotlib import pyplot  # noqa: E402

from scripts.dev.bench import goals  # noqa: E402
from scripts.dev.bench.units import size_text  # noqa: E402

_COLOURS = {'c': '#444444', 'patched': '#d62728', 'pyopenssl': '#9467bd',
            'socket': '#2ca02c', 'without': '#e7969c', 'stock': '#8c564b',
            'stock-pyopenssl': '#c5b0d5', 'memcpy': '#999999',
            'ctypes': '#cccccc', 'plain': '#999999'}
_MORE = ('#1f77b4', '#17becf', '#ff7f0e', '#bcbd22', '#e377c2')
_EXTRA = {'memcpy': 'memcpy twice', 'ctypes': 'memcpy twice, ctypes',
          'plain': 'without TLS'}
_SETTINGS = {'svg.hashsalt': 'bench', 'svg.fonttype': 'none',
             'figure.constrained_layout.use': True, 'font.size': 9,
             'axes.grid': True, 'grid.alpha': 0.3,
             'axes.spines.top': False, 'axes.spines.right': False}


class _Drawing:
    """What *record* (record.Record) needs to be drawn."""

    def __init__(self, record):
        self.record = record
        self.titles = {key: item['title']
                       for key, item in record.tools['contenders'].items()}
        self.titles.update(_EXTRA)
        more = [key for key in self.titles if key not in _COLOURS]
        self.colours = dict(_COLOURS)
        for number, key in enumerate(more):
            self.colours[key] = _MORE[number % len(_MORE)]

    def rows(self, part, *words):
        """The results of *part* whose case has all *words*."""
        found = self.record.rows.get(part, {'results': ()})
        return [row for row in found['results']
                if all(word in row['case'] for word in words)]

    def keys(self, rows, field):
        """The contenders that have *field* in any of *rows*, in order."""
        return [key for key in self.titles
                if any(key in row[field] for row in rows)]

    def lines(self, axes, rows, field, word='size'):
        """A line for each contender: *field* over *word* of the case."""
        for key in self.keys(rows, field):
            points = [(row['case'][word], row[field][key])
                      for row in rows if key in row[field]]
            x = [point[0] for point in points]
            y = [point[1]['median'] for point in points]
            axes.plot(x, y, 'o-', color=self.colours[key], markersize=3,
                      label=self.titles[key], linewidth=1.3)
            axes.fill_between(x, [point[1]['q1'] for point in points],
                              [point[1]['q3'] for point in points],
                              color=self.colours[key], alpha=0.15,
                              linewidth=0)
        sizes = [row['case'][word] for row in rows]
        axes.set_xscale('log', base=2)
        axes.set_xticks(sizes, [size_text(size) for size in sizes],
                        rotation=30)
        axes.minorticks_off()

    def bars(self, axes, rows, field, names):
        """Groups of bars: one group for each row, a bar a contender."""
        keys = self.keys(rows, field)
        width = 0.8 / len(keys)
        for number, key in enumerate(keys):
            found = [(place, row[field][key])
                     for place, row in enumerate(rows) if key in row[field]]
            median = [spread['median'] for _, spread in found]
            axes.bar([place + (number - (len(keys) - 1) / 2) * width
                      for place, _ in found], median, width,
                     color=self.colours[key], label=self.titles[key],
                     yerr=[[max(0, spread['median'] - spread['q1'])
                            for _, spread in found],
                           [max(0, spread['q3'] - spread['median'])
                            for _, spread in found]],
                     error_kw={'elinewidth': 0.8})
        axes.set_xticks(range(len(rows)), names)


def _bulk(drawing, rows):
    versions = sorted({row['case']['version'] for row in rows}, reverse=True)
    figure, panels = pyplot.subplots(1, len(versions), sharey=True,
                                     figsize=(9, 4), squeeze=False)
    for axes, version in zip(panels[0], versions):
        drawing.lines(axes, [row for row in rows
                             if row['case']['version'] == version], 'ratios')
        axes.axhline(1, color=drawing.colours['c'], linewidth=1)
        axes.set_title('bulk transfer, ' + version)
        axes.set_xlabel('message')
        axes.set_ylim(bottom=0)
    panels[0][0].set_ylabel('messages per CPU time, C = 1')
    return figure


def _handshakes(drawing, rows):
    figure, axes = pyplot.subplots(figsize=(10, 4))
    drawing.bars(axes, rows, 'ratios',
                 [row['name'].replace(', ', '\n') for row in rows])
    axes.axhline(1, color=drawing.colours['c'], linewidth=1)
    axes.set_ylabel('handshakes per CPU time, C = 1')
    return figure


def _bio(drawing, rows):
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    for axes, word, label in ((left, 'size', 'written and read'),
                              (right, 'backlog', 'backlog')):
        chosen = [row for row in rows
                  if row['case'].get('operation') == (
                      None if word == 'size' else 'writes')]
        drawing.lines(axes, chosen, 'figures', word)
        axes.set_yscale('log')
        axes.set_xlabel(label)
        axes.set_ylabel('µs of CPU time')
    left.set_title('write + read')
    right.set_title('write of 1 KiB behind a backlog')
    return figure


def _sslsocket(drawing, rows):
    figure, axes = pyplot.subplots(figsize=(8, 4))
    places = range(len(rows))
    spreads = [row['ratios']['socket'] for row in rows]
    median = [spread['median'] for spread in spreads]
    axes.errorbar(places, median, fmt='o', color=drawing.colours['socket'],
                  yerr=[[spread['median'] - spread['q1']
                         for spread in spreads],
                        [spread['q3'] - spread['median']
                         for spread in spreads]], capsize=4)
    axes.axhline(1, color='black', linewidth=0.8)
    axes.axhline(goals.SOCKET_OF_STOCK, color='red', linewidth=0.8,
                 linestyle='--')
    axes.set_xticks(places, [row['name'].split(', ')[1] for row in rows])
    axes.set_ylabel('SSLSocket, patched to stock')
    return figure


def _threads(drawing, rows):
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(10, 4), sharey=True, width_ratios=(1, 2))
    drawing.bars(left, [row for row in rows if 'key' in row['case']],
                 'figures', [row['name'].split(', ')[1].replace(' ', '\n', 1)
                             for row in rows if 'key' in row['case']])
    drawing.lines(right, [row for row in rows if 'size' in row['case']],
                  'figures')
    for axes in (left, right):
        axes.axhline(1, color='black', linewidth=0.8)
    left.set_ylabel('two threads to one, wall clock')
    right.set_xlabel('message')
    right.set_title('above the line, a second thread helps')
    return figure


def _panels(drawing, rows):
    """A panel of bars for each of *rows*: their units differ, or they are
    too far apart for one axis."""
    figure, panels = pyplot.subplots(1, len(rows), squeeze=False,
                                     figsize=(2.1 * len(rows), 3.4))
    for axes, row in zip(panels[0], rows):
        drawing.bars(axes, [row], 'figures', [''])
        axes.set_title('{}\n{}'.format(row['name'], row['unit'].replace(
            'us', 'µs')), fontsize=8)
    return figure


def _fairness(drawing, rows):
    figure, axes = pyplot.subplots(figsize=(10, 4))
    drawing.bars(axes, rows, 'figures',
                 [row['name'].split(', ')[1].replace(' written ', '\n')
                  for row in rows])
    axes.set_ylabel('longest wait of a second thread, ms')
    axes.legend()
    return figure


def _memory(drawing, rows):
    figure = _panels(drawing, rows)
    figure.suptitle('RSS of a pair of connections')
    return figure


def _echo(drawing, rows):
    rows = [row for row in rows if 'figure' in row['case']]
    figure = _panels(drawing, rows)
    figure.suptitle('echo server, {:,} connections'.format(
        rows[0]['case']['connections']))
    return figure


def _programs(drawing, rows):
    figures = list(dict.fromkeys(row['case']['figure'] for row in rows))
    figure, panels = pyplot.subplots(len(figures), 1, squeeze=False,
                                     figsize=(10, 3 * len(figures)))
    for axes, word in zip(panels[:, 0], figures):
        chosen = [row for row in rows if row['case']['figure'] == word]
        drawing.bars(axes, chosen, 'figures', [
            row['name'].split(':')[0].replace(' ', '\n')
            for row in chosen])
        axes.set_ylabel('{}, {}'.format(
            chosen[0]['name'].split(': ')[1],
            chosen[0]['unit'].replace('us', 'µs')))
        if word == 'cpu':
            axes.set_yscale('log')
    return figure


def _startup(drawing, rows):
    figure = _panels(drawing, rows)
    figure.suptitle('import ssl')
    return figure


def _pyperformance(drawing, rows):
    figure, axes = pyplot.subplots(figsize=(12, 4))
    drawing.bars(axes, rows, 'ratios', [
        row['name'].split(', ')[1].replace('_', '\n').replace(' ', '\n')
        for row in rows])
    axes.tick_params(axis='x', labelsize=7)
    axes.axhline(1, color='black', linewidth=0.8)
    axes.set_ylim(0.8, 1.2)
    axes.set_ylabel('loops per CPU time, stock = 1')
    return figure


def _instructions(drawing, rows):
    works = list(dict.fromkeys(row['case']['work'] for row in rows))
    figure, panels = pyplot.subplots(1, len(works), squeeze=False,
                                     figsize=(5 * len(works), 4.5))
    for axes, work in zip(panels[0], works):
        chosen = [row for row in rows if row['case']['work'] == work]
        keys = drawing.keys(chosen, 'figures')
        floor = [0] * len(keys)
        for row in chosen:
            if row['case']['group'] == 'all':
                continue
            values = [row['figures'].get(key, {'median': 0})['median']
                      for key in keys]
            axes.bar(range(len(keys)), values, bottom=floor,
                     label=row['case']['group'])
            floor = [one + two for one, two in zip(floor, values)]
        axes.set_xticks(range(len(keys)),
                        [drawing.titles[key].replace(' ', '\n')
                         for key in keys])
        axes.set_title('instructions, ' + work)
    return figure


def _legend(figure):
    """One legend for all of *figure*, below it."""
    known = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            known.setdefault(label, handle)
    if known:
        figure.legend(known.values(), known, loc='outside lower center',
                      ncols=len(known))


_DRAW = {'bulk': _bulk, 'handshakes': _handshakes, 'bio': _bio,
         'sslsocket': _sslsocket, 'threads': _threads, 'fairness': _fairness,
         'memory': _memory,
         'echo': _echo, 'programs': _programs, 'startup': _startup,
         'pyperformance': _pyperformance,
         'instructions': _instructions}


def draw(record, folder):
    """Draw the results in *record* (record.Record) as SVG files in *folder*
    (Path).  Returns the files' Paths."""
    drawing = _Drawing(record)
    written = []
    with pyplot.rc_context(_SETTINGS):
        for part, function in _DRAW.items():
            rows = drawing.rows(part)
            if not rows:
                continue
            figure = function(drawing, rows)
            _legend(figure)
            target = folder / (part + '.svg')
            figure.savefig(target, metadata={
                'Date': None, 'Creator': 'make bench, ' +
                record.label})
            pyplot.close(figure)
            written.append(target)
    return written
