"""What the kinds of connections have in common."""

import os

VERSIONS = ('TLSv1.2', 'TLSv1.3')
#: key type: (file of the certificate, host name in it)
KEYS = {'rsa': ('server.pem', 'server.test'),
        'ecdsa': ('ecdsa.pem', 'ecdsa.test')}
#: What is negotiated with these is TLS_AES_256_GCM_SHA384, or
#: ECDHE-...-AES256-GCM-SHA384.
CIPHERS = 'ECDHE+AES256+AESGCM'
READ_SIZE = 16384       # of each read: the largest record there is
ROUNDS = 20             # a handshake that needs more is stuck

try:
    numbers = xrange
except NameError:
    numbers = range


class BenchError(Exception):
    """A request that cannot be done, or a figure that would not be true."""


class Work(object):
    """What both ends of a connection are made with.

    certs: folder with the certificates; version: one of VERSIONS; key: one
    of KEYS; check_host: compare the host name with the certificate.
    """

    def __init__(self, certs, version, key='rsa', check_host=True):
        if version not in VERSIONS or key not in KEYS:
            raise BenchError('unknown: %s %s' % (version, key))
        self.version = version
        name, self.host = KEYS[key]
        self.certificate = os.path.join(certs, name)
        self.ca = os.path.join(certs, 'ca.pem')
        self.check_host = check_host


class Contexts(object):
    """The contexts for common.Work *work*.

    client, server: functions that make one of it; pair: class of the
    connections.
    """

    def __init__(self, work, client, server, pair):
        self.work = work
        self.client = client(work)
        self.server = server(work)
        self.pair = pair

    def connect(self):
        """A pair with a complete handshake."""
        return self.pair(self)


def handshake(client, server):
    """Call *client* and *server* by turns until each has returned True."""
    client_done = server_done = False
    for _ in numbers(ROUNDS):
        client_done = client_done or client()
        server_done = server_done or server()
        if client_done and server_done:
            return
    raise BenchError('the handshake does not end')


def no_data(read, empty):
    """Read session tickets: *read* must raise *empty*."""
    try:
        read(1)
    except empty:
        return
    raise BenchError('unexpected data')


def check_cipher(name, version):
    """BenchError unless *name* is the cipher that all contenders use."""
    good = (name == 'TLS_AES_256_GCM_SHA384' if version == 'TLSv1.3' else
            name.startswith('ECDHE-') and
            name.endswith('-AES256-GCM-SHA384'))
    if not good:
        raise BenchError('the cipher is %s' % (name,))
