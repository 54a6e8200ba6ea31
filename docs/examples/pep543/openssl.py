"""What both backends have in common, as both are over OpenSSL."""

import collections

from pep543 import abstract
from pep543.errors import (
    RaggedEOF,
    TLSError,
    WantReadError,
    WantWriteError,
)
from pep543.names import NextProtocol, TLSVersion
from pep543.records import Records
from pep543.suites import CipherSuite

RECORD = 16384                  # bytes: the most that one TLS record carries
LIMIT = 65536                   # bytes in the output buffer before it is full
INBOX = 262144                  # bytes, the same for what was received

VERSIONS = {'TLSv1': TLSVersion.TLSv1, 'TLSv1.1': TLSVersion.TLSv1_1,
            'TLSv1.2': TLSVersion.TLSv1_2, 'TLSv1.3': TLSVersion.TLSv1_3}


def suite_name(suite):
    """OpenSSL's name (str) for the CipherSuite *suite*."""
    exchange, _, rest = suite.name[len('TLS_'):].partition('_WITH_')
    if not rest:                # those of TLS 1.3
        return suite.name
    for ours, theirs in (
            ('CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305'),
            ('3DES_EDE_CBC', 'DES-CBC3'), ('IDEA_CBC', 'IDEA-CBC'),
            ('RC4_128', 'RC4'), ('CCM_8', 'CCM8'), ('AES_', 'AES'),
            ('CAMELLIA_', 'CAMELLIA'), ('SEED_CBC', 'SEED'),
            ('8_CBC_SHA', '8-SHA'), ('6_CBC_SHA', '6-SHA')):
        rest = rest.replace(ours, theirs)
    return '-'.join(word for word in (exchange + '_' + rest).split('_')
                    if exchange != 'RSA' or word != 'RSA')


_SUITES = dict((suite_name(suite), suite)
               for suite in CipherSuite.members.values())


def older_suites(configuration):
    """The list, in OpenSSL's format, of those before TLS 1.3.  Those of
    TLS 1.3 cannot be chosen by either module; see allowed_versions() and
    Buffer.do_handshake()."""
    names = [suite_name(CipherSuite.members[suite])
             for suite in configuration.ciphers
             if suite in CipherSuite.members and not _is_new(suite)]
    # OpenSSL wants at least one, even if TLS 1.3 alone is allowed.
    return ':'.join(names) or 'ECDHE+AESGCM'


def _is_new(suite):
    return 0x1301 <= suite <= 0x1305


def allowed_versions(configuration):
    """The TLSVersions that *configuration* allows, in order; TLSError if
    there is none.  OpenSSL has no SSL 2, and SSL 3 is never used."""
    lowest = configuration.lowest_supported_version
    highest = configuration.highest_supported_version
    # TLS 1.3 and the older versions have no cipher suite in common.
    known = [suite for suite in configuration.ciphers
             if suite in CipherSuite.members]
    if not any(map(_is_new, known)):
        highest = min(highest, TLSVersion.TLSv1_2)
    if all(map(_is_new, known)):
        lowest = max(lowest, TLSVersion.TLSv1_3)
    allowed = [version for version in sorted(VERSIONS.values())
               if lowest <= version <= highest]
    if not allowed:
        raise TLSError('no version of TLS and cipher suite is left')
    return allowed


class Context(object):
    """What all contexts share.  A subclass has _make(), which returns the
    backend's own context for the configuration."""

    def __init__(self, configuration):
        self._configuration = configuration
        self._context = self._make()

    @property
    def configuration(self):
        return self._configuration


class Buffer(abstract.TLSWrappedBuffer):
    """A TLSWrappedBuffer, by what a subclass has:

    _tls_handshake(), _tls_read(amt), _tls_write(view), _tls_shutdown():
        as in the ssl module, with the errors of this package; reading gives
        b'' after close_notify
    _feed(data), _feed_end(), _taken(): the network's side, the last of which
        gives all that is to be sent
    _facts(): (OpenSSL's name of the cipher suite, 'TLSv1.3' and the like,
        the protocol's bytes), with None for what there is not
    """

    def __init__(self, context):
        self._context = context
        self._inbox, self._records = bytearray(), Records()
        self._ended = self._told = False        # the network
        self._unsent = bytearray()
        self._unread = collections.deque()
        self._ready = self._closed = False

    # The network.

    def receive_from_network(self, data):
        if len(self._inbox) >= INBOX:
            raise WantReadError('read() what is there first')
        self._inbox += data
        self._ended = self._ended or not data

    def _collect(self):
        self._unsent += self._taken()
        return self._unsent

    def peek_outgoing(self, amt):
        return bytes(self._collect()[:amt])

    def consume_outgoing(self, amt):
        del self._unsent[:amt]

    def bytes_buffered(self):
        return len(self._collect())

    def _run(self, call, *args):
        """The result of *call*, which is given what was received record by
        record: nothing of what follows the last one goes to OpenSSL."""
        while True:
            try:
                return call(*args)
            except WantReadError:
                data = bytes(self._inbox[:self._records.size])
                if data:
                    del self._inbox[:len(data)]
                    self._records.take(data)
                    self._feed(data)
                elif self._ended and not self._told:
                    self._told = True
                    self._feed_end()
                elif self._ended:
                    # Gotcha 4: with each repetition, and never an empty read.
                    raise RaggedEOF('the network has ended')
                else:
                    raise

    # The application.

    def do_handshake(self):
        self._run(self._tls_handshake)
        if self.cipher() not in self._context.configuration.ciphers:
            raise TLSError('{!r} is not wanted'.format(self.cipher()))
        self._ready = True

    def _check(self):
        # Gotcha 2: OpenSSL would begin the handshake by itself.
        if not self._ready:
            raise TLSError('do_handshake() has not been completed')

    def read(self, amt):
        self._check()
        if self._unread:
            return self._take_unread(amt)
        if self._closed or not amt:
            return b''
        return self._run(self._tls_read, min(amt, RECORD))

    def _take_unread(self, amt):
        data = self._unread.popleft()
        if len(data) > amt:
            self._unread.appendleft(data[amt:])
        return data[:amt]

    def readinto(self, buffer, amt):
        view = memoryview(buffer)
        data = self.read(min(amt, len(view)))
        view[:len(data)] = data
        return len(data)

    def write(self, buf):
        self._check()
        # Gotcha 7: OpenSSL's own buffer has no upper limit.
        room = LIMIT - self.bytes_buffered()
        if room <= 0:
            raise WantWriteError('send what peek_outgoing() gives first')
        view = memoryview(buf)
        if hasattr(view, 'cast'):       # Python 3: count in bytes
            view = view.cast('B')
        return self._run(self._tls_write, view[:room])

    def shutdown(self):
        self._check()
        if self._closed:
            return
        # Gotcha 3: it fails on data that has not been read.
        try:
            for data in iter(lambda: self._run(self._tls_read, RECORD), b''):
                self._unread.append(data)
        except WantReadError:
            pass
        self._run(self._tls_shutdown)
        self._closed = True

    @property
    def leftover(self):
        """Bytes that came after the peer's close_notify (not in the PEP).
        Gotcha 5: they are in the clear, and not part of what read() gave.
        They are removed."""
        if not self._closed:
            return b''
        data, self._inbox = bytes(self._inbox), bytearray()
        return data

    # Facts.

    @property
    def context(self):
        return self._context

    def cipher(self):
        name = self._facts()[0]
        # What is not in the enumeration is not in DEFAULT_CIPHER_LIST.
        return name and _SUITES.get(name, 0)

    def negotiated_protocol(self):
        name = self._facts()[2]
        return name and NextProtocol.members.get(name, name)

    @property
    def negotiated_tls_version(self):
        return VERSIONS.get(self._facts()[1])
