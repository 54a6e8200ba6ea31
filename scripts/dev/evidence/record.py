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
        return why_stale(self, current(self.proof))

    @property
    def label(self):
        """What has to stand next to its figures (str)."""
        return 'series {}, {}'.format(self.series, self.date[:10])

    def write(self, path):
        """Write it to *path* (Path), with files of the checkout by their
        place in it: it may be published."""
        text = json.dumps(asdict(self)).replace(
            json.dumps(str(paths.ROOT) + '/')[1:-1], '')
        files.write_json(path, json.loads(text))
        return path


def current(proof, names=None, root=paths.ROOT):
    """(series id, tests id) of the checkout *root* (Path) as it is.  names:
    of the patches, all by default."""
    if names is None:
        names = tree.select(ALL_GROUPS)
    folder, about = root / 'patches', proofs.ALL[proof]
    tests = identity.tests(about.tests, root)
    if about.product:
        tests = '{} {}'.format(identity.product(names, folder), tests)
    return identity.series(names, folder), tests


def why_stale(record, now):
    """Why *record* (or None) does not tell of the state *now* (as of
    current()), '' if it does."""
    if record is None:
        return 'there is no record'
    if record.series != now[0] and not proofs.ALL[record.proof].product:
        return 'series {}, now {}'.format(record.series, now[0])
    if record.tests != now[1]:
        return 'other tests, of {}'.format(record.tests)
    # Parts may be newer than the record.
    missing = [name for name in proofs.ALL[record.proof].rows
               if name not in record.rows]
    if missing or not record.complete:
        return ' '.join(['parts are missing'] + missing)
    return ''


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


def published_file(proof, root=paths.ROOT):
    """Where the published record of *proof* is, or would be (Path)."""
    return root / 'docs' / 'evidence' / (proof + '.json')


def own_file(proof, variant=None, kind=''):
    """Where a record of *variant* (the default one) is (Path).  kind: '',
    'parts' or 'limited'."""
    return FOLDER / (variant or Variant()).name / kind / (proof + '.json')


def best(proof):
    """The Record to be shown: a complete one of the checkout as it is, else
    the published one.  None if there is neither."""
    own = read(own_file(proof))
    known = read(published_file(proof))
    if own and not own.stale and (
            known is None or known.stale or own.date > known.date):
        return own
    return known


def publish(record):
    """Take *record* (Record) to docs/evidence, where the site reads it."""
    record.write(published_file(record.proof))


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
        self.series, self.tests = current(
            self.proof, tree.select(self.variant.groups))
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
        made = Record(
            self.proof, self.series, self.tests, self.tools, self.machine,
            self.machine['date'], True, dict(rows),
            round(time.monotonic() - self.begin, 1), complete)
        whole, some, limited = (own_file(self.proof, self.variant, kind)
                                for kind in ('', 'parts', 'limited'))
        if complete and proofs.ALL[self.proof].parts:
            self._add(made, read(some))
            self._add(made, read(whole))
            if self.variant == Variant():
                self._add(made, read(published_file(self.proof)))
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
