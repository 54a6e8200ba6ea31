"""TLSStreams in memory, and apps that note what happens to them."""

import ssl

import contexts
import peers
import tlsstream

ROUNDS = 1000
#: Pythons that set the option by themselves, 3.9 and Debian 12's 3.11 among
#: them, have no SSLEOFError for what OpenSSL 3 says without it.
NO_EOF_ERROR = bool(ssl.create_default_context().options & peers.IGNORE_EOF)


class Recorder(tlsstream.App):
    """Notes what it is told.  events: names in order; data, clear: bytes."""

    def __init__(self, **overrides):
        self.events, self.data, self.clear, self.error = [], b'', b'', None
        for name, function in overrides.items():
            setattr(self, name, function)

    def received(self, stream, data):
        self.data += data

    def received_clear(self, stream, data):
        self.clear += data

    def secured(self, stream):
        self.events.append('secured')

    def ended(self, stream):
        self.events.append('ended')

    def unsecured(self, stream):
        self.events.append('unsecured')

    def failed(self, stream, error):
        self.events.append('failed')
        self.error = error

    def wants_input(self, stream):
        return True


def carry(*streams):
    """Move bytes between two TLSStreams until there are none."""
    one, other = streams
    for _ in range(ROUNDS):
        moved = False
        for source, target in ((one, other), (other, one)):
            data = source.take()
            if data:
                moved = True
                target.feed(data)
        if not moved:
            return
    raise AssertionError('it does not end')


def pair(client=None, server=None, ca='ca', name='localhost',
         certificate='server'):
    """(client, server), in the handshake."""
    client = tlsstream.TLSStream(client or Recorder())
    server = tlsstream.TLSStream(server or Recorder())
    server.start_tls(contexts.server_context(peers.cert(certificate)),
                     server_side=True)
    client.start_tls(contexts.client_context(peers.cert(ca)),
                     server_hostname=name)
    return client, server


def established(**options):
    client, server = pair(**options)
    carry(client, server)
    assert client.secure and server.secure
    return client, server


def is_eof(error):
    """Whether *error* says that an end came without close_notify."""
    return isinstance(error, ssl.SSLEOFError) or (
        NO_EOF_ERROR and
        getattr(error, 'reason', '') == 'UNEXPECTED_EOF_WHILE_READING')
