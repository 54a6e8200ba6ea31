"""make clients: real software on the patched interpreter, by its own tests.

docs/clients.md explains it.  Options by variable: CLIENTS, CLIENTS_STOCK.
"""

import dataclasses
import os
import time

from scripts.base import console, files, locking, paths
from scripts.build import interpreter, sslprefix
from scripts.build.variant import Variant
from scripts.dev import terminal
from scripts.dev.clients import (
    definition,
    packages,
    report,
    request,
    results,
    sources,
    suites,
    verdict,
)
from scripts.dev.evidence import record
from scripts.source import tree

DOCS = paths.ROOT / 'docs'


def run_client(client, variant, stock):
    """Install and run *client* on both.  stock: Variant or None.
    Yields results.Result."""
    sides = [variant] + [stock] * bool(stock)
    for side in sides:
        packages.ensure(client, side)
    dropped = client.with_drop_in() if client.drop_in else None
    if dropped:
        packages.ensure(dropped, variant)
    for suite in client.suites:
        if not sources.is_there(suite):
            console.note('{}: not run; {}= is to name a clone of {}'.format(
                suite.name, suite.checkout.variable,
                suite.checkout.repository))
            continue
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


def main():
    chosen = request.from_env()
    variant = Variant.from_env()
    ssl = sslprefix.inspect(variant.openssl)
    request.check(chosen, variant, ssl)
    interpreter.ensure(variant)
    taking = record.Taking('clients', variant)
    stock = None
    if chosen.stock:
        stock = dataclasses.replace(variant, groups=())
        interpreter.ensure(stock)
    found, start = [], time.monotonic()
    with locking.lock(variant.root / 'clients.lock'):
        for number, client in enumerate(chosen.clients, 1):
            console.step('[{}/{}] {}: {}'.format(
                number, len(chosen.clients), client.title, client.about))
            found += run_client(client, variant, stock)
        known = definition.read_all()
        made = taking.write(report.as_rows(found), chosen.complete, known)
        facts = {'measured': made.label, 'built with': ssl.text,
                 'machine': os.uname().machine,
                 'groups': ' '.join(name for name in variant.groups
                                    if tree.has_patches(variant, name))}
        # What is published is of the interpreter that plain "make" builds.
        folder = variant.root
        if made.complete and variant == Variant():
            record.publish(made)
            folder = DOCS
        page = folder / 'clients-results.md'
        files.write(page, report.markdown(made.rows, known, facts))
    print()
    report.terminal(found, '{}, {}'.format(variant.name, ssl.text),
                    terminal.output(130))
    console.note('ran for {}; results: {}, {}, logs: {}'.format(
        console.seconds_text(time.monotonic() - start), paths.shown(page),
        paths.shown(made.path), paths.shown(variant.root / 'clients')))
    print(results.closing_line(found), flush=True)
    return 0 if all(result.ok for result in found) else 1
