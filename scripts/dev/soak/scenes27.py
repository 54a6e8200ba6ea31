"""Scenes over memory BIOs: what can happen on a connection.  Each checks
every byte, and that none is left."""

import ssl
import threading
import traceback

from shared27 import Wrong

import renegotiation
import tls

LARGEST = 300000        # bytes of one write
LEAK = 4000             # bytes for each connection, on purpose
RECORD = 16384          # bytes of data in a full record
PIECE = 700             # bytes of a write of share()


def numbered(letter, number):
    """A write of share(), like no other."""
    return ('%s%03d' % (letter, number) * PIECE)[:PIECE].encode('ascii')


class Scene(object):
    """A connection yet to be made."""

    #: What is done wrong on purpose: 'lose', 'double' or 'leak'.
    mischief = None
    leaked = []

    def __init__(self, contexts, tally, rng):
        self.contexts = contexts
        self.tally = tally
        self.rng = rng
        self.version = rng.choice(tls.VERSIONS)
        tally.connection()
        if self.mischief == 'leak':
            self.leaked.append(bytearray(LEAK))

    def payload(self):
        size = self.rng.choice((1, 100, 1023, 1024, 5000, RECORD, RECORD + 1,
                                self.rng.randrange(1, LARGEST)))
        start = self.rng.randrange(256)
        # A period that no record has, so that no two records are alike.
        period = bytes(bytearray((start + i) & 255 for i in range(251)))
        return (period * (size // 251 + 1))[:size]


class MemoryScene(Scene):

    NAMES = ('talk', 'talk', 'close', 'renegotiate', 'tamper', 'share',
             'drop')

    def __init__(self, contexts, tally, rng):
        Scene.__init__(self, contexts, tally, rng)
        self.connection = tls.Connection(
            client=contexts.clients[self.version],
            server=contexts.servers[self.version],
            server_hostname='localhost', crossed=rng.random() < 0.3,
            chunk=rng.choice((None, None, 1000, 17000)))
        self.client = self.connection.client
        self.server = self.connection.server

    def read(self, end, count):
        """*count* bytes that *end* reads; what waits is carried to it."""
        parts, left = [], count
        while left > 0:
            try:
                data = end.obj.read(self.rng.choice((1, 1000, RECORD, left)))
            except ssl.SSLWantReadError:
                if not self.connection.flush():
                    raise Wrong('{0} of {1} bytes are missing'.format(
                        left, count))
                continue
            if not data:
                raise Wrong('an early end')
            left -= len(data)
            parts.append(data)
        return b''.join(parts)

    def write(self, end, data):
        self.last = end, data
        if end.obj.write(data) != len(data):
            raise Wrong('a partial write')

    def exchange(self, one, other):
        data = self.payload()
        self.write(one, data)
        self.connection.flush()
        if self.mischief == 'lose':
            other.obj.read(1)
            data = data[:-1]
        if self.read(other, len(data)) != data:
            raise Wrong('other bytes than were written')
        self.tally.add('passed', len(data))

    @staticmethod
    def nothing(end):
        """*end* has read all there was."""
        try:
            data = end.obj.read()
        except ssl.SSLWantReadError:
            pass
        else:
            raise Wrong('{0} bytes too many'.format(len(data)))

    def empty(self):
        """Nothing is on its way any more."""
        for end in self.client, self.server:
            left = (end.obj.pending(), end.incoming.pending,
                    end.outgoing.pending)
            if any(left):
                raise Wrong('bytes are left: {0}'.format(left))

    def quiet(self):
        """Neither end has anything to say, or to hear."""
        if self.mischief == 'double':
            self.write(*self.last)
        # A handshake may have to be finished.
        for _ in range(5):
            self.connection.flush()
            self.nothing(self.client)
            self.nothing(self.server)
        self.empty()

    # The scenes

    def talk(self):
        self.connection.handshake()
        for _ in range(self.rng.randrange(1, 8)):
            ends = [self.client, self.server]
            self.rng.shuffle(ends)
            self.exchange(*ends)
        self.quiet()

    def close(self):
        """close_notify, with data of the peer still on its way."""
        self.talk()
        data = self.payload()
        self.write(self.server, data)
        try:
            self.client.obj.unwrap()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            # It is here already, and unwrap() leaves it alone.
            if error.reason != 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY':
                raise
            self.tally.refusal(error)
        self.connection.flush()
        if self.read(self.client, len(data)) != data:
            raise Wrong('other bytes than were written')
        self.tally.add('passed', len(data))
        self.nothing(self.client)
        try:
            self.server.obj.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.connection.flush()
        self.client.obj.unwrap()
        self.empty()

    def renegotiate(self):
        if self.version != 'TLSv1.2':
            return self.talk()
        self.connection.handshake()
        self.exchange(self.server, self.client)
        renegotiation.request(self.server.obj)
        self.connection.flush()
        self.exchange(self.client, self.server)
        self.exchange(self.server, self.client)
        self.quiet()

    def damage(self, stream):
        """(how, the damaged stream, the number of records before it)."""
        place = left = self.rng.randrange(len(stream))
        whole = 0
        for record in tls.records(stream):
            left -= len(record)
            whole += left >= 0
        how = self.rng.choice(('flip', 'cut', 'repeat', 'drop'))
        stream = bytearray(stream)
        if how == 'flip':
            stream[place] ^= 1 << self.rng.randrange(8)
        elif how == 'cut':
            del stream[place:]
        elif how == 'repeat':
            stream[place:place] = stream[max(0, place - 50):place + 50]
        else:
            del stream[place:place + self.rng.randrange(1, 100)]
        return how, bytes(stream), whole

    def tamper(self):
        """What is read from a damaged stream is the start of what was
        written, up to the damage, and then an exception."""
        self.connection.handshake()
        self.connection.settle()
        data = self.payload()
        self.write(self.server, data)
        how, stream, whole = self.damage(self.server.outgoing.read())
        self.client.incoming.write(stream)
        self.client.incoming.write_eof()
        parts = []
        try:
            while True:
                part = self.client.obj.read(self.rng.choice((1, 999, RECORD)))
                if not part:
                    raise Wrong('a clean end after ' + how)
                parts.append(part)
        except ssl.SSLWantReadError:
            raise Wrong('no end after ' + how)
        except ssl.SSLError as error:
            self.tally.refusal(error)
        got = b''.join(parts)
        if not data.startswith(got):
            raise Wrong('invented bytes after ' + how)
        if len(got) < min(len(data), whole * RECORD):
            raise Wrong('bytes are missing before ' + how)
        self.tally.add('before damage', len(got))

    def share(self):
        """Two threads write to one connection, this one reads."""
        self.connection.handshake()
        count = 30
        failed = []

        def write(letter):
            try:
                for number in range(count):
                    self.write(self.client, numbered(letter, number))
            except Exception:
                failed.append(traceback.format_exc())
        threads = [threading.Thread(target=write, args=(letter,))
                   for letter in 'ab']
        for thread in threads:
            thread.start()
        got, running = [], True
        while running:
            running = any(thread.is_alive() for thread in threads)
            self.connection.flush()
            try:
                while True:
                    got.append(self.server.obj.read(PIECE))
            except ssl.SSLWantReadError:
                pass
        if failed:
            raise Wrong(failed[0])
        self.account(b''.join(got), count)
        self.tally.add('passed', 2 * count * PIECE)
        self.quiet()

    @staticmethod
    def account(got, count):
        """Of *count* writes of each thread none is missing, doubled, mixed
        with another one or in the wrong place."""
        pieces = [got[start:start + PIECE]
                  for start in range(0, len(got), PIECE)]
        for letter in 'ab':
            mine = [piece for piece in pieces
                    if piece.startswith(letter.encode('ascii'))]
            if mine != [numbered(letter, number) for number in range(count)]:
                raise Wrong('not the writes of thread ' + letter)
        if len(pieces) != 2 * count:
            raise Wrong('writes of nobody')

    def drop(self):
        """Left in the handshake, or with data that nobody reads."""
        try:
            self.client.obj.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.connection.flush()
        if self.rng.random() < 0.5:
            try:
                self.server.obj.do_handshake()
            except ssl.SSLWantReadError:
                pass
