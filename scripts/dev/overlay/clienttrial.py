"""trollius' own tests, which "make clients" runs on the built interpreter, on
one that has an overlay."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.build import interpreter
from scripts.build.variant import Variant
from scripts.dev.clients import definition, packages, suites, verdict

CLIENT, SUITE = 'trollius', 'ssl'


@dataclass(frozen=True)
class Existing:
    """An interpreter (python, Path) with an overlay of *groups* (names), as
    far as suites.run() asks for a Variant.  root: a folder (Path)."""

    python: Path
    groups: tuple
    root: Path
    config: str = 'default'
    openssl: str = ''


def run(title, python, groups, folder):
    """A Row of the suite; *python* (Path) and *groups* as Existing has them,
    *folder* (Path) is for packages and logs."""
    client = definition.read(definition.FOLDER / (CLIENT + '.json'))
    suite, = [suite for suite in client.suites if suite.name == SUITE]
    # Its pip installs them for all: Debian's python2.7 has none.
    source, target = Variant(), Existing(python, groups, folder)
    interpreter.ensure(source)
    packages.ensure(client, source)
    where = packages.folder(client, target)
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(packages.folder(client, source), where,
                    ignore=shutil.ignore_patterns('logs', 'work', 'tmp'))
    return judged('{}: {}, {}'.format(title, client.title, suite.name),
                  suite, suites.run(client, suite, target))


def judged(name, suite, ran):
    """The Row called *name* of *ran* (suites.Ran) of *suite*: what may fail
    there does not count."""
    found = verdict.judge(suite.wanted, ran)
    row = ran.row
    row.name, row.known = name, set(found.expected)
    row.problem = row.problem or '; '.join(found.others)
    return row
