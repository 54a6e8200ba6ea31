"""Certificates, keys and trust stores as PEM, for backends that take it."""

import base64
import re

from pep543 import abstract


class _Value(object):
    """Compared and hashed by what it was made of."""

    def __init__(self, *parts):
        self.parts = parts

    def __eq__(self, other):
        return type(self) is type(other) and self.parts == other.parts

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((type(self), self.parts))

    def __repr__(self):         # without the parts, one may be a password
        return '<{}>'.format(type(self).__name__)


def _read(path):
    with open(path, 'rb') as source:
        return source.read()


def _block(content, kind):
    """The first PEM block in *content* whose name ends in *kind*; DER as it
    is."""
    found = re.search(b'-----BEGIN ([A-Z0-9 ]*' + kind + b')-----.*?'
                      b'-----END \\1-----', content, re.DOTALL)
    return found.group() + b'\n' if found else content


def _armoured(buffer, kind):
    """*buffer* (bytes), as PEM of the *kind* (bytes) if it is DER."""
    if buffer.startswith(b'-----BEGIN '):
        return bytes(buffer)
    text = base64.b64encode(buffer)
    return b'\n'.join(
        [b'-----BEGIN ' + kind + b'-----'] +
        [text[i:i + 64] for i in range(0, len(text), 64)] +
        [b'-----END ' + kind + b'-----', b''])


class Certificate(_Value, abstract.Certificate):
    """parts: (PEM,)."""

    @classmethod
    def from_buffer(cls, buffer):
        return cls(_armoured(buffer, b'CERTIFICATE'))

    @classmethod
    def from_file(cls, path):
        return cls.from_buffer(_block(_read(path), b'CERTIFICATE'))


class PrivateKey(_Value, abstract.PrivateKey):
    """parts: (PEM, password)."""

    @classmethod
    def from_buffer(cls, buffer, password=None):
        return cls(_armoured(buffer, b'PRIVATE KEY'), password)

    @classmethod
    def from_file(cls, path, password=None):
        return cls.from_buffer(_block(_read(path), b'PRIVATE KEY'),
                               password)


class TrustStore(_Value, abstract.TrustStore):
    """parts: (path,), with None for the system's."""

    @classmethod
    def system(cls):
        return cls(None)

    @classmethod
    def from_pem_file(cls, path):
        return cls(path)
