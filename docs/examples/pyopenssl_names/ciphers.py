"""The names of the ciphers that an SSLContext allows.

SSLContext.get_ciphers(), where the interpreter has it, says so.  Elsewhere a
client's first message does, which lists them by number.
"""

import ssl
import struct

#: Those that Twisted's settings can select, by number.
_NAMES = {int(word[:4], 16): word[5:] for word in '''
1301_TLS_AES_128_GCM_SHA256 1302_TLS_AES_256_GCM_SHA384
1303_TLS_CHACHA20_POLY1305_SHA256
cca8_ECDHE-RSA-CHACHA20-POLY1305 c013_ECDHE-RSA-AES128-SHA
c014_ECDHE-RSA-AES256-SHA c027_ECDHE-RSA-AES128-SHA256
c028_ECDHE-RSA-AES256-SHA384 c02f_ECDHE-RSA-AES128-GCM-SHA256
c030_ECDHE-RSA-AES256-GCM-SHA384
cca9_ECDHE-ECDSA-CHACHA20-POLY1305 c009_ECDHE-ECDSA-AES128-SHA
c00a_ECDHE-ECDSA-AES256-SHA c023_ECDHE-ECDSA-AES128-SHA256
c024_ECDHE-ECDSA-AES256-SHA384 c02b_ECDHE-ECDSA-AES128-GCM-SHA256
c02c_ECDHE-ECDSA-AES256-GCM-SHA384
ccaa_DHE-RSA-CHACHA20-POLY1305 0033_DHE-RSA-AES128-SHA
0039_DHE-RSA-AES256-SHA 0067_DHE-RSA-AES128-SHA256 006b_DHE-RSA-AES256-SHA256
009e_DHE-RSA-AES128-GCM-SHA256 009f_DHE-RSA-AES256-GCM-SHA384
002f_AES128-SHA 0035_AES256-SHA 003c_AES128-SHA256 003d_AES256-SHA256
009c_AES128-GCM-SHA256 009d_AES256-GCM-SHA384'''.split()}

_VERSIONS = ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1 | ssl.OP_NO_TLSv1_2 | \
    ssl.OP_NO_TLSv1_3


def names(context):
    """The names (list of unicode) for *context* (ssl.SSLContext), the
    preferred ones first."""
    if hasattr(context, 'get_ciphers'):
        return [type(u'')(found['name']) for found in context.get_ciphers()]
    outgoing, options = ssl.MemoryBIO(), context.options
    context.options = options & ~_VERSIONS      # the list is of all versions
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    finally:
        context.options = options
    # Record and message headers, version, random; then the session's id.
    hello = outgoing.read()[43:]
    hello = hello[1 + ord(hello[0]):]
    size, = struct.unpack('>H', hello[:2])
    numbers = struct.unpack('>{}H'.format(size // 2), hello[2:2 + size])
    return [type(u'')(_NAMES[number]) for number in numbers
            if number in _NAMES]
