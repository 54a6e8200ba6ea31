"""The conformance table: the patched 2.7 beside each Python 3."""

import html
import importlib
import re
import sys

from scripts.base import paths
from scripts.dev.evidence import record

INTRODUCTION = '''\
# Conformance: 2.7 here beside Python 3

`Lib_tests/` runs unchanged on the patched 2.7 and on Python 3. Where a test
has to expect two things it must name an entry of `Lib_tests/differences.py`;
this table is made from that list. A cell says what the patched 2.7 does beside
that Python 3:

- **same**: that version does what 2.7 does here;
- **safer**: 2.7 refuses or keeps what that version loses, skips or crashes on;
- **different**: the language or 2.7's older API asks for it.

What has no row is the same: that is what the tests without a difference
assert. The list is kept for the versions on which `Lib_tests/` is run as the
oracle, 3.9 and later. Older ones differ from those, too: what fails there is
at the end.

'''

MEASURED = '''\
## Measured

`make review PYTHON3S="python3.6 ..."` runs `Lib_tests` with each interpreter,
with a plugin that notes which tests ask for which entry. The results are in
`docs/evidence/conformance.json`. The small figure in a cell of the table above
is the number of tests that asserted the row on that interpreter and passed; a
cell without one was not measured, or its tests do not run there. A test that
fails on a Python 3 shows where that version does otherwise than 2.7 here and
than newer Python 3.

'''


def differences():
    """The module Lib_tests/differences.py."""
    folder = str(paths.ROOT / 'Lib_tests')
    sys.path.append(folder)     # for what it imports
    try:
        return importlib.import_module('differences')
    finally:
        sys.path.remove(folder)


def _grouped(errors):
    """{test without its parameters: [how often, one message]}."""
    found = {}
    for test, message in sorted(errors.items()):
        name = test.split('[')[0]
        count = found.get(name, [0])[0]
        # No path of the machine, and one line of a table.
        message = re.sub(r'(/[\w.+-]+){2,}/', '', message)
        found[name] = [count + 1, message[:160]]
    return found


def summarise(noted):
    """What is kept of *noted*, which recorddiffers.py wrote (dict)."""
    outcomes = noted['outcomes']
    counts = {}
    for outcome in outcomes.values():
        counts[outcome] = counts.get(outcome, 0) + 1
    rows = {}
    for entry, tests in sorted(noted['asked'].items()):
        results = [outcomes.get(test, 'failed') for test in tests]
        rows[entry] = {
            'tests': sorted({test.split('[')[0] for test in tests}),
            'passed': results.count('passed'),
            'failed': results.count('failed')}
    return {
        'python': noted['python'], 'openssl': noted['openssl'],
        'counts': {name: counts.get(name, 0)
                   for name in ('passed', 'failed', 'skipped')},
        'failures': _grouped(noted['errors']),
        'applies': noted['applies'], 'rows': rows}


#: Shown where nothing was measured.
VERSIONS = tuple('3.{}'.format(minor) for minor in range(6, 14))


def verdict(entry, version, run):
    """'same', 'safer' or 'different': 2.7 by *entry* (a Difference) beside
    Python *version* (str); run: its summary, or None.  '' if the version
    does not tell and nothing was measured."""
    if run is not None and entry.id in run['applies']:
        applies = run['applies'][entry.id]
    elif isinstance(entry.first, tuple) or entry.first is None:
        applies = entry.applies_to(
            tuple(int(part) for part in version.split('.')))
    else:
        return ''
    if not applies:
        return 'same'
    return 'safer' if entry.why == 'safer' else 'different'


def _cell(entry, version, run):
    word = verdict(entry, version, run) or 'depends'
    row = run and run['rows'].get(entry.id)
    if row and row['failed']:
        return '<td class="bad">{}, {} failed</td>'.format(
            word, row['failed'])
    return '<td class="{0}">{0}{1}</td>'.format(
        word, '<small>{}</small>'.format(row['passed'])
        if row and row['passed'] else '')


def inline(text):
    """Markdown's code spans and bold in *text*, as HTML."""
    parts = html.escape(text, quote=False).split('`')
    return ''.join('<code>{}</code>'.format(part) if number % 2 else part
                   for number, part in enumerate(parts))


def table(entries, runs):
    """The table in HTML.  runs: {'3.6': summary}, maybe empty."""
    versions = sorted(set(VERSIONS) | set(runs) - {'2.7'},
                      key=lambda text: int(text.split('.')[1]))
    out = ['<div class="wide"><table class="conformance"><thead><tr>'
           '<th scope="col">What</th>']
    out += ['<th scope="col">{}</th>'.format(version)
            for version in versions]
    out.append('<th scope="col">Python 3</th><th scope="col">Here</th>'
               '<th scope="col">Reason</th></tr></thead><tbody>')
    for entry in entries:
        out.append('<tr id="{}"><th scope="row">{}</th>'.format(
            entry.id, inline(entry.what)))
        out += [_cell(entry, version, runs.get(version))
                for version in versions]
        out.append('<td>{}</td><td>{}</td><td><b>{}</b>: {}</td></tr>'.format(
            inline(entry.python3), inline(entry.here), entry.why,
            inline(entry.because)))
    return '\n'.join(out) + '\n</tbody></table></div>'


def _runs_table(runs):
    out = ['| Python | OpenSSL | passed | failed | skipped | measured |',
           '|---|---|---:|---:|---:|---|']
    for version in sorted(runs, key=lambda text: [
            int(part) for part in text.split('.')]):
        run = runs[version]
        name = run['python'] + (', patched' if version == '2.7' else '')
        out.append('| {} | {} | {passed} | {failed} | {skipped} | {} |'.format(
            name, run['openssl'], run['date'] + ', of another state' *
            bool(run['stale']), **run['counts']))
    return '\n'.join(out) + '\n'


def _failures(runs):
    out = []
    for _, run in sorted(runs.items()):
        if not run['failures']:
            continue
        out.append('\n### What fails on {}\n'.format(run['python']))
        out.append('| test | how often | message, of one |\n|---|---:|---|')
        out += ['| `{}` | {} | {} |'.format(
            name, count, '`{}`'.format(message.replace('`', "'").replace(
                '|', '\\|')) if message else '')
            for name, (count, message) in sorted(run['failures'].items())]
    return '\n'.join(out) + '\n'


def runs_of(found):
    """{version: summary} of the Record *found* (or None) of the interpreters
    that have run the tests; stale: True if it is about another state."""
    now = record.current('conformance')
    return {version: dict(row, stale=now != tuple(row['about']))
            for version, row in (found.rows if found else {}).items()
            if 'counts' in row}


def page(entries, found):
    """The page, Markdown.  found: the Record of the proof, or None."""
    runs = runs_of(found)
    text = INTRODUCTION + '```{raw} html\n' + table(entries, runs)
    text += '\n```\n\n' + MEASURED
    return text + (_runs_table(runs) + _failures(runs) if runs else
                   'Nothing has been measured yet.\n')
