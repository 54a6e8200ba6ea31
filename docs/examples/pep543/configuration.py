"""What can be set, for any backend."""

import collections

from pep543.names import TLSVersion
from pep543.suites import DEFAULT_CIPHER_LIST

_FIELDS = ('validate_certificates', 'certificate_chain', 'ciphers',
           'inner_protocols', 'lowest_supported_version',
           'highest_supported_version', 'trust_store', 'sni_callback')


class TLSConfiguration(collections.namedtuple('TLSConfiguration', _FIELDS)):
    """Everything that can be set, for either side.  Immutable; to be used as
    a key of a dict, give tuples and not lists.

    validate_certificates: bool.  A server asks clients for certificates if
    there is a trust_store, too, on which the PEP is silent.
    certificate_chain: ((Certificate, ...), PrivateKey), the server's or the
    client's own one first.
    ciphers: CipherSuite or int each, best first.  What the backend does not
    have is passed over; if nothing is left, making the context fails.
    inner_protocols: for ALPN, NextProtocol or bytes each.
    lowest_supported_version: TLS 1.2 by default (the PEP, of 2017: 1.0).
    highest_supported_version: TLSVersion.
    trust_store: None means the system's, for a client.
    sni_callback: called with (buffer, name or None, configuration); returns
    a TLSConfiguration, whose certificate_chain and inner_protocols are used,
    all else fails the handshake.
    """

    __slots__ = ()

    def __new__(cls, validate_certificates=None, certificate_chain=None,
                ciphers=None, inner_protocols=None,
                lowest_supported_version=None,
                highest_supported_version=None, trust_store=None,
                sni_callback=None):
        def default(value, instead):
            return instead if value is None else value

        return super(TLSConfiguration, cls).__new__(
            cls, default(validate_certificates, True), certificate_chain,
            default(ciphers, DEFAULT_CIPHER_LIST),
            default(inner_protocols, ()),
            default(lowest_supported_version, TLSVersion.TLSv1_2),
            default(highest_supported_version, TLSVersion.MAXIMUM_SUPPORTED),
            trust_store, sni_callback)

    def update(self, **changes):
        """A new TLSConfiguration with *changes*."""
        unknown = set(changes) - set(_FIELDS)
        if unknown:
            raise TypeError('no such field: ' + ', '.join(sorted(unknown)))
        return type(self)(**dict(zip(_FIELDS, self), **changes))
