"""Contexts of the ssl module, 2.7's and 3's."""

import ssl
import warnings

import common

warnings.simplefilter('ignore', DeprecationWarning)


def _context(work, name):
    context = ssl.SSLContext(getattr(ssl, name, ssl.PROTOCOL_TLS))
    context.options |= (ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1 |
                        ssl.OP_NO_TLSv1_1)
    context.options |= (ssl.OP_NO_TLSv1_3 if work.version == 'TLSv1.2'
                        else ssl.OP_NO_TLSv1_2)
    context.set_ciphers(common.CIPHERS)
    return context


def server_context(work):
    context = _context(work, 'PROTOCOL_TLS_SERVER')
    context.load_cert_chain(work.certificate)
    return context


def client_context(work):
    context = _context(work, 'PROTOCOL_TLS_CLIENT')
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = work.check_host
    context.load_verify_locations(work.ca)
    return context


def contexts(work, pair):
    """The common.Contexts for connections of the class *pair*."""
    return common.Contexts(work, client_context, server_context, pair)


def check(client, work):
    """Raise unless *client*, an SSLObject or SSLSocket, is what was asked."""
    common.check_cipher(client.cipher()[0], work.version)
    if not client.getpeercert():
        raise ValueError('the certificate was not verified')
    if getattr(client, 'session_reused', False):
        raise ValueError('the handshake was not a full one')
