"""For tests only: keys and certificates are made by the command "openssl".

Twisted's and treq's tests make their own, by classes of pyOpenSSL and
cryptography, which the standard library has no counterpart of.  This stands
for as much of these classes as those tests call.  It makes what the tests
then use; it has no part in any connection.
"""

import calendar
import os
import socket
import subprocess
import sys
import tempfile
import time
import types

from pyopenssl_names import asn1, crypto

_DIGESTS = {'md5': 4, 'sha1': 5, 'sha256': 11}      # 1.2.840.113549.1.1.x
_OIDS = {short: oid for oid, short in crypto._NAMES.items()}
DER = crypto.FILETYPE_ASN1
_SET, _INTEGER, _OID, _UTF8, _TRUE = 0x31, 2, 6, 12, '\1\1\xff'


def openssl(arguments, data='', **files):
    """The output of openssl with *arguments* (str, which may have the names
    of *files* in braces) for the input *data*."""
    paths = {}
    try:
        for name, content in files.items():
            descriptor, paths[name] = tempfile.mkstemp()
            with os.fdopen(descriptor, 'wb') as target:
                target.write(content)
        process = subprocess.Popen(
            ['openssl'] + arguments.format(**paths).split(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        output, errors = process.communicate(data)
    finally:
        for path in paths.values():
            os.remove(path)
    if process.returncode:
        raise RuntimeError('openssl {}: {}'.format(arguments, errors))
    return output


def sequence(*parts):
    return asn1.value(asn1.SEQUENCE, *parts)


def integer(number):
    code = '{:x}'.format(number)
    code = ('0' * (len(code) % 2) + code).decode('hex')
    return asn1.value(_INTEGER, ('\0' if code[0] > '\x7f' else '') + code)


def date(when):
    """The DER for *when*, seconds since 1970."""
    return asn1.value(24, time.strftime('%Y%m%d%H%M%SZ', time.gmtime(when)))


def signed(body, key, digest):
    """*body* (DER) with a signature of *key* (crypto.PKey)."""
    algorithm = sequence(asn1.value(_OID, crypto._RSA[:-1] + chr(
        _DIGESTS[str(digest)])), '\5\0')
    signature = openssl(
        'dgst -{} -sign {{key}}'.format(digest), body,
        key=crypto.dump_privatekey(crypto.FILETYPE_PEM, key))
    return sequence(body, algorithm,
                    asn1.value(asn1.BIT_STRING, '\0', signature))


def certificate_body(serial, digest, issuer, start, end, subject, public,
                     extensions=()):
    extensions = asn1.value(0xa3, sequence(*extensions)) if extensions else ''
    algorithm = sequence(asn1.value(_OID, crypto._RSA[:-1] + chr(
        _DIGESTS[digest])), '\5\0')
    return sequence(
        asn1.value(0xa0, integer(2)) if extensions else '', integer(serial),
        algorithm, issuer, sequence(date(start), date(end)), subject, public,
        extensions)


def extension(oid, content, critical):
    return sequence(asn1.value(_OID, oid), _TRUE if critical else '',
                    asn1.value(asn1.OCTET_STRING, content))


class Name(object):
    """A name that can be changed."""

    def __init__(self, pairs=()):
        vars(self)['_pairs'] = list(pairs)

    def __setattr__(self, name, value):
        short = crypto._LONG.get(name, name)
        if isinstance(value, bytes):
            value = value.decode('utf-8')
        self._pairs[:] = [pair for pair in self._pairs if pair[0] != short]
        self._pairs.append((short, value))

    def __getattr__(self, name):
        return dict(self._pairs).get(crypto._LONG.get(name, name))

    def der(self):
        return sequence(*[
            asn1.value(_SET, sequence(
                asn1.value(_OID, _OIDS[short]),
                asn1.value(_UTF8, value.encode('utf-8'))))
            for short, value in self._pairs])


def name_from(data):
    return Name([(short, value) for short, value
                 in crypto.X509Name(data)._found.items()])


class PKey(crypto.PKey):
    def __init__(self):
        pass

    def generate_key(self, kind, bits):
        assert kind == crypto.TYPE_RSA
        vars(self).update(vars(crypto.load_privatekey(
            crypto.FILETYPE_PEM, openssl('genrsa {}'.format(bits)))))

    @classmethod
    def from_cryptography_key(cls, key):
        return key


class X509(crypto.X509):
    def __init__(self):
        self._names = {'issuer': Name(), 'subject': Name()}

    def get_issuer(self):
        return self._names['issuer'] if '_names' in vars(self) else \
            crypto.X509Name(self._issuer)

    def get_subject(self):
        return self._names['subject'] if '_names' in vars(self) else \
            crypto.X509Name(self._subject)

    def set_issuer(self, name):
        self._names['issuer'] = name

    def set_subject(self, name):
        self._names['subject'] = name

    def set_serial_number(self, number):
        self._number = number

    def set_pubkey(self, key):
        self._public = key._public

    def gmtime_adj_notBefore(self, seconds):
        self._start = time.time() + seconds

    def gmtime_adj_notAfter(self, seconds):
        self._end = time.time() + seconds

    def sign(self, key, digest):
        done = crypto.load_certificate(DER, signed(certificate_body(
            self._number, str(digest), self.get_issuer().der(), self._start,
            self._end, self.get_subject().der(), self._public), key, digest))
        vars(self).clear()
        vars(self).update(vars(done))

    @classmethod
    def from_cryptography(cls, certificate):
        return certificate


class X509Req(object):
    def __init__(self):
        self._name = Name()

    def get_subject(self):
        return self._name

    def set_pubkey(self, key):
        self._public = key._public

    def get_pubkey(self):
        return crypto.PKey.make(_public=self._public, _private=None)

    def sign(self, key, digest):
        self._data = signed(sequence(
            integer(0), self._name.der(), self._public, asn1.value(0xa0)),
            key, digest)

    def verify(self, key):
        openssl('req -verify -noout -inform DER', self._data)
        return True


def dump_certificate_request(kind, request):
    return crypto._dump(kind, request._data, 'CERTIFICATE REQUEST')


def load_certificate_request(kind, data):
    request = X509Req()
    request._data, = crypto._load(kind, data, ['CERTIFICATE REQUEST'],
                                  lambda label, der: der)
    body = asn1.sequence(asn1.sequence(request._data)[0][2])
    request._name, request._public = name_from(body[1][2]), body[2][2]
    return request


# cryptography

class Builder(object):
    """x509.CertificateBuilder."""

    def __init__(self):
        self._extensions = []

    def add_extension(self, extension, critical):
        self._extensions.append(extension(critical))
        return self

    def sign(self, private_key, algorithm, backend):
        done = crypto.load_certificate(DER, signed(certificate_body(
            self._serial_number, algorithm, self._issuer_name,
            self._not_valid_before, self._not_valid_after,
            self._subject_name, self._public_key._public,
            self._extensions), private_key, algorithm))
        done.public_bytes = lambda encoding: crypto.dump_certificate(
            encoding, done)
        return done


def _setter(name, convert=lambda value: value):
    def method(self, value):
        setattr(self, '_' + name, convert(value))
        return self
    return method


for _name in ('serial_number', 'public_key', 'subject_name', 'issuer_name'):
    setattr(Builder, _name, _setter(_name))
for _name in ('not_valid_before', 'not_valid_after'):
    setattr(Builder, _name, _setter(
        _name, lambda value: calendar.timegm(value.timetuple())))


def generate_private_key(public_exponent, key_size, backend):
    key = PKey()
    # Twisted's tests ask for 4096, which takes seconds, and do not look.
    key.generate_key(crypto.TYPE_RSA, min(key_size, 2048))
    key.public_key = lambda: key
    key.private_bytes = lambda encoding, form, encryption: \
        crypto.dump_privatekey(encoding, key)
    return key


def basic_constraints(ca, path_length):
    content = sequence(_TRUE if ca else '',
                       '' if path_length is None else integer(path_length))
    return lambda critical: extension('U\x1d\x13', content, critical)


def subject_alternative_name(names):
    content = sequence(*names)
    return lambda critical: extension('U\x1d\x11', content, critical)


def dns_name(name):
    return asn1.value(0x82, name.encode('ascii'))


def ip_address(address):
    family = socket.AF_INET6 if ':' in str(address) else socket.AF_INET
    return asn1.value(0x87, socket.inet_pton(family, str(address)))


def install():
    """Put it where the tests import it from."""
    for made in (PKey, X509, X509Req, dump_certificate_request,
                 load_certificate_request):
        setattr(crypto, made.__name__, made)
    serialization = {'PEM': crypto.FILETYPE_PEM}
    for name, content in (
            ('', {}),
            ('.x509', {
                'Name': lambda pairs: Name(pairs).der(),
                'NameAttribute': lambda short, value: (short, value),
                'CertificateBuilder': Builder,
                'random_serial_number': lambda: int(
                    os.urandom(16).encode('hex'), 16) | 1,
                'BasicConstraints': basic_constraints,
                'DNSName': dns_name, 'IPAddress': ip_address,
                'SubjectAlternativeName': subject_alternative_name}),
            ('.x509.oid', {'NameOID': types.ModuleType('NameOID')}),
            ('.hazmat', {}),
            ('.hazmat.backends', {'default_backend': lambda: None}),
            ('.hazmat.primitives', {}),
            ('.hazmat.primitives.hashes', {'SHA256': lambda: 'sha256'}),
            ('.hazmat.primitives.asymmetric', {}),
            ('.hazmat.primitives.asymmetric.rsa', {
                'generate_private_key': generate_private_key}),
            ('.hazmat.primitives.serialization', {
                'Encoding': type('Encoding', (), serialization),
                'PrivateFormat': type('PrivateFormat', (), {
                    'TraditionalOpenSSL': None}),
                'NoEncryption': lambda: None})):
        module = types.ModuleType('cryptography' + name)
        module.__path__ = []
        vars(module).update(content)
        sys.modules[module.__name__] = module
        if name:
            parent, _, last = module.__name__.rpartition('.')
            setattr(sys.modules[parent], last, module)
    sys.modules['cryptography.x509.oid'].NameOID.COMMON_NAME = 'CN'
