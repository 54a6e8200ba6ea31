"""Calls on two connected objects, as data, with the rules that always hold.

A *call* is a list, [name, end, argument...]; everything in it and in its
outcome can be written as JSON.  make fuzz makes the calls out of the bytes
that libFuzzer invents (fuzzbytes.py) or lets Hypothesis choose them, and
runs them on the patched 2.7 and on Python 3; test_fuzz_seeds.py replays
what is worth keeping.  Needs nothing but the standard library.

Whatever the calls are, and whatever bytes were tampered with:

- only the exceptions come that the documentation has, with all their
  attributes;
- what is read is the beginning of what the peer has written, not one byte
  else;
- no data passes to or from a server with the wrong name, where the name is
  checked;
- MemoryBIO neither loses nor invents a byte;
- as long as no byte was tampered with, no record is bad.

Broken is raised where one of them does not hold.
"""

import array
import binascii
import ssl
import zlib

import tls

ENDS = ('client', 'server')
#: Members that are called with nothing but these arguments.
PLAIN = {
    'do_handshake': (), 'unwrap': (), 'pending': (), 'version': (),
    'cipher': (), 'compression': (), 'selected_alpn_protocol': (),
    'get_channel_binding': (),
}
#: The names in the certificates.
NAMES = {'server': ('server.test', 'localhost'), 'ecdsa': ('ecdsa.test',),
         'other': ('other.test',)}
#: Attributes that are looked at.
ATTRIBUTES = ('server_side', 'server_hostname')
#: Whether a callback may call the connection that it is called from: with
#: group hardening.  Without it, and in Python 3, that is a crash.
REENTRY = tls.HARDENING

ERRNO = {'SSLError': 1, 'SSLCertVerificationError': 1, 'SSLWantReadError': 2,
         'SSLSyscallError': 5, 'SSLZeroReturnError': 6, 'SSLEOFError': 8}

#: Of plain SSLErrors, what may be raised when every byte has arrived as it
#: was sent.
HONEST_REASONS = (
    'SHUTDOWN_WHILE_IN_INIT', 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY',
    'PROTOCOL_IS_SHUTDOWN', 'CERTIFICATE_VERIFY_FAILED',
    'TLSV1_ALERT_UNKNOWN_CA', 'CALLBACK_FAILED',
    'TLSV1_ALERT_INTERNAL_ERROR', 'TLSV1_ALERT_ACCESS_DENIED',
    'SSLV3_ALERT_BAD_CERTIFICATE', 'SSLV3_ALERT_HANDSHAKE_FAILURE',
    'TLSV13_ALERT_CERTIFICATE_REQUIRED', 'PEER_DID_NOT_RETURN_A_CERTIFICATE',
    'NO_SHARED_CIPHER', 'BAD_WRITE_RETRY', 'UNINITIALIZED')


# X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
MISMATCHES = (62, 64)


class Broken(AssertionError):
    """A rule that always holds does not."""


def _cached(cache, key, make):
    if key not in cache:
        cache[key] = make()
    return cache[key]


_CONTEXTS = {}

SETUP = {'version': None, 'cert': 'server', 'ca': 'ca', 'name': None,
         'check_hostname': False, 'client_cert': False, 'alpn': False,
         'crossed': False, 'callback': 'none'}
CALLBACKS = ('none', 'noop', 'swap', 'refuse', 'reenter')


def _server_context(setup, second=False):
    key = ('server', setup['version'], setup['cert'], setup['client_cert'],
           setup['alpn'], second)

    def make():
        context = tls.server_context(
            setup['version'], setup['cert'],
            'ca' if setup['client_cert'] else None)
        if setup['alpn'] and ssl.HAS_ALPN:
            context.set_alpn_protocols(['spam', 'eggs'])
        return context
    return _cached(_CONTEXTS, key, make)


def _client_context(setup, second=False):
    key = ('client', setup['version'], setup['ca'], setup['check_hostname'],
           setup['client_cert'], setup['alpn'], second)

    def make():
        context = tls.client_context(
            setup['version'], setup['ca'], setup['check_hostname'],
            'client' if setup['client_cert'] else None)
        if setup['alpn'] and ssl.HAS_ALPN:
            context.set_alpn_protocols(['eggs', 'ham'])
        return context
    return _cached(_CONTEXTS, key, make)


def _text(value):
    """*value* (str or unicode, or None) as JSON has it."""
    if value is None or isinstance(value, tls.text_type):
        return value
    return value.decode('utf-8')


def _plain(value):
    """*value* as JSON would give it back."""
    if isinstance(value, bytes) and not isinstance(value, str):
        return _data(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return dict((_text(key), _plain(item))
                    for key, item in value.items())
    return value


def _data(value):
    """Bytes, so that they can be compared."""
    return {'size': len(value), 'crc': zlib.crc32(value) & 0xffffffff}


class Conversation(object):
    """A client and a server, and what they have said.

    setup: a dict with some of the keys of SETUP.
    """

    def __init__(self, setup):
        self.setup = dict(SETUP, **setup)
        self.failed = False     # a handshake or record was refused
        server = _server_context(self.setup)
        if self.setup['callback'] != 'none':
            # A context of its own: the callback belongs to the context.
            server = tls.server_context(self.setup['version'],
                                        self.setup['cert'])
            server.set_servername_callback(self._callback)
        self.connection = tls.Connection(
            self.setup['version'], _client_context(self.setup), server,
            server_hostname=self.setup['name'],
            crossed=self.setup['crossed'])
        self.sent = {'client': bytearray(), 'server': bytearray()}
        self.received = {'client': bytearray(), 'server': bytearray()}
        self.honest = True
        # Where what happens depends on bytes that are random, no two
        # conversations need to be alike.
        self.noise = False
        self.aligned = {'client': True, 'server': True}
        self.counter = 0
        self.wrong_name = (
            self.setup['check_hostname'] and
            self.setup['name'] not in NAMES[self.setup['cert']])

    def end(self, name):
        return getattr(self.connection, name)

    def other(self, name):
        return ENDS[name == 'client']

    def _callback(self, obj, name, context):
        how = self.setup['callback']
        if how == 'swap':
            obj.context = _server_context(self.setup, second=True)
        elif how == 'refuse':
            return ssl.ALERT_DESCRIPTION_ACCESS_DENIED
        elif how == 'reenter':
            for call in (obj.do_handshake, obj.read, obj.unwrap,
                         lambda: obj.write(b'cleartext')):
                try:
                    call()
                except ssl.SSLError:
                    pass
                else:
                    raise Broken('a call from within the callback succeeded')
        elif how != 'noop':
            raise ValueError(how)
        return None

    # What a call may be

    def call(self, call):
        """Make *call*; returns its outcome, a list: ['returned', value] or
        ['raised', class, errno, reason, library, other class]."""
        name, end = call[0], call[1]
        before = self._pending()
        try:
            value = self._dispatch(name, end, call[2:])
        except Broken:
            raise
        except ssl.SSLError as error:
            outcome = self._ssl_error(call, error)
        except Exception as error:
            outcome = self._other_error(call, error)
        else:
            outcome = ['returned', value]
        self._check_bios(name, end, before)
        self._check_name(call, outcome)
        return outcome

    def _dispatch(self, name, end, args):
        obj = self.end(end).obj
        if name in PLAIN:
            return self._member(name, getattr(obj, name)(*PLAIN[name]))
        if name in ATTRIBUTES:
            return _plain(getattr(obj, name))
        return getattr(self, '_call_' + name)(end, *args)

    def _member(self, name, value):
        if name == 'get_channel_binding' and value is not None:
            return 'some'       # tells nothing, and differs each time
        return _plain(value)

    def _read_done(self, end, data):
        self.received[end] += data
        expected = self.sent[self.other(end)][:len(self.received[end])]
        if self.received[end] != expected:
            raise Broken('%s read what its peer has not written' % end)

    def _call_read(self, end, size):
        data = self.end(end).obj.read(size)
        if size >= 0 and len(data) > size:
            raise Broken('read(%d) returned %d bytes' % (size, len(data)))
        self._read_done(end, data)
        return _data(data)

    def _call_read_into(self, end, size, room):
        buffer = bytearray(b'\xee' * room)
        count = self.end(end).obj.read(size, buffer)
        if not 0 <= count <= room:
            raise Broken('read into %d bytes returned %r' % (room, count))
        if bytes(buffer[count:]) != b'\xee' * (room - count):
            raise Broken('read() wrote behind the data')
        self._read_done(end, buffer[:count])
        return int(count)

    def _call_write(self, end, size, kind):
        # Which bytes they are depends on their place in the stream.
        self.counter += 1
        data = bytes(bytearray(
            (self.counter * 31 + number) & 0xff for number in range(251)))
        data = (data * (size // 251 + 1))[:size]
        given = {'bytes': lambda: data, 'bytearray': lambda: bytearray(data),
                 'memoryview': lambda: memoryview(data),
                 'array': lambda: array.array('B', bytearray(data))}[kind]()
        count = self.end(end).obj.write(given)
        if count != size:
            raise Broken('write() of %d bytes returned %r' % (size, count))
        self.sent[end] += data
        if kind == 'bytearray':
            given.append(0)     # BufferError if it is still exported
        return int(count)

    def _call_getpeercert(self, end, binary):
        cert = self.end(end).obj.getpeercert(binary)
        return _data(cert) if binary and cert is not None else _plain(cert)

    def _call_binding_of_no_type(self, end):
        self.end(end).obj.get_channel_binding('no-such-type')

    def _call_set_context(self, end):
        make = _client_context if end == 'client' else _server_context
        context = make(self.setup, second=True)
        self.end(end).obj.context = context
        return self.end(end).obj.context is context

    def _call_set_no_context(self, end):
        self.end(end).obj.context = None

    # The bytes between the two

    def _feed(self, end, data):
        bio = self.end(end).incoming
        before = bio.pending
        count = bio.write(data)
        if count != len(data) or bio.pending != before + count:
            raise Broken('MemoryBIO.write() of %d bytes returned %d, '
                         'pending went from %d to %d' % (
                             len(data), count, before, bio.pending))

    def _take(self, end, size=-1):
        bio = self.end(end).outgoing
        before = bio.pending
        data = bio.read(size)
        expected = before if size < 0 else min(before, size)
        if len(data) != expected or bio.pending != before - expected:
            raise Broken('MemoryBIO.read(%d) with %d pending returned %d, '
                         '%d are left' % (size, before, len(data),
                                          bio.pending))
        if data:
            # Of a record, or of what is random in it, maybe a part is left.
            self.aligned[end] = not bio.pending
        return data

    def _call_carry(self, end, size):
        """Up to *size* bytes, all for -1, from outgoing to the peer."""
        if self.setup['crossed']:
            return None
        data = self._take(end, size)
        self._feed(self.other(end), data)
        return bool(data)

    def _record(self, end):
        """The first record that waits in outgoing; None if there is no
        whole one, or if only the end of it is there."""
        if not self.aligned[end]:
            return None
        bio = self.end(end).outgoing
        data = bytearray(self._take(end))
        size = 5 + (data[3] << 8) + data[4] if len(data) >= 5 else 5
        record, rest = data[:size], data[size:]
        if len(record) < size:
            record, rest = None, data
        bio.write(bytes(rest))
        return record

    def _call_carry_record(self, end):
        if self.setup['crossed']:
            return None
        record = self._record(end)
        if record is not None:
            self._feed(self.other(end), bytes(record))
        return record is not None

    def _call_tamper(self, end, edits):
        """Carry one record with *edits*: pairs of a position (modulo the
        size of the record) and what is xor'ed to the byte there."""
        if self.setup['crossed']:
            return None
        record = self._record(end)
        if record is None:
            return False
        if None in [self.end(name).obj.version() for name in ENDS]:
            self.noise = True   # hellos and signatures are random
        for position, mask in edits:
            record[position % len(record)] ^= mask
            self.honest = self.honest and not mask
        self._feed(self.other(end), bytes(record))
        return True

    def _call_repeat(self, end):
        """Carry one record twice."""
        if self.setup['crossed']:
            return None
        record = self._record(end)
        if record is None:
            return False
        self.honest = False
        self._feed(self.other(end), bytes(record + record))
        return True

    def _call_drop(self, end, size):
        """Lose up to *size* bytes of outgoing."""
        if self._take(end, size):
            self.honest = False
            self.noise = self.noise or not self.aligned[end]
        return None

    def _call_inject(self, end, data):
        """Feed *data*, hexadecimal, that the peer has not sent."""
        data = binascii.unhexlify(data.encode('ascii'))
        self._feed(end, data)
        self.honest = self.honest and not data
        self.noise = self.noise or not self.aligned[self.other(end)]
        return None

    def _call_eof(self, end):
        self.honest = False
        return self.end(end).incoming.write_eof()

    def _call_bio(self, end, which):
        bio = getattr(self.end(end), which)
        if bio.eof and bio.pending:
            raise Broken('eof with %d bytes pending' % bio.pending)
        return [bool(bio.pending), bio.eof]

    # The rules

    def _pending(self):
        return dict(((end, which), getattr(self.end(end), which).pending)
                    for end in ENDS for which in ('incoming', 'outgoing'))

    def _check_bios(self, name, end, before):
        if name in ('carry', 'carry_record', 'tamper', 'repeat', 'drop',
                    'inject', 'bio') or self.setup['crossed']:
            return
        after = self._pending()
        for (whose, which), count in after.items():
            change = count - before[whose, which]
            if change and (whose != end or (change > 0) ==
                           (which == 'incoming')):
                raise Broken('%s of the %s changed %s of the %s by %d' % (
                    name, end, which, whose, change))

    def _check_name(self, call, outcome):
        if self.wrong_name and call[1] == 'client' and \
                outcome[0] == 'returned' and (
                    call[0] == 'write' and call[2] > 0 or
                    call[0] == 'read' and outcome[1]['size'] or
                    call[0] == 'read_into' and outcome[1]):
            raise Broken('%r: %r, but the name is wrong' % (call, outcome))

    def _ssl_error(self, call, error):
        kind = type(error).__name__
        outcome = ['raised', kind, error.errno, _text(error.reason)
                   if hasattr(error, 'reason') else None,
                   _text(error.library)
                   if hasattr(error, 'library') else None]
        if call[0] in ('inject', 'carry', 'carry_record', 'tamper',
                       'repeat'):
            if error.args != ('cannot write() after write_eof()',):
                raise Broken('%r: %r' % (call, error))
            return outcome[:2] + [None] * 3
        if kind not in ERRNO or error.errno != ERRNO[kind]:
            raise Broken('%r: %r with errno %r' % (call, error, error.errno))
        if tls.PY2:
            # An alert with a number that is not assigned has no name.
            if error.reason is not None and error.library is None:
                raise Broken('%r: reason %r, library %r' % (
                    call, error.reason, error.library))
            if kind == 'SSLSyscallError':
                raise Broken('%r: %r, but there is no socket' % (call, error))
        if getattr(error, 'verify_code', None) in MISMATCHES and \
                self.honest and (not self.wrong_name or call[1] != 'client'):
            raise Broken('%r: %r, but the name is right' % (call, error))
        if kind in ('SSLError', 'SSLCertVerificationError'):
            reason = outcome[3]
            if reason is None and 'shutdown while in init' in str(error):
                # LibreSSL and AWS-LC do not say so themselves.
                reason = 'SHUTDOWN_WHILE_IN_INIT'
            if self.honest and not self.failed and \
                    reason not in HONEST_REASONS and \
                    (tls.PY2 or reason is not None):
                raise Broken('%r: %r, but no byte was changed' % (call,
                                                                  error))
            if call[0] != 'unwrap' or reason != 'SHUTDOWN_WHILE_IN_INIT':
                self.failed = True
        return outcome

    def _other_error(self, call, error):
        kind = type(error).__name__
        allowed = {
            'getpeercert': (ValueError,),
            'binding_of_no_type': (ValueError, NotImplementedError),
            'set_no_context': (TypeError,),
            'read': (ValueError,), 'read_into': (ValueError,),
        }.get(call[0], ())
        if not isinstance(error, allowed):
            raise Broken('%r: %s: %s' % (call, kind, error))
        return ['raised', kind, None, None, None]
