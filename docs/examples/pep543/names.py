"""Enumerations.  Python 2.7 has no enum: members are subclasses of int or
bytes."""


class IntMember(int):
    name = None

    def __repr__(self):
        return '<{}.{}>'.format(type(self).__name__, self.name)


class BytesMember(bytes):
    name = None

    def __repr__(self):
        return '<{}.{}>'.format(type(self).__name__, self.name)


def fill(cls, members):
    """Make *members* (name, value) attributes of *cls*, and cls.members a
    dict of them by value."""
    cls.members = {}
    for name, value in members:
        member = cls(value)
        member.name = name
        cls.members[value] = member
        setattr(cls, name, member)


class NextProtocol(BytesMember):
    """Protocols for ALPN.  Any other bytes may be used as well."""


fill(NextProtocol, (
    ('H2', b'h2'), ('H2C', b'h2c'), ('HTTP1', b'http/1.1'),
    ('WEBRTC', b'webrtc'), ('C_WEBRTC', b'c-webrtc'), ('FTP', b'ftp'),
    ('STUN', b'stun.nat-discovery'), ('TURN', b'stun.turn')))


class TLSVersion(IntMember):
    """Versions of the protocol, in order."""


fill(TLSVersion, [(name, number) for number, name in enumerate((
    'MINIMUM_SUPPORTED', 'SSLv2', 'SSLv3', 'TLSv1', 'TLSv1_1', 'TLSv1_2',
    'TLSv1_3', 'MAXIMUM_SUPPORTED'))])
