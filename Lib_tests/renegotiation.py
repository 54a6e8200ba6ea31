"""A server that asks for a new handshake in TLS 1.2, or for the client's
certificate after the handshake of TLS 1.3.

Python has no call for it, other servers do: OpenSSL's own is called through
ctypes, on the SSL that the object in C holds.
"""

import ctypes

import errorqueue
import tls

# SSL* behind the object's header: {Socket, ssl_sock, ssl} in 2.7,
# {Socket, ssl} in Python 3.
INDEX = 2 if tls.PY2 else 1


def pointer(obj):
    """The SSL of *obj*."""
    return ctypes.c_void_p((ctypes.c_void_p * 3).from_address(
        id(obj._sslobj) + object.__basicsize__)[INDEX])


def request(obj):
    """Queue a HelloRequest in the outgoing BIO of the server *obj*."""
    crypto = errorqueue.library()
    crypto.SSL_get_version.restype = ctypes.c_char_p
    assert crypto.SSL_get_version(pointer(obj)) == b'TLSv1.2'
    assert crypto.SSL_renegotiate(pointer(obj)) == 1
    obj.do_handshake()


def has_late_certificates():
    """LibreSSL has the function only."""
    return tls.is_openssl() and hasattr(errorqueue.library(),
                                        'SSL_verify_client_post_handshake')


def allow_request(obj):
    """Let the client *obj* take a late CertificateRequest."""
    errorqueue.library().SSL_set_post_handshake_auth(pointer(obj), 1)


def request_certificate(obj):
    """Queue a CertificateRequest in the outgoing BIO of the server *obj*."""
    crypto = errorqueue.library()
    crypto.SSL_set_verify(pointer(obj), 1, None)
    assert crypto.SSL_verify_client_post_handshake(pointer(obj)) == 1
    obj.do_handshake()
