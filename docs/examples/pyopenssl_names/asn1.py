"""As much of DER and PEM as it takes to look at certificates and keys.

Nothing is verified with this: OpenSSL reads the same bytes for that.
Malformed data raises ValueError or IndexError.
"""

import base64
import re
import ssl

BIT_STRING, OCTET_STRING, SEQUENCE = 0x03, 0x04, 0x30
#: Labels of PEM blocks.
CERTIFICATE = 'CERTIFICATE', 'X509 CERTIFICATE'
_STRINGS = {12: 'utf-8', 18: 'latin-1', 19: 'latin-1', 20: 'latin-1',
            22: 'latin-1', 28: 'utf-32-be', 30: 'utf-16-be'}
_PEM = re.compile(r'-----BEGIN ([A-Z0-9 ]+)-----\s*\n(.*?)-----END \1-----',
                  re.DOTALL)


def number(data):
    """The unsigned int that *data* (str) is."""
    return int(data.encode('hex'), 16)


def items(data):
    """The values in *data* (str): [(tag, content, the whole value)]."""
    found = []
    while data:
        begin, length = 2, ord(data[1])
        if length > 127:
            begin += length - 128
            length = number(data[2:begin])
        whole, data = data[:begin + length], data[begin + length:]
        if len(whole) < begin + length:
            raise ValueError('a value is cut short')
        found.append((ord(whole[0]), whole[begin:], whole))
    return found


def sequence(data):
    """The items of *data*, which has to be one SEQUENCE."""
    (tag, content, _), = items(data)
    if tag != SEQUENCE:
        raise ValueError('not a SEQUENCE')
    return items(content)


def value(tag, *parts):
    """The DER of *tag* (int) with the content *parts* (str)."""
    body = ''.join(parts)
    length = '{:x}'.format(len(body))
    length = ('0' * (len(length) % 2) + length).decode('hex')
    if len(body) > 127:
        length = chr(128 + len(length)) + length
    return chr(tag) + length + body


def text(tag, content):
    """The unicode of a string's *tag* and *content*."""
    if tag not in _STRINGS:
        raise ValueError('not a string: tag {}'.format(tag))
    return content.decode(_STRINGS[tag])


def to_pem(label, data):
    """*data* (str) as a PEM block with *label* (str)."""
    return ssl.DER_cert_to_PEM_cert(data).replace(' CERTIFICATE-',
                                                  ' {}-'.format(label))


def from_pem(data, labels):
    """[(label, DER)] of the blocks in *data* (str) with one of *labels*;
    ValueError if there is none.  The DER is '' if the block has headers:
    then it is encrypted."""
    try:
        found = [(label, '' if ':' in body else base64.b64decode(body))
                 for label, body in _PEM.findall(data) if label in labels]
    except TypeError:
        raise ValueError('bad base64 decode')
    if not found:
        raise ValueError('no start line')
    return found
