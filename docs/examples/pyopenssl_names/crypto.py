"""OpenSSL.crypto: certificates, keys and CRLs are read, handed on and looked
at.  None is made, signed or changed: Python 2.7's ssl module cannot.

    load_certificate, load_privatekey, load_crl
    dump_certificate, dump_privatekey (in the form in which it was loaded,
        PKCS 1, PKCS 8, ...), dump_publickey
    X509: get_subject, get_issuer, get_serial_number, get_pubkey, digest
    X509Name: CN, C, L, ST, O, OU, emailAddress, and their long names
    PKey: type, bits (of RSA)
    X509Store, of a Context: add_cert, add_crl, set_flags
    CRL, X509StoreFlags, Error
    get_elliptic_curve, get_elliptic_curves, the latter not of all

Arguments, results and errors are those of pyOpenSSL 19.0.0.
"""

import collections
import hashlib
import ssl

from . import asn1
from .asn1 import SEQUENCE, items, number, sequence, to_pem, value
from .missing import Loaded, Partial, function, refuse

FILETYPE_PEM, FILETYPE_ASN1, FILETYPE_TEXT = 1, 2, 65535
TYPE_RSA, TYPE_DSA, TYPE_EC = 6, 116, 408

# Contents of OBJECT IDENTIFIERs.
_RSA, _EC = '*\x86H\x86\xf7\r\1\1\1', '*\x86H\xce=\2\1'
_TYPES = {_RSA: TYPE_RSA, _EC: TYPE_EC, '*\x86H\xce8\4\1': TYPE_DSA}
_NAMES = {'U\4\3': 'CN', 'U\4\6': 'C', 'U\4\7': 'L', 'U\4\10': 'ST',
          'U\4\12': 'O', 'U\4\13': 'OU',
          '*\x86H\x86\xf7\r\1\11\1': 'emailAddress'}
_LONG = {'commonName': 'CN', 'countryName': 'C', 'localityName': 'L',
         'stateOrProvinceName': 'ST', 'organizationName': 'O',
         'organizationalUnitName': 'OU', 'emailAddress': 'emailAddress'}
_COMMAND = 'use the command "openssl x509", "req", "pkey", "genpkey", ' \
    '"pkcs12" or "crl", and load its files'


class Error(Exception):
    """args[0] is a list of (library, '', reason), three str."""


def _load(kind, data, labels, make, count=1):
    """make(label or '', DER) of the first *count* blocks of *data* that have
    one of *labels*; of *data* itself, if *kind* says so."""
    if kind not in (FILETYPE_PEM, FILETYPE_ASN1):
        raise ValueError('type must be FILETYPE_PEM or FILETYPE_ASN1')
    library, blocks = 'PEM routines', [('', data)]
    try:
        if kind == FILETYPE_PEM:
            blocks = asn1.from_pem(data, labels)[:count]
        library = 'asn1 encoding routines'
        return [make(*block) for block in blocks]
    except (ValueError, IndexError) as error:
        raise Error([(library, '', str(error))])


def _dump(kind, data, label):
    if kind not in (FILETYPE_PEM, FILETYPE_ASN1):
        refuse('FILETYPE_TEXT', _COMMAND)
    return to_pem(label, data) if kind == FILETYPE_PEM else data


class PKey(Loaded):
    """A private key that was loaded, or the public key of a certificate."""

    HINT = _COMMAND

    def _info(self):
        if not self._public:
            refuse('the public half of this key',
                   'use an RSA key, or EC with the public key in the file')
        return sequence(self._public)

    def type(self):
        return _TYPES.get(sequence(self._info()[0][2])[0][1], 0)

    def bits(self):
        if self.type() != TYPE_RSA:
            refuse('PKey.bits(), if it is not RSA', _COMMAND)
        return number(sequence(self._info()[1][1][1:])[0][1]).bit_length()


def _examine(parts, algorithm=''):
    """(SubjectPublicKeyInfo or '', PEM label) of the private key that
    consists of *parts* (asn1.items)."""
    if parts[1][0] == SEQUENCE:                             # PKCS 8
        known = items(parts[1][1])[0][1] in (_RSA, _EC)
        return _examine(sequence(parts[2][1]), parts[1][2])[0] \
            if known else '', 'PRIVATE KEY'
    public, label = '', 'DSA PRIVATE KEY'
    if parts[1][0] == asn1.OCTET_STRING:
        label, tagged = 'EC PRIVATE KEY', dict(part[:2] for part in parts)
        algorithm = algorithm or value(
            SEQUENCE, value(6, _EC), tagged.get(0xa0, ''))
        public = tagged.get(0xa1, '')
    elif len(parts) > 8:
        label, algorithm = 'RSA PRIVATE KEY', value(
            SEQUENCE, value(6, _RSA), '\5\0')
        public = value(asn1.BIT_STRING, '\0', value(
            SEQUENCE, parts[1][2], parts[2][2]))
    return public and value(SEQUENCE, algorithm, public), label


def _private_key(label, data):
    if label.startswith('ENCRYPTED') or label and not data:
        refuse('an encrypted key', 'use "openssl pkey -in OLD -out NEW"')
    public, found = _examine(sequence(data))
    return PKey.make(_public=public, _private=data, _label=label or found)


def load_privatekey(type, buffer, passphrase=None):
    return _load(type, buffer, [kind + 'PRIVATE KEY' for kind in (
        '', 'RSA ', 'EC ', 'DSA ', 'ENCRYPTED ')], _private_key)[0]


def dump_privatekey(type, pkey, cipher=None, passphrase=None):
    if cipher is not None:
        refuse('encrypting a key', 'use "openssl pkey -aes256"')
    if not pkey._private:
        raise TypeError('not a private key')
    return _dump(type, pkey._private, pkey._label)


def dump_publickey(type, pkey):
    pkey._info()
    return _dump(type, pkey._public, 'PUBLIC KEY')


class X509Name(object):
    """An attribute is unicode, or None if there is no such name."""

    def __init__(self, data):
        vars(self)['_found'] = found = {}
        for relative in sequence(data):
            for pair in items(relative[1]):
                kind, name = items(pair[1])
                if kind[1] in _NAMES:           # as in pyOpenSSL: the first
                    found.setdefault(_NAMES[kind[1]], asn1.text(*name[:2]))

    def __getattr__(self, name):
        short = _LONG.get(name, name)
        if short not in _LONG.values():
            refuse('X509Name.' + name, _COMMAND)
        return self._found.get(short)

    def __setattr__(self, name, value):
        refuse('to set a name', _COMMAND)


class X509(Loaded):
    """A certificate that was loaded, or is the peer's."""

    HINT = _COMMAND + ', or SSLObject.getpeercert()'

    def get_serial_number(self):
        return number(self._serial)

    def get_issuer(self):
        return X509Name(self._issuer)

    def get_subject(self):
        return X509Name(self._subject)

    def get_pubkey(self):
        return PKey.make(_public=self._key, _private=None)

    def digest(self, digest_name):
        code = hashlib.new(digest_name, self._data).hexdigest().upper()
        return ':'.join(code[at:at + 2] for at in range(0, len(code), 2))


def _certificate(label, data):
    parts = items(sequence(data)[0][1])
    parts = parts[parts[0][0] == 0xa0:]         # the version, if it is there
    return X509.make(_data=data, _serial=parts[0][1], _issuer=parts[2][2],
                     _subject=parts[4][2], _key=parts[5][2])


def load_certificate(type, buffer):
    return _load(type, buffer, asn1.CERTIFICATE, _certificate)[0]


def load_chain(type, buffer):
    """All certificates in *buffer*; pyOpenSSL does not have this."""
    return _load(type, buffer, asn1.CERTIFICATE, _certificate, None)


def dump_certificate(type, cert):
    return _dump(type, cert._data, 'CERTIFICATE')


class CRL(Loaded):
    HINT = _COMMAND


def load_crl(type, buffer):
    return _load(type, buffer, ['X509 CRL'], lambda label, data:
                 sequence(data) and CRL.make(_data=data))[0]


class X509StoreFlags(object):
    """OpenSSL's numbers, for X509Store.set_flags()."""
    CRL_CHECK, CRL_CHECK_ALL, X509_STRICT = 0x04, 0x08, 0x20


class X509Store(Partial):
    """What *context*, a Context, trusts."""

    HINT = 'there is only Context.get_cert_store(), at the system\'s time'

    def __init__(self, context=None):
        if context is None:
            refuse('X509Store()', self.HINT)
        self._context = context

    def add_cert(self, cert):
        self._context._trust(cert._data)

    def add_crl(self, crl):
        self._context._load(to_pem('X509 CRL', crl._data),
                            self._context.load_verify_locations)

    def set_flags(self, flags):
        self._context._context.verify_flags |= flags


X509Type, PKeyType, X509NameType, X509StoreType, CRLType = \
    X509, PKey, X509Name, X509Store, CRL


_Curve = collections.namedtuple('_Curve', 'name')


def get_elliptic_curve(name):
    """ValueError if OpenSSL does not know *name* (str)."""
    ssl.SSLContext(ssl.PROTOCOL_TLS).set_ecdh_curve(str(name))
    return _Curve(str(name))


def get_elliptic_curves():
    return {get_elliptic_curve(name) for name in ('prime256v1', 'secp384r1')}


for _name in ('X509Req X509Extension Revoked NetscapeSPKI PKCS7 PKCS12 '
              'X509StoreContext dump_certificate_request dump_crl '
              'load_certificate_request load_pkcs12 load_pkcs7_data '
              'load_publickey sign verify').split():
    globals()[_name] = function(_name, _COMMAND)
