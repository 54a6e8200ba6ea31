"""The tables of the matrix: terminal, Markdown and HTML."""

import html
import re
import textwrap

from rich.markup import escape
from rich.table import Table

from scripts.dev.matrix import plan

_SHOWN = 10         # problems of a run on the terminal, all are in its file
_LONGEST = 300      # characters of one of them

_CSS = '''\
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 72rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { border: 1px solid #c8ccd1; padding: .3rem .7rem; text-align: left;
  vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.bad { background: #ffe3e0; font-weight: 600; }
th { background: #f1f3f5; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8eb; background: #15181c; }
  th { background: #23282e; } th, td { border-color: #444b54; }
  td.bad { background: #5c1f1a; } }
'''


def _number(result):
    """What to sort by: the version of OpenSSL as a tuple."""
    match = re.search(r'(\d+)\.(\d+)\.(\d+)([a-z]*)', result.openssl)
    return (0,) if not match else tuple(map(int, match.groups()[:3])) + (
        match[4],)


def short(result):
    """'3.0.19' or 'LibreSSL 4.3.2', or what was asked for where nothing was
    built."""
    words = result.openssl.split()
    if len(words) < 2:
        return result.version
    return words[1] if words[0] == 'OpenSSL' else ' '.join(words[:2])


def counts(suite):
    """'run/failed/skipped' of one suite (dict)."""
    return '{} / {} / {}'.format(suite['tests'] - suite['skipped'],
                                 suite['failed'], suite['skipped'])


def total(result):
    return {name: sum(suite[name] for suite in result.suites)
            for name in ('tests', 'failed', 'skipped')}


def _names(result):
    if result.names is None:
        return ''
    return '{known} / {wrong} / {missing}'.format(**result.names)


def by_section(results):
    """[(Section, [Result, ...] by version), ...] in the plan's order."""
    found = []
    for section in plan.STANDARD + plan.EXTRA:
        group = sorted((result for result in results
                        if result.section == section.name), key=_number)
        if group:
            found.append((section, group))
    return found


def lines(section, group):
    """The lines of the table of one section: a list of (title, cells), a
    cell being a (text, bad) for each Result of *group*."""
    found = []
    if section.full:
        found.append(('warnings in _ssl.c and _hashopenssl.c', [
            ('', False) if result.warnings is None else
            (str(len(result.warnings)), bool(result.warnings))
            for result in group]))
        found.append(('names of errors: known / wrong / missing', [
            (_names(result), bool(result.names and (
                result.names['wrong'] or result.names['missing'])))
            for result in group]))
    names = []
    for result in group:
        names += [suite['name'] for suite in result.suites
                  if suite['name'] not in names]
    for name in names:
        cells = []
        for result in group:
            suite = next((suite for suite in result.suites
                          if suite['name'] == name), None)
            cells.append(('not run', True) if suite is None else
                         (counts(suite), bool(suite['failed'])))
        found.append((name, cells))
    found.append(('all', [(counts(total(result)), not result.ok)
                          for result in group]))
    found.append(('result', [('ok' if result.ok else 'FAILED',
                              not result.ok) for result in group]))
    return found


def _versions(results):
    """[(number, what short() says), ...] of all libraries, in order."""
    return sorted({(_number(result), short(result)) for result in results})


def overview(results):
    """(heads, rows) of the table above the others: a row for each section, a
    cell, (text, bad), for each library; '' where it was not to be run."""
    rows = []
    versions = [version for _, version in _versions(results)]
    for section, group in by_section(results):
        cells = {short(result): (
            '{:,} ok'.format(total(result)['tests'] -
                             total(result)['skipped']) if result.ok else
            '{} failed'.format(total(result)['failed'] or 'run'),
            not result.ok) for result in group}
        rows.append((section.title, [cells.get(version, ('', False))
                                     for version in versions]))
    return [''] + versions, rows


def terminal(results, out):
    """Print one table: each section, with all modules for the first."""
    groups = by_section(results)
    versions = _versions(results)
    table = Table(title='tests: run / failed / skipped', title_justify='left')
    table.add_column('', no_wrap=False)
    for _, version in versions:
        table.add_column(version, justify='right', no_wrap=True)
    for number, (section, group) in enumerate(groups):
        columns = [next((index for index, result in enumerate(group)
                         if short(result) == version), None)
                   for _, version in versions]
        table.add_section()
        table.add_row('[bold]{}[/]'.format(escape(section.title)))
        shown = lines(section, group)
        for title, cells in shown if number == 0 else shown[-2:]:
            table.add_row('  ' + escape(title), *[
                '' if index is None else
                '[bold red]{}[/]'.format(cells[index][0])
                if cells[index][1] else cells[index][0]
                for index in columns])
    out.print(table)
    for result in results:
        for problem in result.problems[:_SHOWN]:
            out.print('{}, {}: {}'.format(
                short(result), result.section,
                textwrap.shorten(problem, _LONGEST, placeholder=' ...')),
                markup=False, highlight=False, soft_wrap=True)
        if len(result.problems) > _SHOWN:
            out.print('and {} more, see build/matrix'.format(
                len(result.problems) - _SHOWN))


def _allowed_skips(results, allowed):
    """[(test, where, reason), ...]: the skips that happened and are
    allowed."""
    found = {}
    for result in results:
        for test in result.skips:
            reason = allowed.reason(result.section, short(result), test)
            if reason:
                found.setdefault((test, reason), []).append(
                    (short(result), result.section))
    rows = []
    everywhere = len(results)
    for (test, reason), where in sorted(found.items()):
        sections = sorted({section for _, section in where})
        versions = sorted({version for version, _ in where})
        text = 'everywhere' if len(where) == everywhere else \
            '{}; OpenSSL {}'.format(', '.join(sections), ', '.join(versions))
        rows.append((test, text, reason))
    return rows


def _facts(results, allowed):
    """What both documents say besides the tables: (title, heads, rows)."""
    compilers = sorted({(short(result), result.section, result.compiler)
                        for result in results if result.compiler})
    by_compiler = {}
    for version, section, compiler in compilers:
        by_compiler.setdefault(compiler, []).append(
            '{} ({})'.format(version, section))
    used = sorted({name for result in results
                   for name in result.deprecations or ()})
    where = {name: ', '.join(sorted({
        short(result) for result in results
        if name in (result.deprecations or ())})) for name in used}
    return [
        ('Skipped tests', ('test', 'where', 'reason'),
         _allowed_skips(results, allowed)),
        ('Deprecated functions that _ssl.c calls',
         ('function', 'deprecated in', 'why it is called'),
         [(name, where[name], allowed.deprecations.get(name, 'NOT LISTED'))
          for name in used]),
        ('Compilers', ('compiler', 'OpenSSL (section)'),
         [(name, ', '.join(where)) for name, where
          in sorted(by_compiler.items())]),
    ]


INTRODUCTION = (
    'Written by `make matrix`; what it does is in openssl.md. In the tables '
    'of tests, a cell is: run / failed / skipped.')


def markdown(results, allowed, label):
    """The document for docs/openssl-matrix.md (str)."""
    text = ['# The OpenSSL matrix', '', INTRODUCTION.replace(
        'openssl.md', '[openssl.md](openssl.md)'), '',
        'Measured: {}.'.format(label), '', '## In short', '']
    heads, rows = overview(results)
    text += ['| {} |'.format(' | '.join(heads)),
             '|---|' + '---:|' * (len(heads) - 1)]
    text += ['| {} | {} |'.format(title, ' | '.join(
        '**{}**'.format(cell) if bad else cell for cell, bad in cells))
        for title, cells in rows] + ['']
    for section, group in by_section(results):
        text += ['## ' + section.title[0].upper() + section.title[1:], '',
                 '| | ' + ' | '.join(short(result) for result in group)
                 + ' |', '|---|' + '---:|' * len(group)]
        for title, cells in lines(section, group):
            text.append('| {} | {} |'.format(title, ' | '.join(
                '**{}**'.format(cell) if bad else cell
                for cell, bad in cells)))
        text.append('')
    for title, heads, rows in _facts(results, allowed):
        text += ['## ' + title, '', '| {} |'.format(' | '.join(heads)),
                 '|' + '---|' * len(heads)]
        text += ['| {} |'.format(' | '.join(
            str(cell).replace('|', '\\|') for cell in row)) for row in rows]
        text.append('')
    return '\n'.join(text)


def _html_table(caption, heads, rows):
    text = ['<table>', '<caption>{}</caption>'.format(html.escape(caption)),
            '<thead><tr>{}</tr></thead>'.format(''.join(
                '<th scope="col">{}</th>'.format(html.escape(head))
                for head in heads)), '<tbody>']
    for row in rows:
        cells = ['<th scope="row">{}</th>'.format(html.escape(row[0]))]
        for cell in row[1:]:
            text_, bad, number = cell if isinstance(cell, tuple) else (
                cell, False, False)
            kinds = ' '.join(['number'] * number + ['bad'] * bad)
            cells.append('<td{}>{}</td>'.format(
                ' class="{}"'.format(kinds) if kinds else '',
                html.escape(text_)))
        text.append('<tr>{}</tr>'.format(''.join(cells)))
    return text + ['</tbody>', '</table>']


def document(results, allowed, label):
    """The document for docs/openssl-matrix.html (str)."""
    text = ['<!DOCTYPE html>', '<html lang="en">', '<head>',
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, '
            'initial-scale=1">', '<title>The OpenSSL matrix</title>',
            '<style>', _CSS.rstrip(), '</style>', '</head>', '<body>',
            '<h1>The OpenSSL matrix</h1>',
            '<p>{}</p>'.format(html.escape(INTRODUCTION).replace(
                '`make matrix`', '<code>make matrix</code>').replace(
                'openssl.md', '<a href="openssl.md">openssl.md</a>')),
            '<p>Measured: {}.</p>'.format(html.escape(label))]
    heads, rows = overview(results)
    text += _html_table('In short: tests run', heads, [
        [title] + [(cell, bad, True) for cell, bad in cells]
        for title, cells in rows])
    for section, group in by_section(results):
        text += _html_table(
            section.title, [''] + [short(result) for result in group],
            [[title] + [(cell, bad, True) for cell, bad in cells]
             for title, cells in lines(section, group)])
    for title, heads, rows in _facts(results, allowed):
        text += _html_table(title, heads, rows)
    return '\n'.join(text + ['</body>', '</html>', ''])
