"""Bytes as a conversation: what libFuzzer's input means.

    three bytes     the setup, and what the rest is
    the rest        calls, one byte each and what they need behind it,
                    or bytes that one end is fed with

Every string of bytes means something, and means the same on Python 2.7 and
3.  encode() writes what decode() reads, for seeds.
"""

import binascii

VERSIONS = ('TLSv1.3', 'TLSv1.2', None)
CERTS = ('ecdsa', 'server', 'other')
NAMES = ('ecdsa.test', None, 'localhost')
CALLBACKS = ('none', 'none', 'none', 'noop', 'swap', 'refuse', 'reenter')

#: What the rest is.
CALLS, BEFORE, AFTER = range(3)
#: Calls at most: what comes behind is ignored.
MOST = 200

SIZES = (0, 1, 5, 100, 1024, 16384, 65536, -1)
READS = (1024, 1, 0, 5, 100, 16384, 16385, 65536, -1)
ROOMS = (1024, 1, 5, 100, 16384, 65536)
WRITES = (1, 100, 0, 1023, 1024, 16384, 16385, 70000)
KINDS = ('bytes', 'bytearray', 'memoryview', 'array')

#: The calls and what their arguments are: a tuple to choose from, 'edits'
#: or 'data'.
CALLS_TABLE = (
    ('do_handshake',), ('read', READS), ('write', WRITES, KINDS),
    ('carry', SIZES), ('carry', (-1,)), ('handshake',), ('unwrap',),
    ('read_into', READS, ROOMS), ('carry_record',), ('tamper', 'edits'),
    ('repeat',), ('drop', SIZES), ('inject', 'data'), ('eof',),
    ('bio', ('incoming', 'outgoing')), ('pending',), ('version',),
    ('cipher',), ('compression',), ('selected_alpn_protocol',),
    ('get_channel_binding',), ('getpeercert', (False, True)),
    ('binding_of_no_type',), ('set_context',), ('set_no_context',),
    ('server_side',), ('server_hostname',))
_BY_NAME = dict((row[0], number) for number, row
                in reversed(list(enumerate(CALLS_TABLE))))

ENDS = ('client', 'server')

#: What 'handshake' is short for.
HANDSHAKE = [[name, end] + args for _ in range(2) for end in ENDS
             for name, args in (('do_handshake', []), ('carry', [-1]))]


class _Reader(object):
    """Takes bytes from the front; zeros when there are no more."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.place = 0

    def __bool__(self):
        return self.place < len(self.data)

    __nonzero__ = __bool__

    def byte(self):
        value = self.data[self.place] if self else 0
        self.place += 1
        return value

    def choose(self, options):
        return options[self.byte() % len(options)]

    def take(self):
        """Some bytes with their number in front, hexadecimal."""
        size = self.byte()
        found = self.data[self.place:self.place + size]
        self.place += size
        return binascii.hexlify(bytes(found)).decode('ascii')


def _setup(reader, reentry):
    first, second = reader.byte(), reader.byte()
    setup = {
        'version': VERSIONS[first % 3], 'cert': CERTS[first // 3 % 3],
        'name': NAMES[first // 9 % 3], 'client_cert': first // 27 % 4 == 3,
        'check_hostname': second % 4 == 3, 'alpn': second // 4 % 2 == 1,
        'crossed': second // 8 % 4 == 3,
        'ca': ('ca', None, 'wrongca')[second // 32 % 3],
        'callback': CALLBACKS[first // 9 // 27 % 7 or second % 7],
    }
    if setup['check_hostname'] and (setup['ca'] is None or
                                    setup['name'] is None):
        setup['check_hostname'] = False
    if setup['callback'] == 'reenter' and not reentry:
        setup['callback'] = 'refuse'
    return setup


def _call(reader):
    first = reader.byte()
    row = CALLS_TABLE[(first & 127) % len(CALLS_TABLE)]
    end = ENDS[first >> 7]
    if row[0] == 'handshake':
        return HANDSHAKE
    call = [row[0], end]
    for kind in row[1:]:
        if kind == 'data':
            call.append(reader.take())
        elif kind == 'edits':
            call.append([[reader.byte() + 256 * (reader.byte() % 66),
                          reader.byte()]
                         for _ in range(1 + reader.byte() % 4)])
        else:
            call.append(reader.choose(kind))
    return [call]


def decode(data, reentry):
    """(setup, calls) of the bytes *data*; reentry (bool): whether callbacks
    may call the connection that they are called from."""
    reader = _Reader(data)
    setup = _setup(reader, reentry)
    what = reader.byte()
    end = ENDS[what >> 7]
    calls = []
    if what % 3 == CALLS:
        while reader and len(calls) < MOST:
            calls += _call(reader)
        return setup, calls
    calls += HANDSHAKE * (what % 3 == AFTER) + [['do_handshake', end]]
    while reader and len(calls) < MOST:
        calls += [['inject', end, reader.take()],
                  ['do_handshake', end], ['read', end, 16384]]
    return setup, calls


def encode(head, calls):
    """The bytes of *calls*, lists of a name, an end and arguments; head:
    the first two bytes, (int, int)."""
    data = bytearray(head) + bytearray([CALLS])
    for call in calls:
        number = _BY_NAME[call[0]]
        row = CALLS_TABLE[number]
        data.append(number | ENDS.index(call[1]) << 7)
        for kind, value in zip(row[1:], call[2:]):
            if kind == 'data':
                value = binascii.unhexlify(value.encode('ascii'))
                data += bytearray([len(value)]) + bytearray(value)
            elif kind == 'edits':
                data.append(len(value) - 1)
                for position, mask in value:
                    data += bytearray([position & 255, position >> 8, mask])
            else:
                data.append(kind.index(value))
    return bytes(data)


def encode_raw(head, end, chunks, after=False):
    """The bytes that feed *chunks* (bytes, up to 255 each) to *end*, before
    or *after* the handshake."""
    data = bytearray(head) + bytearray(
        [(AFTER if after else BEFORE) + (ENDS.index(end) * 129)])
    for chunk in chunks:
        data += bytearray([len(chunk)]) + bytearray(chunk)
    return bytes(data)
