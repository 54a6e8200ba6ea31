# -*- coding: utf-8 -*-
"""What fixes have changed in the Python 3 that runs, most of them security's.

Debian and others carry them without another version number, so that only a
look at the behaviour can tell.  Each function returns True if what it is named
after happens.
"""

import ssl
import warnings

import tls


def _wraps(context, **options):
    """Whether wrap_bio() takes these *options*, maybe with a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), **options)
        except ValueError:
            return False
    return True


def client_has_shared_ciphers():
    """A client answers with its own list, before it knows the server's."""
    client = tls.client_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
    return bool(client.shared_ciphers())


def server_takes_a_name():
    """Up to CVE-2026-19553."""
    return _wraps(tls.server_context(), server_side=True,
                  server_hostname='server.test')


def client_needs_no_name():
    """Up to CVE-2026-19553; Debian's fix for 3.11 only warns."""
    return _wraps(tls.client_context(check_hostname=True))


def replaced_context_is_silent():
    """Since CVE-2026-19445: the callback of a context that was replaced
    before the handshake is not called, even while the context is alive."""
    calls = []
    context = tls.server_context()
    context.set_servername_callback(lambda *args: calls.append(args))
    connection = tls.Connection(server=context, server_hostname='server.test')
    connection.server.obj.context = tls.server_context()
    connection.handshake()
    return not calls
