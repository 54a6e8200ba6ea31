"""A server that asks for a new handshake in TLS 1.2.

Python has no call for it, other servers do: OpenSSL's own is called through
ctypes, on the SSL that the object in C holds.
"""

import ctypes

import errorqueue
import tls

# SSL* behind the object's header: {Socket, ssl_sock, ssl} in 2.7,
# {Socket, ssl} in Python 3.
INDEX = 2 if tls.PY2 else 1


def request(obj):
    """Queue a HelloRequest in the outgoing BIO of the server *obj*."""
    crypto = errorqueue.library()
    crypto.SSL_get_version.restype = ctypes.c_char_p
    crypto.SSL_get_version.argtypes = [ctypes.c_void_p]
    crypto.SSL_renegotiate.argtypes = [ctypes.c_void_p]
    pointer = (ctypes.c_void_p * 3).from_address(
        id(obj._sslobj) + object.__basicsize__)[INDEX]
    assert crypto.SSL_get_version(pointer) == b'TLSv1.2'
    assert crypto.SSL_renegotiate(pointer) == 1
    obj.do_handshake()
