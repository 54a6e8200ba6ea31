"""make clients: real software on the patched interpreter, by its own tests.

docs/clients.md explains it.  Options by variable: CLIENTS, CLIENTS_STOCK.
"""

import dataclasses
import os
import sys
import time

from rich.console import Console

import build
import console
import layout
import locking
import sslprefix
import tree
from clients import options, packages, report, results, suites, verdict

DOCS = layout.ROOT / 'docs'


def run_client(client, variant, stock):
    """Install and run *client* on both.  stock: layout.Variant or None.
    Yields results.Result."""
    sides = [variant] + [stock] * bool(stock)
    for side in sides:
        packages.ensure(client, side)
    dropped = client.with_drop_in() if client.drop_in else None
    if dropped:
        packages.ensure(dropped, variant)
    for suite in client.suites:
        ran = [suites.run(client, suite, side) for side in sides]
        last = suites.run(dropped, suite, variant) if dropped else None
        for one in ran + [last] * bool(last):
            if one.left:
                console.note('{}: left behind, and ended: {}'.format(
                    one.row.name, ', '.join(one.left)))
        before = ran[1] if stock else None
        judged = verdict.judge(suite.wanted, ran[0], before)
        console.note('{}: {} ({}, {})'.format(
            suite.name, report.of_run(ran[0]),
            'ok' if judged.ok else 'WORSE', ', '.join(
                console.seconds_text(one.row.seconds) for one in ran)))
        result = results.Result(client, suite, ran[0], before, judged)
        if dropped:
            result.dropped, result.drop_in = last, verdict.judge(
                suite.drop_in, last, ran[0], 'patched, with the packages')
            console.note('{}, {}: {} ({}, {})'.format(
                suite.name, client.drop_in.module, report.of_run(last),
                'ok' if result.drop_in.ok else 'WORSE',
                console.seconds_text(last.row.seconds)))
        yield result


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
    return 0 if all(result.ok for result in found) else 1


if __name__ == '__main__':
    console.interruptible(main)
