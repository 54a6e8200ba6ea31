"""make clients: real software on the patched interpreter, by its own tests.

docs/clients.md explains it.  Options by variable: CLIENTS, CLIENTS_STOCK.
"""

import dataclasses
import os
import sys
import time

from rich.console import Console

from scripts.build import interpreter as build
from scripts.base import console
from scripts.build import variant as layout
from scripts.base import locking
from scripts.build import sslprefix
from scripts.source import tree
from scripts.dev.clients import (
    options, packages, report, results, suites, verdict)

DOCS = layout.ROOT / 'docs'


def run_client(client, variant, stock):
    """Install and run *client* on both.  stock: layout.Variant or None.
    Yields results.Result."""
    sides = [variant] + [stock] * bool(stock)
    for side in sides:
        packages.ensure(client, side)
    for suite in client.suites:
        ran = [suites.run(client, suite, side) for side in sides]
        for one in ran:
            if one.left:
                console.note('{}: left behind, and ended: {}'.format(
                    one.row.name, ', '.join(one.left)))
        before = ran[1] if stock else None
        judged = verdict.judge(suite.wanted, ran[0], before)
        console.note('{}: {} ({}, {})'.format(
            suite.name, report.of_run(ran[0]),
            'ok' if judged.ok else 'WORSE', ', '.join(
                console.seconds_text(one.row.seconds) for one in ran)))
        yield results.Result(client, suite, ran[0], before, judged)


def write(found, facts, folder, full):
    """Write the JSON, *full* or not, and the document into *folder*
    (Path)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
            ('clients-results.json', report.as_json(found, facts, full)),
            ('clients-results.md', report.markdown(found, facts))):
        part = folder / (name + '.part')
        part.write_text(text)
        part.replace(folder / name)


def main():
    chosen = options.from_env()
    variant = layout.Variant.from_env()
    ssl = sslprefix.inspect(variant.openssl)
    options.check(chosen, variant, ssl)
    build.ensure(variant)
    stock = None
    if chosen.stock:
        stock = dataclasses.replace(variant, groups=())
        build.ensure(stock)
    found, start = [], time.monotonic()
    with locking.lock(variant.root / 'clients.lock'):
        for number, client in enumerate(chosen.clients, 1):
            console.step('[{}/{}] {}: {}'.format(
                number, len(chosen.clients), client.title, client.about))
            found += run_client(client, variant, stock)
        facts = {'built with': ssl.text, 'machine': os.uname().machine,
                 'groups': ' '.join(name for name in variant.groups
                                    if tree.has_patches(variant, name))}
        write(found, facts, variant.root, full=True)
        # What is published is of the interpreter that plain "make" builds.
        complete = chosen.complete and variant == layout.Variant()
        if complete:
            write(found, facts, DOCS, full=False)
    print()
    report.terminal(found, '{}, {}'.format(variant.name, ssl.text), Console(
        width=None if sys.stdout.isatty() else 130))
    console.note('ran for {}; results: {}, logs: {}'.format(
        console.seconds_text(time.monotonic() - start),
        os.path.relpath((DOCS if complete else variant.root)
                        / 'clients-results.json', layout.ROOT),
        os.path.relpath(variant.root / 'clients', layout.ROOT)))
    print(results.closing_line(found), flush=True)
    return 0 if all(result.verdict.ok for result in found) else 1


if __name__ == '__main__':
    console.interruptible(main)
