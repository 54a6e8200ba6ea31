"""What make clients was asked for."""

import os
from dataclasses import dataclass

from scripts import options
from scripts.base import console
from scripts.dev.clients import definition, sources, surroundings


@dataclass(frozen=True)
class Options:
    """clients: the Clients to run.  stock: whether to run them on the
    unpatched interpreter, too.  complete: True if these are figures to be
    published."""

    clients: tuple
    stock: bool
    complete: bool


def from_env(environ=os.environ):
    """The Options in CLIENTS and CLIENTS_STOCK."""
    known = definition.read_all()
    names = options.CLIENTS.read(environ)
    chosen = tuple(client for name, client in known.items() if name in names)
    stock = options.CLIENTS_STOCK.read(environ)
    there = all(sources.is_there(suite, environ) for client in chosen
                for suite in client.suites)
    return Options(chosen, stock, stock and there)


def check(chosen, variant, ssl):
    """End the program if *chosen* (Options) cannot be run on *variant*
    (Variant) with *ssl* (sslprefix.OpenSSL)."""
    if 'pep546' not in variant.groups:
        console.fail('PATCHES leaves out group pep546',
                     'there is no MemoryBIO for the clients: use '
                     '"make clients" with all groups')
    if variant.config != 'default':
        console.fail('CONFIG={}: the wheels are made for CONFIG=default'
                     .format(variant.config), 'leave CONFIG out')
    if chosen.stock and ssl.number >= 0x40000000:
        console.fail('2.7.18 without patches cannot be compiled with {}'
                     .format(ssl.text),
                     'CLIENTS_STOCK=no compares with the wanted figures '
                     'only')
    # Before anything is built.
    for client in chosen.clients:
        surroundings.clock_variables(client)
