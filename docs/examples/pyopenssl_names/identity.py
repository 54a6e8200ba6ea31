"""service_identity.pyopenssl: is the peer's certificate for this host?

By the rules of service_identity 18.1.0 (RFC 6125): "*" stands for one whole
label, the first of three or more, and for no IDN; the subject's common name
counts only if subjectAltName names no host.  The names are what the ssl
module read from the certificate that it verified.  It shows none of a
certificate that it did not verify, which therefore is for no host.
"""

import re
import socket

_HOST = re.compile(r'[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?\Z')


class VerificationError(Exception):
    """The certificate is for another host; the message says for which."""


def _address(text):
    """The IP address *text* as bytes, None if it is none."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, text.strip())
        except (socket.error, UnicodeError):
            pass


def _matches(pattern, host):
    pattern = pattern.strip().lower()
    if '*' not in pattern:
        return pattern == host
    first, _, rest = pattern.partition('.')
    label, _, others = host.partition('.')
    return first == '*' and '*' not in rest and '.' in rest.strip('.') and \
        rest == others and not label.startswith('xn--')


def _check(connection, kind, host, matches):
    """*matches* has to be true for a name of the *kind* (str)."""
    cert = connection._verified_certificate()
    names = list(cert.get('subjectAltName', ()))
    if not {name for name, _ in names} & {'DNS', 'IP Address', 'URI',
                                          'othername'}:
        names += [('DNS', value) for pairs in cert.get('subject', ())
                  for key, value in pairs if key == 'commonName']
    if not any(matches(value) for name, value in names if name == kind):
        raise VerificationError('{!r} is not in the certificate, which has {}'
                                .format(host, names or 'not been verified'))


def verify_hostname(connection, hostname):
    """Raise VerificationError unless the certificate of *connection*'s peer
    is for *hostname* (unicode; an IDN as A-labels)."""
    host = hostname.strip().lower()
    if not _HOST.match(host) or _address(host):
        raise ValueError('not a host name: {!r}'.format(hostname))
    _check(connection, 'DNS', hostname, lambda name: _matches(name, host))


def verify_ip_address(connection, ip_address):
    """The same for an IP address (unicode), which only a subjectAltName of
    that type matches."""
    wanted = _address(ip_address)
    _check(connection, 'IP Address', ip_address,
           lambda name: wanted is not None and _address(name) == wanted)
