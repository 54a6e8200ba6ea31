"""OpenSSL's error codes: put them on the queue, list them, name them.

The numbers are those of openssl/err.h, which OpenSSL keeps.
"""

import ctypes
import os
import re
import ssl

import errorqueue

ERR_LIB_NONE, ERR_LIB_SYS, ERR_LIB_PEM, ERR_LIB_X509, ERR_LIB_SSL = (
    1, 2, 9, 11, 20)
ERR_LIB_EVP = 6

# In OpenSSL 3.0 these, and nothing else, say so in the number.
FLAGS = {'fatal': 1 << 18, 'common': 1 << 19}
HAS_FLAGS = ssl.OPENSSL_VERSION_INFO >= (3, )

# The reasons that every library has: ERR_R_DISABLED and so on.
if HAS_FLAGS:
    DISABLED = FLAGS['fatal'] | FLAGS['common'] | 260
    PASSED_NULL_PARAMETER = FLAGS['fatal'] | FLAGS['common'] | 258
else:
    DISABLED, PASSED_NULL_PARAMETER = 64 | 5, 64 | 3


CRYPTO = errorqueue.library()
CRYPTO.ERR_reason_error_string.restype = ctypes.c_char_p
CRYPTO.ERR_reason_error_string.argtypes = [ctypes.c_ulong]

SSL_CB_EXIT = 2
INFO_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int,
                                 ctypes.c_int)


def push(library, reason):
    """Put an error on this thread's queue, as a part of OpenSSL would."""
    if HAS_FLAGS:
        CRYPTO.ERR_new()
        CRYPTO.ERR_set_error(ctypes.c_int(library), ctypes.c_int(reason),
                             None)
    else:
        CRYPTO.ERR_put_error(library, 0, reason, None, 0)


class Injector(object):
    """Puts *codes*, pairs of library and reason, on the error queue whenever
    OpenSSL is about to return from a handshake of *context*, in place of what
    is there."""

    def __init__(self, context):
        self.codes = []
        # OpenSSL does not keep it alive.
        self.callback = INFO_CALLBACK(self.called)
        # The SSL_CTX is the first member of the object.
        pointer = ctypes.c_void_p.from_address(
            id(context) + object.__basicsize__)
        CRYPTO.SSL_CTX_set_info_callback.restype = None
        CRYPTO.SSL_CTX_set_info_callback(pointer, self.callback)
        self.context = context

    def called(self, connection, where, result):
        if where & SSL_CB_EXIT:
            if self.codes:
                CRYPTO.ERR_clear_error()
            for code in self.codes:
                push(*code)


def text(library, reason):
    """OpenSSL's text for a reason, or None."""
    found = CRYPTO.ERR_reason_error_string(
        library << (23 if HAS_FLAGS else 24) | reason)
    return None if found is None else found.decode('ascii')


def known(library):
    """{reason: text} of the reasons of *library* itself."""
    # What is common to all is known by the name of no library.
    return {reason: text(library, reason) for reason in range(100, 4096)
            if text(library, reason) is not None and
            (HAS_FLAGS or text(ERR_LIB_NONE, reason) is None)}


def headers():
    """The folder openssl/ of the headers of the very OpenSSL that is in use,
    or None."""
    places = []
    try:
        with open('/proc/self/maps') as stream:
            paths = re.findall(r'(/\S*)/libcrypto\.so', stream.read())
    except IOError:
        paths = []
    for path in paths:
        places.append(os.path.join(os.path.dirname(path), 'include'))
    for place in places + ['/usr/include', '/usr/local/include']:
        folder = os.path.join(place, 'openssl')
        try:
            with open(os.path.join(folder, 'opensslv.h')) as stream:
                header = stream.read()
        except IOError:
            continue
        # Literally there, also where it is put together of three numbers.
        if '"%s"' % ssl.OPENSSL_VERSION in header:
            return folder
    return None


def symbols(folder):
    """{(library, reason): set of names} in the headers in *folder*."""
    libraries = {'SSL': ERR_LIB_SSL, 'X509': ERR_LIB_X509,
                 'PEM': ERR_LIB_PEM}
    found = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith('.h'):
            continue
        with open(os.path.join(folder, name), 'rb') as stream:
            header = stream.read().decode('latin-1')
        for library, symbol, number in re.findall(
                r'#\s*define\s+(SSL|X509|PEM)_R_(\w+)\s+(\d+)', header):
            found.setdefault((libraries[library], int(number)),
                             set()).add(symbol)
    return found
