"""The table of make clients: terminal, Markdown and rows of the record."""

from msgspec.structs import asdict
from rich.markup import escape
from rich.table import Table

INTRODUCTION = (
    'Written by `make clients`; [clients.md](clients.md) explains it. '
    'A cell has the number of tests that passed, failed (errors among '
    'them) and were skipped, and of objects that were made. *Drop-in*: the '
    'patched interpreter once more, with a module of docs/examples in place '
    'of packages.')


def figures(passed, failed, skipped, counts):
    """'67 passed, 2 failed; 63 _SSLPipe' (str)."""
    words = ['{} passed'.format(passed)]
    words += ['{} failed'.format(failed)] * bool(failed)
    words += ['{} skipped'.format(skipped)] * bool(skipped)
    return '; '.join([', '.join(words)] + [
        '{} {}'.format(number, name.split(':')[1])
        for name, number in sorted(counts.items())])


def of_run(ran):
    """The cell of *ran* (suites.Ran or None)."""
    return _of_dict(_run_dict(ran))


def _of_dict(run):
    if run is None:
        return 'not run'
    text = figures(run['passed'], run['failed'] + run['errors'],
                   run['skipped'], run['counts'])
    return '{}; {}'.format(text, run['problem']) if run['problem'] else text


def of_dropped(result):
    """The cell of the run with the drop-in."""
    return of_run(result.dropped) if result.dropped else ''


def of_wanted(wanted):
    """The cell of *wanted* (definition.Wanted)."""
    text = figures(wanted.passed, len(wanted.failed), len(wanted.skipped),
                   {})
    if wanted.skip_reasons:
        text += ', reasons to skip: {}'.format(len(wanted.skip_reasons))
    text = '; '.join([text] + [
        'at least {} {}'.format(number, name.split(':')[1])
        for name, number in sorted(wanted.counts.items())])
    return text + ', no worse than stock' * wanted.as_stock


def _result(ok, better, wanted):
    if not ok:
        return 'WORSE'
    return 'ok, better than stock' if better and wanted.as_stock else 'ok'


def terminal(results, title, out):
    """Print what is wrong, and the table.  results: list of
    clients.results.Result."""
    for result, ran, verdict in [(each, *pair) for each in results
                                 for pair in each.judged]:
        where = [result.client.title, result.suite.name]
        if ran is result.dropped:
            where.append(result.client.drop_in.module)
        for problem in verdict.problems[:25]:
            out.print('{}: {}'.format(', '.join(where), problem),
                      markup=False, highlight=False, soft_wrap=True)
        if len(verdict.problems) > 25:
            out.print('and {} more'.format(len(verdict.problems) - 25))
        if not verdict.ok:
            out.print('  the output is in {}'.format(ran.row.log),
                      markup=False, highlight=False, soft_wrap=True)
    table = Table(title=title, title_justify='left')
    for name in ('client', 'suite', 'stock', 'patched', 'drop-in', 'wanted',
                 'result'):
        table.add_column(name)
    before = None
    for result in results:
        if result.client is not before:
            table.add_section()
        text = escape(_result(result.ok, result.verdict.better,
                              result.suite.wanted))
        table.add_row(
            escape(result.client.title) if result.client is not before
            else '', escape(result.suite.name), escape(of_run(result.stock)),
            escape(of_run(result.patched)),
            escape(of_dropped(result)),
            escape(of_wanted(result.suite.wanted)),
            '[green]{}[/]'.format(text) if result.ok
            else '[bold red]{}[/]'.format(text))
        before = result.client
    out.print(table)


def _cell(text):
    return str(text).replace('|', '\\|').replace('\n', ' ')


def _table(heads, rows):
    return ['| {} |'.format(' | '.join(heads)), '|' + '---|' * len(heads)] + [
        '| {} |'.format(' | '.join(map(_cell, row))) for row in rows] + ['']


def _reasons(ran, which):
    """Rows (client, suite, test, reason) of the dict that *which* takes out
    of a suite."""
    return [(client.title, suite.name, '`{}`'.format(test), reason)
            for client, suite, _ in ran
            for test, reason in which(suite).items()]


def markdown(rows, clients, facts):
    """The document (str).  rows: as_rows(), of one run or several.  clients:
    {name: definition.Client}.  facts: {what: text}, about the run."""
    ran = [(client, suite, each) for name, client in clients.items()
           for suite in client.suites
           for each in rows.get(name, {}).get('suites', ())
           if each['suite'] == suite.name]
    text = ['# Results of the clients', '', INTRODUCTION, '']
    text += ['- {}: {}'.format(*item) for item in facts.items()] + ['']
    text += _table(
        ('client', 'suite', 'stock 2.7.18', 'patched', 'drop-in', 'wanted',
         'result'),
        [(client.title, suite.name, _of_dict(each['stock']),
          _of_dict(each['patched']),
          _of_dict(each['drop_in']) if each['drop_in'] else '',
          of_wanted(suite.wanted),
          _result(each['ok'], each['better_than_stock'], suite.wanted))
         for client, suite, each in ran])
    for title, which in (
            ('Tests that fail or are skipped with the drop-in', lambda suite:
             {**suite.drop_in.failed, **suite.drop_in.skipped}
             if suite.drop_in else {}),
            ('Tests that may fail', lambda suite: suite.wanted.failed),
            ('Tests that may be skipped', lambda suite: {
                **suite.wanted.skipped, **{
                    'because: ' + text: 'what the test itself says'
                    for text in suite.wanted.skip_reasons}}),
            ('Tests that are left out', lambda suite: suite.left_out)):
        reasons = _reasons(ran, which)
        if reasons:
            text += ['## ' + title, ''] + _table(
                ('client', 'suite', 'test', 'reason'), reasons)
    better = [(client.title, suite.name, '`{}`'.format(test), {
                   **each['stock']['failures'],
                   **each['stock']['skips']}.get(test, ''))
              for client, suite, each in ran if suite.wanted.as_stock
              for test in each['better_than_stock']]
    if better:
        text += ['## Better than stock', ''] + _table(
            ('client', 'suite', 'test', 'what it says on stock'), better)
    return '\n'.join(text)


def _run_dict(ran):
    if ran is None:
        return None
    values = dict(ran.row.as_dict(), counts=ran.counts)
    return {name: values[name] for name in (
        'tests', 'passed', 'failed', 'errors', 'skipped', 'problem',
        'seconds', 'counts', 'failures', 'skips')}


def as_rows(results):
    """{client: what its suites came to}, for the record of the proof."""
    found = {}
    for result in results:
        found.setdefault(result.client.name, []).append({
            'suite': result.suite.name, 'ok': result.ok,
            'problems': [problem for _, verdict in result.judged
                         for problem in verdict.problems],
            'better_than_stock': result.verdict.better,
            'wanted': asdict(result.suite.wanted),
            'stock': _run_dict(result.stock),
            'patched': _run_dict(result.patched),
            'drop_in': _run_dict(result.dropped)})
    return {result.client.name: {
        'ok': all(suite['ok'] for suite in found[result.client.name]),
        'seconds': round(sum(
            run['seconds'] for suite in found[result.client.name]
            for run in (suite['stock'], suite['patched'], suite['drop_in'])
            if run), 1),
        'version': result.client.version,
        'suites': found[result.client.name]} for result in results}
