"""How much nearer the public names come to Python 3's."""

import json
import subprocess
from pathlib import Path

from scripts.base import console

PROBE = str(Path(__file__).resolve().with_name('probe.py'))

#: What is looked at, in the order of the table.
PLACES = ('ssl', 'SSLContext', 'SSLObject', 'MemoryBIO', 'SSLSocket', '_ssl')

INTRODUCTION = '''\
The public names (without a leading underscore, and without modules that are
only imported) that Python 3 has and 2.7 has not, in the unpatched 2.7.18, in
the patched one and in each Python 3. `make review PYTHON3S="..."` measures
them, by running `scripts/dev/review/probe.py` in each interpreter; the lists
are in `docs/evidence/conformance.json`. Constants of `ssl` and `_ssl` depend
on the version of OpenSSL, which is named with each interpreter. What the
series does not touch stays missing: it adds PEP 546, not all of Python 3's
`ssl`.
'''


def probe(python, env=None):
    """What the interpreter *python* (path) has: the dict of probe.py."""
    done = subprocess.run([str(python), PROBE], env=env, text=True,
                          capture_output=True)
    if done.returncode:
        console.fail('{} could not be looked at:\n{}'.format(
            python, console_tail(done.stderr)),
            'it needs a Python with ssl; leave it out of PYTHON3S')
    return json.loads(done.stdout)


def console_tail(text, lines=5):
    return '\n'.join(text.strip().splitlines()[-lines:])


def missing(have, wanted):
    """{place: names of *wanted* that *have* lacks}, for two results of
    probe()."""
    return {place: sorted(set(wanted['names'][place]) -
                          set(have['names'][place])) for place in PLACES}


def gained(stock, patched):
    """{place: names that only *patched* has}."""
    return missing(stock, patched)


def _code(names):
    return ', '.join('`{}`'.format(name) for name in names) or 'none'


def _versions(found):
    return sorted(found, key=lambda text: [
        int(part) for part in text.split('.')])


def page(rows):
    """The section on names, Markdown, from the *rows* of the record."""
    stock, patched = rows['stock']['probe'], rows['2.7']['probe']
    others = {version: row['probe'] for version, row in rows.items()
              if version.startswith('3.') and 'probe' in row}
    out = []
    out.append('The unpatched {python} here uses {openssl}, '.format(**stock) +
               'the patched one {openssl}.\n'.format(**patched))
    out.append('| Python 3 | OpenSSL | ' + ' | '.join(
        '`{}`'.format(place) for place in PLACES) + ' |')
    out.append('|---|---|' + '---:|' * len(PLACES))
    for version in _versions(others):
        other = others[version]
        before, after = missing(stock, other), missing(patched, other)
        out.append('| {} | {} | {} |'.format(
            other['python'], other['openssl'], ' | '.join(
                '{} → {}'.format(len(before[place]), len(after[place]))
                for place in PLACES)))
    out.append('\nEach cell: names that this Python 3 has and the unpatched '
               '2.7.18 lacks → those that the patched one still lacks.\n')
    out.append('### What the series adds\n')
    added = gained(stock, patched)
    out += ['- `{}`: {}'.format(place, _code(added[place]))
            for place in PLACES]
    lost = gained(patched, stock)
    out.append('\nTaken away: ' + ('; '.join(
        '`{}`: {}'.format(place, _code(lost[place]))
        for place in PLACES if lost[place]) or 'nothing') + '.\n')
    if not others:
        return '\n'.join(out) + '\n'
    other = others[_versions(others)[-1]]
    out.append('### What is still missing beside {}\n'.format(
        other['python']))
    left = missing(patched, other)
    out += ['- `{}`: {}'.format(place, _code(left[place]))
            for place in PLACES]
    return '\n'.join(out) + '\n'
