"""The record of a proof: what every command writes that proves something.

A record is of one run, or of several if the proof is made of parts and they
were about the same.  It is kept below build/evidence/; publish() takes one
to docs/evidence/, where the documents and the site read it.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field

from scripts.base import console, files, paths
from scripts.build import sslprefix
from scripts.build.variant import ALL_GROUPS, Variant
from scripts.dev.evidence import identity, machine, proofs
from scripts.source import tree

FOLDER = paths.BUILD / 'evidence'
PUBLISHED = paths.DOCS / 'evidence'


@dataclass
class Record:
    """proof: its name.  series, tests: ids, as of identity.py.  tools:
    {what: version}.  machine: as machine.describe().  date: when it began,
    'YYYY-MM-DD HH:MM UTC'.  seconds: how long it took.  complete: False for
    a run of some parts, or with options that are not the default ones.  rows:
    {part: dict with at least 'ok'}."""

    proof: str
    series: str
    tests: str
    tools: dict
    machine: dict
    date: str
    ok: bool
    rows: dict
    seconds: float = 0.0
    complete: bool = True
    path = None         # where write() put it

    def about(self):
        """What has to be the same for two records to be about the same."""
        return self.series, self.tests

    @property
    def stale(self):
        """Why this is not about the checkout as it is, '' if it is."""
        now = current(self.proof)
        if self.series != now[0]:
            return 'series {}, now {}'.format(self.series, now[0])
        if self.tests != now[1]:
            return 'other tests, of {}'.format(self.tests)
        return ''

    @property
    def label(self):
        """What has to stand next to its figures (str)."""
        return 'series {}, {}'.format(self.series, self.date[:10])

    def write(self, path):
        files.write_json(path, asdict(self))
        return path


def current(proof, groups=ALL_GROUPS):
    """(series id, tests id) of the checkout as it is."""
    return (identity.series(tree.select(groups)),
            identity.tests(proofs.ALL[proof].tests))


def read(path):
    """The Record in the file *path* (Path), None where there is none."""
    text = files.read(path)
    if not text:
        return None
    try:
        return Record(**json.loads(text))
    except (ValueError, TypeError) as error:
        return console.fail('{}: {}'.format(path, error),
                            'remove it; "make evidence" writes it anew')


def _file(proof):
    return proof + '.json'


def published(proof):
    """The Record in docs/evidence, None if there is none."""
    return read(PUBLISHED / _file(proof))


def best(proof):
    """The Record to be shown: a complete one of the checkout as it is, else
    the published one.  None if there is neither."""
    own = read(FOLDER / Variant().name / _file(proof))
    known = published(proof)
    if own and not own.stale and (
            known is None or known.stale or own.date > known.date):
        return own
    return known


def publish(record):
    """Take *record* (Record) to docs/evidence, where the site reads it."""
    record.write(PUBLISHED / _file(record.proof))


def _compiler(environ):
    lines = subprocess.run(
        sslprefix.compiler(environ) + ['--version'], text=True,
        stdout=subprocess.PIPE).stdout.splitlines()
    return lines[0] if lines else ''


@dataclass
class Taking:
    """A proof that is under way.  proof: its name; variant: what it is
    about.  Make one before the work begins: what is changed meanwhile is not
    what was proved."""

    proof: str
    variant: Variant
    tools: dict = field(default_factory=dict)

    def __post_init__(self):
        self.series, self.tests = current(self.proof, self.variant.groups)
        self.machine = machine.describe()
        self.begin = time.monotonic()
        self.tools = dict({
            'openssl': sslprefix.inspect(self.variant.openssl).text,
            'compiler': _compiler(os.environ),
            'python3': sys.version.split()[0]}, **self.tools)

    def write(self, rows, complete=True, parts=None):
        """Write what came out; returns the Record.

        rows: {part: dict}, each with 'ok'.  complete: False for a run that
        proves less than it could.  parts: all parts there are (str list), if
        the record is complete only with all of them.
        """
        folder = FOLDER / self.variant.name
        made = Record(
            self.proof, self.series, self.tests, self.tools, self.machine,
            self.machine['date'], True, dict(rows),
            round(time.monotonic() - self.begin, 1), complete)
        whole, some, limited = (folder / where / _file(self.proof)
                                for where in ('', 'parts', 'limited'))
        if complete and proofs.ALL[self.proof].parts:
            self._add(made, read(some))
            self._add(made, read(whole))
        if parts:
            made.complete = complete and set(parts) <= set(made.rows)
        made.ok = all(row['ok'] for row in made.rows.values())
        made.path = made.write(whole if made.complete else
                               some if complete else limited)
        if made.complete and some.exists():
            some.unlink()
        return made

    def _add(self, made, before):
        """Add to *made* the parts of *before* (Record or None) that it does
        not have, if they are about the same."""
        if before is None or not proofs.ALL[self.proof].keep and (
                before.about() != made.about() or
                before.tools != made.tools):
            return
        missing = {name: row for name, row in before.rows.items()
                   if name not in made.rows}
        made.seconds += sum(row.get('seconds', 0)
                            for row in missing.values())
        made.rows = {**missing, **made.rows}
