#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Certificates and host names, and which of them Python 3 lets connect.

The verdicts are those of Python 3 itself, in hostnames.txt: a line for each
certificate, with a letter for each name.  To make the file anew, on Python
3.13:

    python3 Lib_tests/hostnames.py --write
"""

from __future__ import print_function

import ctypes
import io
import os
import ssl
import sys
import tempfile

import errorqueue
import selfsigned
import tls
from selfsigned import (
    BMP,
    DNS,
    EMAIL,
    IA5,
    IP,
    PRINTABLE,
    T61,
    UNIVERSAL,
    URI,
    UTF8,
)

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     'hostnames.txt')

CONNECTS, HOSTNAME_MISMATCH, ADDRESS_MISMATCH, REFUSED, UNFIT = '+haES'
CODES = {62: HOSTNAME_MISMATCH, 64: ADDRESS_MISMATCH}

NAMES = [
    u'server.example', u'SERVER.Example', u'server.example.',
    u'a.server.example', u'www.server.example', u'w.server.example',
    u'b.a.server.example', u'a-.server.example', u'-a.server.example',
    u'_a.server.example', u'a_b.server.example', u'aserver.example',
    u'server.example.test', u'example', u'localhost', u'a.localhost',
    u'localhost.', u'com', u'foo.com', u'foo.example', u'server', u'_server',
    u'xn--bcher-kva.example', u'XN--BCHER-KVA.example',
    u'b\xfccher.example', u'B\xdcCHER.example', u'bu\u0308cher.example',
    u'b\xfccher\u3002example', u'bucher.example',
    u'a.xn--bcher-kva.example', u'xn--a.server.example', u'stra\xdfe.example',
    u'strasse.example', u'xn--strae-oqa.example',
    u'192.0.2.1', u'192.0.2.2', u'192.0.2', u'192.0.2.1.',
    u'\uff11\uff19\uff12.0.2.1', u'a.0.2.1', u'::1', u'0:0:0:0:0:0:0:1',
    u'[::1]', u'::ffff:192.0.2.1', u'::192.0.2.1', u'2001:DB8:0::a',
    u'fe80::1%eth0', u'1::2::3', u'::', u'*', u'*.server.example',
    u'w*.server.example', u'server.example:443', u'server.example ',
    u' server.example', u'server.example\n', u'https://server.example',
    u'a' * 63 + u'.example', u'a.' * 60 + u'example',
    # No names at all
    u'', u'.', u'.server.example', u'a..server.example', u'server.example..',
    u'a' * 64 + u'.example', u'server.example\0', u'server.example\0.test',
    u'a.' * 150 + u'example',
]


def _dns(*names):
    return [(DNS, name) for name in names]


#: What OpenSSL 4.0 does not take for names, older versions do.
UNFIT_FOR_4 = [
    u'server.example.', u'localhost.', u'192.0.2.1.', u'a-.server.example',
    u'-a.server.example', u'[::1]', u'fe80::1%eth0', u'1::2::3', u'*',
    u'*.server.example', u'w*.server.example', u'server.example:443',
    u'server.example ', u' server.example', u'server.example\n',
    u'https://server.example',
]
# LibreSSL sends nothing else than what can be a host name.
UNFIT_FOR_LIBRESSL = [
    u' server.example', u'*', u'*.server.example', u'-a.server.example',
    u'1::2::3', u'[::1]', u'_a.server.example', u'_server',
    u'a-.server.example', u'a_b.server.example', u'fe80::1%eth0',
    u'https://server.example', u'localhost.', u'server.example\n',
    u'server.example ', u'server.example.', u'server.example:443',
    u'w*.server.example']

SERVER = b'server.example'
UNRELATED = b'unrelated.example'
IPV6 = b'\x20\x01\x0d\xb8' + b'\0' * 11

#: Each as the one name in the subjectAltName; common names are fewer.
PATTERNS = [
    SERVER, b'SERVER.Example', b'server.example.', b'.server.example',
    b'a.server.example', b'localhost', b'LOCALHOST', b'localhost.',
    b'example', b'com', b'server', b'_server', b'_a.server.example',
    b'a_b.server.example', b'-a.server.example', b'a-.server.example',
    b'a' * 63 + b'.example', b'a.' * 60 + b'example',
    b'xn--bcher-kva.example', b'XN--BCHER-KVA.EXAMPLE',
    b'b\xc3\xbccher.example', b'b\xfccher.example', b'bucher.example',
    b'xn--strae-oqa.example', b'strasse.example', b'stra\xc3\x9fe.example',
    b'192.0.2.1', b'192.0.2', b'::1', b'[::1]', b'2001:db8::a',
    b'*', b'*.', b'.*', b'*.*', b'*.com', b'*.example', b'*.localhost',
    b'*.server.example', b'*.SERVER.EXAMPLE', b'*.server.example.',
    b'.*.server.example', b'*.*.example', b'*.*.server.example',
    b'a.*.example', b'*.a.server.example', b'b.*.server.example',
    b'server.*', b'**.server.example', b'w*.server.example',
    b'*w.server.example', b'w*w.server.example', b'*w*.server.example',
    b'a*.server.example', b'*-a.server.example', b'*_b.server.example',
    b'*_.server.example', b'*.0.2.1', b'192.*.2.1', b'*.2.1',
    b'*.xn--bcher-kva.example', b'xn--*.example', b'xn--*.server.example',
    b'*xn--bcher-kva.example', b'*.b\xc3\xbccher.example', b'*cher.example',
    b'*..example', b'*..server.example', b'*. .example', b'*.-.example',
    b'', b' ', b'.', b'\0', b'server.example\0', b'server.example\0.test',
    b'\0server.example', b'server.example\n', b' server.example',
    b'server.example ', b'server.example:443', b'https://server.example',
    b'*.server.example\0', b'server..example', b'server,example',
]


COMMON_WILDCARDS = [b'*', b'*.com', b'*.example', b'*.server.example',
                    b'w*.server.example']


def _text(data):
    return repr(bytearray(data))[len("bytearray(b"):-len(")")]


def certificates():
    """A list of (title, arguments for selfsigned.certificate())."""
    made = [('no names', {}), ('empty subjectAltName', {'alternatives': []})]

    def add(title, commons=(), alternatives=None):
        made.append((title, {'commons': commons,
                             'alternatives': alternatives}))

    for pattern in PATTERNS:
        shown = _text(pattern[:24])
        add('DNS %s' % shown, alternatives=_dns(pattern))
        if b'*' not in pattern or pattern in COMMON_WILDCARDS:
            # That one is no UTF-8.
            tag = T61 if b'\xfc' in pattern else UTF8
            add('CN %s' % shown, [(tag, pattern)])
    # Which of several counts.
    add('DNS second', alternatives=_dns(UNRELATED, SERVER))
    add('DNS bad first', alternatives=_dns(b'', b'\0', b'*', SERVER))
    add('DNS 60 names', alternatives=_dns(*[
        ('n%d.example' % i).encode('ascii') for i in range(59)] + [SERVER]))
    add('CN second', [(UTF8, UNRELATED), (UTF8, SERVER)])
    add('CN first', [(UTF8, SERVER), (UTF8, UNRELATED)])
    # The common name counts if there is no DNS name.
    for kind, value in ((DNS, UNRELATED), (DNS, b''), (DNS, b'*'),
                        (IP, b'\xc0\0\2\1'), (IP, b''), (URI, b'x:y'),
                        (EMAIL, b'root@unrelated.example'), (URI, SERVER),
                        (EMAIL, SERVER), (EMAIL, b'root@server.example'),
                        (URI, b'https://server.example/')):
        add('CN and %02x %s' % (kind, _text(value)), [(UTF8, SERVER)],
            [(kind, value)])
        add('%02x %s' % (kind, _text(value)), [], [(kind, value)])
    # Types of strings.
    for title, tag, data in (
            ('printable', PRINTABLE, SERVER), ('IA5', IA5, SERVER),
            ('T61', T61, SERVER), ('T61 Latin-1', T61, b'b\xfccher.example'),
            ('BMP', BMP, u'server.example'.encode('utf-16-be')),
            ('BMP IDN', BMP, u'b\xfccher.example'.encode('utf-16-be')),
            ('universal', UNIVERSAL, u'server.example'.encode('utf-32-be'))):
        add('CN %s' % title, [(tag, data)])
    # Addresses.
    for title, entries in (
            ('4', [b'\xc0\0\2\1']), ('loopback', [b'\0' * 15 + b'\1']),
            ('6', [IPV6 + b'\x0a']), ('zero', [b'\0' * 16]),
            ('mapped', [b'\0' * 10 + b'\xff\xff\xc0\0\2\1']),
            ('compatible', [b'\0' * 12 + b'\xc0\0\2\1']),
            ('second', [b'\x7f\0\0\1', b'\xc0\0\2\1']),
            ('with a mask', [b'\xc0\0\2\1' + b'\xff' * 4]),
            ('3 bytes', [b'\xc0\0\2']), ('5 bytes', [b'\xc0\0\2\1\0']),
            ('text', [b'192.0.2.1']), ('text 4', [b'::1\0'])):
        add('IP %s' % title, alternatives=[(IP, each) for each in entries])
    add('IP and DNS', alternatives=[(IP, b'\xc0\0\2\1'), (DNS, SERVER)])
    add('DNS address and IP', alternatives=[(DNS, b'192.0.2.2'),
                                            (IP, b'\xc0\0\2\1')])
    return made


def verdict(client, server, name):
    """What a client says to *name* on a connection between the two contexts:
    a letter."""
    try:
        connection = tls.Connection(client=client, server=server,
                                    server_hostname=name)
    except (ValueError, TypeError):
        return REFUSED
    except ssl.SSLError:
        return UNFIT
    client, server = connection.client, connection.server
    for _ in range(3):
        connection.step(server, server.obj.do_handshake)
        try:
            client.obj.do_handshake()
            return CONNECTS
        except ssl.SSLWantReadError:
            client.flush_to(server)
        except ssl.SSLCertVerificationError as error:
            return CODES[error.verify_code]
    raise AssertionError('the handshake does not end')


def verdicts(arguments, path):
    """The verdicts on all NAMES of a client that trusts a certificate, a
    str.  path: where the certificate can be put."""
    der = selfsigned.certificate(**arguments)
    selfsigned.write(path, der)
    server = tls.new_context()
    server.load_cert_chain(str(path))
    client = tls.new_context()
    client.verify_mode = ssl.CERT_REQUIRED
    client.check_hostname = True
    client.load_verify_locations(cadata=der)
    return ''.join(verdict(client, server, name) for name in NAMES)


def reads_address(text):
    """False if the OpenSSL in use says that *text*, bytes, is no address."""
    try:
        crypto = errorqueue.library()
        parse, free = crypto.a2i_IPADDRESS, crypto.ASN1_STRING_free
    except (AttributeError, OSError, TypeError):    # hidden: of our choice
        return True
    parse.restype, parse.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    free.restype, free.argtypes = None, [ctypes.c_void_p]
    address = parse(text)
    free(address)
    crypto.ERR_clear_error()
    return address is not None


def table():
    """{title: verdicts} of hostnames.txt, with what is known of the OpenSSL
    in use."""
    with io.open(TABLE, encoding='ascii') as stream:
        lines = [line.rstrip(u'\n') for line in stream
                 if not line.startswith(u'#')]
    found = {str(line.split(u' ', 1)[1]): str(line.split(u' ', 1)[0])
             for line in lines}
    unfit = []
    if ssl.OPENSSL_VERSION_INFO >= (4, 0):
        unfit = UNFIT_FOR_4
    elif ssl.OPENSSL_VERSION.startswith('LibreSSL'):
        unfit = UNFIT_FOR_LIBRESSL
    # Not for AWS-LC 1.55.
    unread = [] if reads_address(b'::') else [u'::']
    for title, letters in found.items():
        found[title] = ''.join(
            UNFIT if name in unfit else
            HOSTNAME_MISMATCH if name in unread else letter
            for name, letter in zip(NAMES, letters))
    return found


def main():
    if sys.argv[1:] != ['--write']:
        sys.exit(__doc__)
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, 'certificate.pem')
    try:
        lines = ['%s %s' % (verdicts(arguments, path), title)
                 for title, arguments in certificates()]
    finally:
        if os.path.exists(path):
            os.unlink(path)
        os.rmdir(folder)
    with io.open(TABLE, 'w', encoding='ascii') as stream:
        stream.write(u'# What Python %s says with %s, by hostnames.py: + '
                     u'connects, %s and %s\n# another name or address, %s '
                     u'ValueError, %s SSLError.  A letter for each name.\n' % (
                         sys.version.split()[0],
                         ' '.join(ssl.OPENSSL_VERSION.split()[:2]),
                         HOSTNAME_MISMATCH, ADDRESS_MISMATCH, REFUSED,
                         UNFIT))
        stream.write(u''.join(u'%s\n' % line for line in lines))
    print('wrote %s: %d pairs' % (TABLE, len(lines) * len(NAMES)))


if __name__ == '__main__':
    main()
