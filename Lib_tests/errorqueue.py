"""OpenSSL's error queue, in the very library that _ssl is linked with."""

import _ssl
import ctypes


def library():
    """libcrypto as _ssl sees it.  dlsym() on a library looks in those it
    depends on too, so the name and place of libcrypto need not be known."""
    crypto = ctypes.CDLL(getattr(_ssl, '__file__', None))
    crypto.ERR_peek_error.restype = ctypes.c_ulong
    crypto.ERR_clear_error.restype = None
    crypto.BIO_new_file.restype = ctypes.c_void_p
    crypto.BIO_new_file.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    return crypto


def is_empty():
    """True if this thread's queue is empty."""
    return library().ERR_peek_error() == 0


def clear():
    library().ERR_clear_error()


def plant():
    """Leave an error on this thread's queue, as other code in the process
    may do: open a file that does not exist."""
    assert library().BIO_new_file(b'/nonexistent/file', b'r') is None
    assert not is_empty()
