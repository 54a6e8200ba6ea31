"""make evidence: renew what is stale, cheapest first, and publish it.

docs/evidence.md explains it.  Option by variable: EVIDENCE, the proofs to
renew; none only says what there is to do.
"""

import os
from dataclasses import dataclass

from rich.table import Table

from scripts import options
from scripts.base import console, paths
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.evidence import proofs, record


@dataclass(frozen=True)
class Work:
    """What there is to do for one proof.  why: it is stale (str).  seconds:
    what it takes, as the last record has it; 0 if there only is something to
    publish, None if it is not known."""

    proof: proofs.Proof
    why: str
    seconds: float

    @property
    def measured(self):
        return self.seconds == 0

    @property
    def text(self):
        if self.measured:
            return 'measured already'
        return 'not known' if self.seconds is None else \
            console.seconds_text(self.seconds)


def _seconds(found):
    """How long the proof takes that *found* (Record) is of."""
    rows = sum(row.get('seconds', 0) for row in found.rows.values())
    # A run that went on where another one had ended was shorter.
    return max(found.seconds, rows) or None


def outstanding():
    """The Work there is, cheapest first; what is not known comes last."""
    found = []
    for name, proof in proofs.ALL.items():
        now = record.current(name)
        known, own = (record.read(path(name)) for path in (
            record.published_file, record.own_file))
        why = record.why_stale(known, now)
        if why and not record.why_stale(own, now):
            found.append(Work(proof, why, 0))
        elif why:
            before = own or known
            found.append(Work(proof, why, before and _seconds(before)))
    return sorted(found, key=lambda work: (
        work.seconds is None, work.seconds or 0))


def show(work):
    """Say what there is to do."""
    table = Table(title='evidence that is stale', title_justify='left')
    for name in ('proof', 'why', 'command', 'takes'):
        table.add_column(name)
    for one in work:
        table.add_row(one.proof.name, one.why, '' if one.measured else
                      'make ' + ' '.join(one.proof.command), one.text)
    terminal.output().print(table)
    known = [one.seconds for one in work if one.seconds is not None]
    words = [console.seconds_text(sum(known))] * bool(known)
    if len(known) < len(work):
        words.append('an unknown time for {}'.format(
            len(work) - len(known)))
    print('{} of {} proofs are stale; renewing them takes {}'.format(
        len(work), len(proofs.ALL), ' and '.join(words)), flush=True)


def renew(proof, environ=os.environ):
    """Run *proof*; returns whether there is a record to publish now."""
    words = [word for word in proof.command if '=' not in word or
             not environ.get(word.partition('=')[0])]
    try:
        console.run(['make', *words], cwd=paths.ROOT, title=proof.name,
                    log=paths.BUILD / 'logs' / 'evidence-{}.log'.format(
                        proof.name))
    except SystemExit:
        pass        # the record has what is wrong, and may be published
    found = record.read(record.own_file(proof.name))
    return not record.why_stale(found, record.current(proof.name))


def main():
    asked = options.EVIDENCE.read()
    if Variant.from_env() != Variant():
        console.fail('evidence is about what plain "make" builds',
                     'leave CONFIG, PATCHES, OPENSSL, … out')
    work = outstanding()
    if not work:
        print('all evidence is of this series and these tests')
        return 0
    show(work)
    good = True
    for one in work:
        name = one.proof.name
        if not one.measured and name not in asked:
            continue
        console.step(name)
        if not one.measured and not renew(one.proof):
            good = False
            console.note('there is still no complete record of it')
            continue
        found = record.read(record.own_file(name))
        record.publish(found)
        good = good and found.ok
        console.note('{}: {}'.format('ok' if found.ok else 'NOT OK',
                                     found.label))
    return 0 if good else 1
