"""The TLS contexts of the examples: what a program of today should ask for.

The words "Gotcha N" refer to the list in docs/examples.md.
"""

import ssl


def client_context(cafile=None, protocols=()):
    """A context that verifies certificate and name.  *cafile*: path of the
    authorities to trust, the system's if None; *protocols*: for ALPN."""
    return _complete(ssl.create_default_context(cafile=cafile), protocols)


def server_context(certfile, protocols=()):
    """A context for a server whose certificate chain and key are in
    *certfile* (path)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certfile)
    return _complete(context, protocols)


def _complete(context, protocols):
    if hasattr(context, 'minimum_version'):     # Python 3.7 and later
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    else:
        context.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
    # Gotcha 4: some Python 3s, 3.9 without naming it, set this, and a
    # truncated stream looks complete.
    context.options &= ~getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0x80)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context
