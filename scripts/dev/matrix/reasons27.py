"""Ask _ssl for the name of every reason, on the interpreter under test.

    python2.7 reasons27.py SYMBOLS RESULT

SYMBOLS is a JSON list of [library, reason], the numbers that the headers
define.  RESULT gets a JSON list of [library, reason, text, name]: OpenSSL's
text and SSLError.reason, null where there is none.  In addition to SYMBOLS,
every number of the libraries SSL, X509 and PEM is tried.

An error is put into OpenSSL's queue while a handshake fails, so that its
name takes the way that every error takes.
"""

import _ssl
import ctypes
import json
import ssl
import sys

LIBRARIES = (20, 11, 9)         # ERR_LIB_SSL, ERR_LIB_X509, ERR_LIB_PEM
LAST_REASON = 4095              # of OpenSSL 1.1.1
ALERT = 0x4000                  # SSL_CB_ALERT

# A ServerHelloDone in place of the ServerHello: the client sends an alert.
UNEXPECTED = b'\x16\x03\x03\x00\x04\x0e\x00\x00\x00'

# dlsym() on a library looks in those that it depends on too.
openssl = ctypes.CDLL(_ssl.__file__)
openssl.ERR_reason_error_string.restype = ctypes.c_char_p
openssl.ERR_reason_error_string.argtypes = [ctypes.c_ulong]
openssl.ERR_clear_error.restype = None
InfoCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int,
                                ctypes.c_int)
openssl.SSL_CTX_set_info_callback.restype = None
openssl.SSL_CTX_set_info_callback.argtypes = [ctypes.c_void_p, InfoCallback]
PROVIDERS = ssl.OPENSSL_VERSION_INFO >= (3, 0)
# Alone it is what OpenSSL before 3.0 says at the end of the stream, which is
# SSLEOFError: it has no name then.
END_OF_STREAM = [] if PROVIDERS else [(20, 229)]    # SSL_HANDSHAKE_FAILURE


def pack(library, reason):
    """What ERR_PACK() makes of the two numbers."""
    if PROVIDERS:
        return library << 23 | reason
    return library << 24 | reason


def push(library, reason):
    if PROVIDERS:
        openssl.ERR_new()
        openssl.ERR_set_error(library, reason, None)
    else:
        openssl.ERR_put_error(library, 0, reason, None, 0)


class Names(object):
    """SSLError.reason by code."""

    def __init__(self):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS)
        self.code = None
        self.alerts = 0
        self.callback = InfoCallback(self.on_event)
        # The SSL_CTX is the first thing behind the object's header.
        pointer = ctypes.c_void_p.from_address(
            id(self.context) + object.__basicsize__).value
        openssl.SSL_CTX_set_info_callback(pointer, self.callback)

    def on_event(self, connection, where, result):
        if where & ALERT:
            self.alerts += 1
            # The first error of the SSL library counts.
            openssl.ERR_clear_error()
            push(*self.code)

    def name(self, library, reason):
        self.code = library, reason
        self.alerts = 0
        incoming = ssl.MemoryBIO()
        incoming.write(UNEXPECTED)
        connection = self.context.wrap_bio(incoming, ssl.MemoryBIO())
        try:
            connection.do_handshake()
        except ssl.SSLError as error:
            assert self.alerts, error
            return error.reason
        raise AssertionError('the handshake did not fail')


def main():
    symbols, result = sys.argv[1:]
    with open(symbols) as file:
        codes = {tuple(code) for code in json.load(file)}
    codes.update((library, reason) for library in LIBRARIES
                 for reason in range(1, LAST_REASON + 1))
    names = Names()
    found = []
    for library, reason in sorted(codes):
        text = openssl.ERR_reason_error_string(pack(library, reason))
        if text is not None and (library, reason) not in END_OF_STREAM:
            found.append([library, reason, text.decode('ascii'),
                          names.name(library, reason)])
    with open(result, 'w') as file:
        json.dump(found, file)


if __name__ == '__main__':
    main()
