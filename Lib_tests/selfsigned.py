# -*- coding: utf-8 -*-
"""Certificates with any names, made as the tests run and without a library.

A certificate that is its own issuer and that is trusted as such is taken by
OpenSSL without a look at its signature, which can be anything therefore.  The
key is that of certs/ecdsa.pem.
"""

import base64
import io
import ssl

import tls

# Tags of ASN.1
BIT_STRING, OCTET_STRING, OID, SEQUENCE, SET = 0x03, 0x04, 0x06, 0x30, 0x31
INTEGER, BOOLEAN, UTC_TIME, GENERALIZED_TIME = 0x02, 0x01, 0x17, 0x18
UTF8, PRINTABLE, T61, IA5, UNIVERSAL, BMP = 0x0c, 0x13, 0x14, 0x16, 0x1c, 0x1e

# Kinds of subjectAltName
OTHER, EMAIL, DNS, URI, IP = 0xa0, 0x81, 0x82, 0x86, 0x87

ECDSA_WITH_SHA256 = bytearray(b'\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02')
COMMON_NAME = bytearray(b'\x06\x03\x55\x04\x03')
ORGANIZATION = bytearray(b'\x06\x03\x55\x04\x0a')
# Of an otherName: what OpenSSL 3 calls XmppAddr
XMPP = bytearray(b'\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x05')
SUBJECT_ALT_NAME = bytearray(b'\x06\x03\x55\x1d\x11')
BASIC_CONSTRAINTS = bytearray(b'\x06\x03\x55\x1d\x13')


def element(tag, *contents):
    """An element in DER: *tag* (int), length, *contents* (bytes-like)."""
    content = bytearray().join(bytearray(each) for each in contents)
    size = len(content)
    length = bytearray()
    while size:
        length.insert(0, size & 0xff)
        size >>= 8
    if len(content) < 0x80:
        length = bytearray([len(content)])
    else:
        length.insert(0, 0x80 | len(length))
    return bytearray([tag]) + length + content


def _read(data, start):
    """(start, end) of the content of the element at *start*."""
    size, start = data[start + 1], start + 2
    if size & 0x80:
        count = size & 0x7f
        size = int(''.join('%02x' % each
                           for each in data[start:start + count]), 16)
        start += count
    return start, start + size


def _public_key():
    """The SubjectPublicKeyInfo of certs/ecdsa.pem."""
    with io.open(tls.cert('ecdsa'), encoding='ascii') as stream:
        text = stream.read()
    data = bytearray(ssl.PEM_cert_to_DER_cert(
        str(text[text.index(u'-----BEGIN CERTIFICATE'):])))
    position, _ = _read(data, 0)
    position, _ = _read(data, position)
    # Version, serial number, algorithm, issuer, validity and subject.
    for _ in range(6):
        _, position = _read(data, position)
    _, end = _read(data, position)
    return data[position:end]


def _name(commons):
    attributes = [(ORGANIZATION, UTF8, b'Memory BIO tests')] + [
        (COMMON_NAME,) + common for common in commons]
    return element(SEQUENCE, *[
        element(SET, element(SEQUENCE, oid, element(tag, text)))
        for oid, tag, text in attributes])


def certificate(commons=(), alternatives=None):
    """A certificate in DER, bytes.

    commons: the common names, each a (tag of a string type, bytes).
    alternatives: the subjectAltName, each entry a (kind, bytes), or None for
        no such extension.
    """
    extensions = [element(SEQUENCE, BASIC_CONSTRAINTS,
                          element(BOOLEAN, b'\xff'),
                          element(OCTET_STRING, element(
                              SEQUENCE, element(BOOLEAN, b'\xff'))))]
    if alternatives is not None:
        extensions.append(element(
            SEQUENCE, SUBJECT_ALT_NAME, element(OCTET_STRING, element(
                SEQUENCE, *[element(*entry) for entry in alternatives]))))
    algorithm = element(SEQUENCE, ECDSA_WITH_SHA256)
    name = _name(commons)
    body = element(
        SEQUENCE, element(0xa0, element(INTEGER, b'\x02')),
        element(INTEGER, b'\x01'), algorithm, name,
        element(SEQUENCE, element(UTC_TIME, b'100101000000Z'),
                element(GENERALIZED_TIME, b'21200101000000Z')),
        name, _public_key(), element(0xa3, element(SEQUENCE, *extensions)))
    signature = element(SEQUENCE, element(INTEGER, b'\x01'),
                        element(INTEGER, b'\x01'))
    return bytes(element(SEQUENCE, body, algorithm,
                         element(BIT_STRING, b'\x00', signature)))


def write(path, der):
    """Write the certificate *der* and its key for load_cert_chain()."""
    with io.open(tls.cert('ecdsa'), encoding='ascii') as stream:
        text = stream.read()
    encoded = base64.b64encode(der).decode('ascii')
    lines = [encoded[i:i + 64] for i in range(0, len(encoded), 64)]
    with io.open(str(path), 'w', encoding='ascii') as stream:
        stream.write(text[:text.index(u'-----BEGIN CERTIFICATE')])
        stream.write(u'-----BEGIN CERTIFICATE-----\n%s\n'
                     u'-----END CERTIFICATE-----\n' % u'\n'.join(lines))
