"""Let each allocation of a call fail in turn, and look at what is left.

    failing_allocations.py '{"library": ..., "extension": ..., ...}'

Run by test_allocation_failure.py, in a process of its own since OpenSSL takes
the hooks only at the start.  Options: library and extension, see
allocations.py; kind, 'openssl' or 'python'; version of TLS; scenarios, a list
of names; stride, through long scenarios; verbose, tracebacks of problems.

Prints a JSON object a line, one for a single failing allocation and one for
all from there on, with:

scenario, kind, lasting     what it is about
count       the allocations there are when none fails
wanted      how many of them were to fail
tried       how many of them did
outcomes    {what happened: how often}
problems    what must not be: a list of texts

The last line of stderr is what was tried last.
"""

from __future__ import print_function

import array
import collections
import ctypes
import gc
import json
import select
import sys
import traceback

import allocations

OPTIONS = json.loads(sys.argv[1])
HOOKS = allocations.Allocations(OPTIONS['library'], OPTIONS['extension'])

# Not before: these use OpenSSL.
import _ssl  # noqa: E402
import ssl  # noqa: E402
import tempfile  # noqa: E402

import errorcodes  # noqa: E402
import selfsigned  # noqa: E402
import sockets  # noqa: E402
import tls  # noqa: E402

VERSION = OPTIONS['version']
# Several TLS records, of which none is like another.
DATA = ''.join('%09d ' % number for number in range(5000)).encode('ascii')
SSL_CTRL_SET_SESS_CACHE_MODE = 44
WARM_UP = 3
LONG = 1000     # allocations of a scenario in which not all fail

# Without group hardening getpeercert() forgets the names it has decoded.
LOSES_NAMES = () if tls.HARDENING else ('python', )


def without_cache(context):
    """A server's session cache would look like a leak."""
    HOOKS.crypto.SSL_CTX_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int,
                                          ctypes.c_long, ctypes.c_void_p]
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    HOOKS.crypto.SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, 0, None)
    return context


CLIENT = tls.client_context(VERSION, check_hostname=True)
SERVER = without_cache(tls.server_context(VERSION))
UNTRUSTED = without_cache(tls.server_context(VERSION, 'untrusted'))
OTHER = without_cache(tls.server_context(VERSION, 'other'))


def connection():
    return tls.Connection(VERSION, CLIENT, SERVER, server_hostname='localhost')


def established():
    return connection().established()


def poke(obj):
    """Call everything that an object has: an answer or an SSLError.  Returns
    what it read."""
    data = []
    calls = (obj.do_handshake, lambda: data.append(obj.read()),
             lambda: obj.write(b'x'), obj.pending, obj.cipher, obj.version,
             obj.getpeercert, obj.compression, obj.get_channel_binding,
             obj.unwrap, obj.do_handshake)
    for call in calls:
        try:
            call()
        except ssl.SSLError:
            pass
        except ValueError as error:
            if 'handshake not done' not in str(error):
                raise
    return b''.join(data)


class Scenario(object):
    """One call: prepare() without failures, run() with, check() without."""
    #: What run() may raise.
    errors = MemoryError, ssl.SSLError
    #: The kinds of failure at which 2.7.18 itself loses memory.
    stock_leaks = ()
    #: Each allocation is to fail, however many there are.
    whole = False
    #: Each of so many at the end is to fail, and no other; or None.
    last = None
    #: Where the allocation failed, if that is known, and how many did, for
    #: check().
    where = None
    failed = 0

    def prepare(self):
        return None

    def run(self, state):
        raise NotImplementedError

    def check(self, state, result, error):
        """Look at *state* after run(); result is None if error is not."""


class NewBIO(Scenario):
    def run(self, state):
        return ssl.MemoryBIO()

    def check(self, state, result, error):
        if result is not None:
            assert result.write(b'abc') == 3 and result.read() == b'abc'


class BIOWrite(Scenario):
    def prepare(self):
        bio = ssl.MemoryBIO()
        bio.write(b'abc')
        return bio

    def run(self, state):
        return state.write(DATA)

    def check(self, state, result, error):
        expected = b'abc'
        if error is None:
            assert result == len(DATA)
            expected += DATA
        assert state.pending == len(expected)
        # Behind it, not into it.
        assert state.write(b'def') == 3
        assert state.read() == expected + b'def'
        assert state.read() == b'' and not state.eof


class BIOWriteAfterEOF(Scenario):
    def prepare(self):
        bio = ssl.MemoryBIO()
        bio.write(b'abc')
        bio.write_eof()
        return bio

    def run(self, state):
        return state.write(DATA)

    def check(self, state, result, error):
        assert error is not None
        if isinstance(error, ssl.SSLError):
            assert error.args == ('cannot write() after write_eof()',)
            assert error.reason is None and error.library is None
        assert state.read() == b'abc' and state.eof


class BIORead(BIOWrite):
    size = -1

    def prepare(self):
        bio = ssl.MemoryBIO()
        bio.write(DATA)
        return bio

    def run(self, state):
        return state.read(self.size)

    def check(self, state, result, error):
        taken = b'' if error is not None else result
        assert taken + state.read() == DATA


class BIOReadPart(BIORead):
    size = 1000


class BIOReadMost(BIORead):
    """So much that what is left is worth a smaller block."""
    size = len(DATA) - 100


class WrapBIO(Scenario):
    """SSL_new(), the two BIOs, and the host name."""
    server_side = False

    def prepare(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(b'abc')
        return incoming, outgoing

    def run(self, state):
        name = None if self.server_side else 'localhost'
        context = SERVER if self.server_side else CLIENT
        return context.wrap_bio(*state, server_side=self.server_side,
                                server_hostname=name)

    def check(self, state, result, error):
        incoming, outgoing = state
        assert incoming.pending == 3 and outgoing.pending == 0
        if result is not None:
            incoming.read()
            poke(result)
        else:
            # The BIOs belong to their owner alone.
            assert incoming.read() == b'abc'
            assert outgoing.write(b'def') == 3 and outgoing.read() == b'def'


class WrapBIOServer(WrapBIO):
    server_side = True


class WrapOneBIO(WrapBIO):
    def run(self, state):
        return CLIENT.wrap_bio(state[0], state[0],
                               server_hostname='localhost')


class WrapSocket(Scenario):
    """SSL_set_fd() in place of the BIOs."""

    def prepare(self):
        block = sockets.connected()
        client, _ = block.__enter__()
        return block, client

    def run(self, state):
        return CLIENT._wrap_socket(state[1]._sock, False, 'localhost')

    def check(self, state, result, error):
        block, client = state
        # Still the caller's to use.
        assert client.send(b'abc') == 3
        del result
        block.__exit__(None, None, None)


class SetContext(Scenario):
    def prepare(self):
        return SERVER.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), True)

    def run(self, state):
        state.context = OTHER

    def check(self, state, result, error):
        assert state.context is (SERVER if error is not None else OTHER)
        poke(state)


class NewContext(Scenario):
    """With what reads files, and the default ciphers."""

    def run(self, state):
        return ssl.SSLContext(ssl.PROTOCOL_TLS)

    def check(self, state, result, error):
        if result is not None:
            result.load_verify_locations(capath=tls.CERTS)
            poke(result.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()))


class SetOptions(Scenario):
    """From an int, of which a long is made."""

    def prepare(self):
        context = tls.new_context()
        return context, context.options

    def run(self, state):
        context, before = state
        context.options = int(before | ssl.OP_NO_TLSv1_2)

    def check(self, state, result, error):
        context, before = state
        assert context.options == (
            before if error is not None else before | ssl.OP_NO_TLSv1_2)


class SetCiphers(Scenario):
    """While there is a connection, which keeps those that it has."""
    ciphers = 'ECDHE-RSA-AES128-GCM-SHA256'

    def prepare(self):
        context = without_cache(tls.server_context(VERSION))
        return context, self.connect(context)

    def connect(self, context):
        return tls.Connection(VERSION, CLIENT, context,
                              server_hostname='localhost').established()

    def run(self, state):
        state[0].set_ciphers(self.ciphers)

    def check(self, state, result, error):
        context, before = state
        assert before.send(before.client, b'ping') == b'ping'
        cipher = self.connect(context).server.obj.cipher()
        if VERSION == 'TLSv1.2' and error is None:
            assert cipher[0] == self.ciphers
        elif VERSION == 'TLSv1.2':
            assert cipher == before.server.obj.cipher()


class WrapOwnCiphers(SetCiphers):
    """A connection with a list of its own."""

    def prepare(self):
        state = SetCiphers.prepare(self)
        SetCiphers.run(self, state)
        return state

    def run(self, state):
        return state[0].wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), True)

    def check(self, state, result, error):
        SetCiphers.check(self, state, result, None)
        if result is not None:
            poke(result)


class GetCiphers(WrapOwnCiphers):
    def run(self, state):
        return state[0].get_ciphers()

    def check(self, state, result, error):
        names = [cipher['name'] for cipher in state[0].get_ciphers()]
        assert self.ciphers in names
        if error is None:
            assert [cipher['name'] for cipher in result] == names


class SetContextWithCiphers(WrapOwnCiphers):
    """Of a connection that has no list yet."""

    def prepare(self):
        obj = SERVER.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), True)
        return WrapOwnCiphers.prepare(self) + (obj, )

    def run(self, state):
        state[2].context = state[0]

    def check(self, state, result, error):
        poke(state[2])
        SetCiphers.check(self, state[:2], result, None)


class StoreStats(Scenario):
    def run(self, state):
        return CLIENT.cert_store_stats(), CLIENT.get_ca_certs(True)

    def check(self, state, result, error):
        again = self.run(state)
        assert again[0]['x509_ca'] == len(again[1]) > 0
        if error is None:
            assert result == again


class SetCurve(Scenario):
    def prepare(self):
        return without_cache(tls.server_context(VERSION))

    def run(self, state):
        state.set_ecdh_curve('secp384r1')

    def check(self, state, result, error):
        tls.Connection(VERSION, CLIENT, state,
                       server_hostname='localhost').established()


class SetProtocols(Scenario):
    """Those that were set before stay, if it fails."""

    def prepare(self):
        context = without_cache(tls.client_context(VERSION))
        context.set_alpn_protocols(['old'])
        return context

    def run(self, state):
        state.set_alpn_protocols(['new'])

    def check(self, state, result, error):
        server = tls.server_context(VERSION)
        server.set_alpn_protocols(['new', 'old'])
        pair = tls.Connection(VERSION, state, server).established()
        assert pair.client.obj.selected_alpn_protocol() == (
            'new' if error is None else 'old')


class LoadCertChain(Scenario):
    """All or nothing, with group hardening."""
    if not tls.HARDENING:
        stock_leaks = 'openssl', 'python'

    def prepare(self):
        return without_cache(tls.server_context(VERSION))

    def run(self, state):
        # The keywords are copied first.
        state.load_cert_chain(certfile=tls.cert('other'))

    def check(self, state, result, error):
        if not tls.HARDENING and error is not None:
            return
        pair = tls.Connection(VERSION, tls.client_context(VERSION), state)
        try:
            cert = pair.established().client.obj.getpeercert()
        except ssl.SSLError as late:
            # OpenSSL 3 may decode a key of which it forgets what it can do,
            # and tells nobody.
            assert error is None and self.failed
            assert late.reason == 'NO_SUITABLE_SIGNATURE_ALGORITHM'
            return
        name = 'other.test' if error is None else 'server.test'
        assert ('DNS', name) in cert['subjectAltName']


class Handshake(Scenario):
    """All of the handshake, both ends."""
    errors = MemoryError, ssl.SSLError, ssl.CertificateError
    stock_leaks = LOSES_NAMES

    def prepare(self):
        return connection()

    def run(self, state):
        state.handshake()

    def check(self, state, result, error):
        if error is None:
            state.flush()
            assert state.send(state.client, b'ping') == b'ping'
        else:
            for end in (state.client, state.server):
                assert poke(end.obj) == b''


class HandshakeWithCallback(Handshake):
    """The server name callback, and a context set from it."""

    def prepare(self):
        def callback(obj, name, context):
            obj.context = OTHER

        context = without_cache(tls.server_context(VERSION))
        context.set_servername_callback(callback)
        return tls.Connection(VERSION, tls.client_context(VERSION), context,
                              server_hostname='other.test')


class WrongName(Handshake):
    """A host name that is not in the certificate: never a success."""
    whole = True

    def prepare(self):
        return tls.Connection(VERSION, CLIENT, SERVER,
                              server_hostname='elsewhere.test')

    def check(self, state, result, error):
        if error is None and not tls.PY2:
            # For which the name was lost: see differences.py.
            assert self.failed
            return
        assert error is not None
        for call in (state.client.obj.do_handshake, state.client.obj.read,
                     lambda: state.client.obj.write(b'secret')):
            try:
                result = call()
            except (ssl.SSLError, ssl.CertificateError):
                pass
            else:
                # Python 3 makes the end of a stream of a failed connection.
                assert not tls.PY2 and result == b''
            state.flush()
        # The server has had nothing but the handshake and alerts.
        try:
            assert state.server.obj.read() == b''
        except ssl.SSLError:
            pass


class Untrusted(WrongName):
    """A certificate that nobody vouches for: never a success."""

    def prepare(self):
        return tls.Connection(VERSION, CLIENT, UNTRUSTED,
                              server_hostname='localhost')


class Certificate(Scenario):
    """Where 2.7.18 does not look at a result it leaves out a part of the
    serial number or, without group hardening, the names; it must not come up
    with others."""
    stock_leaks = LOSES_NAMES

    def prepare(self):
        return established()

    def run(self, state):
        return (state.client.obj.getpeercert(),
                state.client.obj.getpeercert(True))

    def check(self, state, result, error):
        again = self.run(state)
        assert ('DNS', 'localhost') in again[0]['subjectAltName']
        if error is None:
            assert result[1] == again[1]
            got, full = dict(result[0]), dict(again[0])
            assert full.pop('serialNumber').startswith(
                got.pop('serialNumber'))
            if not tls.HARDENING:
                assert set(full.pop('subjectAltName')).issuperset(
                    got.pop('subjectAltName'))
            assert got == full
        assert state.send(state.client, b'ping') == b'ping'


class DecodeCertificate(Scenario):
    """Addresses among the names: OpenSSL prints them into a BIO."""
    # For an address of which nothing was printed
    errors = MemoryError, ssl.SSLError, ValueError
    if not tls.HARDENING:
        stock_leaks = 'openssl', 'python'

    def run(self, state):
        return _ssl._test_decode_cert(tls.cert('ip'))

    def check(self, state, result, error):
        names = self.run(None)['subjectAltName']
        assert [kind for kind, _ in names].count('IP Address') >= 2
        if error is None and tls.HARDENING:
            assert result['subjectAltName'] == names


class DecodeShortCertificate(DecodeCertificate):
    """The times need more memory than the number before them."""
    last = 100

    def prepare(self):
        file = tempfile.NamedTemporaryFile()
        selfsigned.write(file.name, selfsigned.certificate(
            [(selfsigned.UTF8, b'localhost')]))
        return file

    def run(self, state):
        return _ssl._test_decode_cert(state.name)

    def check(self, state, result, error):
        if error is None and tls.HARDENING:
            assert result == self.run(state)


class SharedCiphers(Scenario):
    def prepare(self):
        return established()

    def run(self, state):
        return state.server.obj.shared_ciphers()

    def check(self, state, result, error):
        again = self.run(state)
        assert state.server.obj.cipher()[0] in [name for name, _, _ in again]
        if error is None:
            assert result == again


class SocketHandshake(Scenario):
    """Over a socket, where what was agreed on is remembered."""

    def prepare(self):
        block = sockets.connected()
        pair = block.__enter__()
        for sock in pair:
            sock.setblocking(False)
        return (block, pair,
                CLIENT._wrap_socket(pair[0]._sock, False, 'localhost'),
                SERVER._wrap_socket(pair[1]._sock, True))

    def run(self, state):
        waiting = dict(zip(state[1], state[2:]))
        readable = state[1][:1]
        while readable:
            for sock in readable:
                try:
                    waiting[sock].do_handshake()
                except ssl.SSLWantReadError:
                    pass
                else:
                    del waiting[sock]
            # Whoever asks before something has come makes the number of
            # allocations another one each time.
            readable = select.select(list(waiting), [], [],
                                     60)[0] if waiting else []
        assert not waiting

    def check(self, state, result, error):
        block, _, client, server = state
        if error is None:
            assert client.cipher() == server.cipher() is not None
            assert client.version() == server.version() is not None
        block.__exit__(None, None, None)


class Write(Scenario):
    def prepare(self):
        return established()

    def run(self, state):
        return state.client.obj.write(DATA)

    def receive(self, state):
        """What the server gets of it, and that it is not something else."""
        received = b''
        state.flush()
        for _ in range(len(DATA)):
            try:
                part = state.server.obj.read(len(DATA))
            except ssl.SSLError:
                break
            if not part:
                break
            received += part
        assert DATA.startswith(received)
        return received

    def check(self, state, result, error):
        if error is None:
            assert result == len(DATA)
            assert self.receive(state) == DATA
            return
        if self.where == 'PyInt_FromLong:0' and not tls.HARDENING:
            # The result that write() returns: by then the bytes have left.
            assert self.receive(state) == DATA
            return
        # The same bytes once more, as after SSLWantWriteError: the rest of
        # them follows, or the connection is dead.
        try:
            again = state.client.obj.write(DATA)
        except ssl.SSLError:
            self.receive(state)
            poke(state.client.obj)
            return
        assert again == len(DATA)
        assert self.receive(state) == DATA


class Read(Scenario):
    end = 'server'

    def prepare(self):
        state = established()
        state.client.obj.write(DATA)
        state.flush()
        return state

    def run(self, state):
        return getattr(state, self.end).obj.read(20000)

    def check(self, state, result, error):
        received = b'' if error is not None else result
        assert DATA.startswith(received)
        for _ in range(len(DATA)):
            if len(received) == len(DATA):
                break
            try:
                part = getattr(state, self.end).obj.read(len(DATA))
            except ssl.SSLError:
                # Data is late for as long as the connection lives only.
                assert error is not None
                poke(getattr(state, self.end).obj)
                break
            assert part, 'an end of the stream that the peer did not send'
            received += part
        assert DATA.startswith(received)


class ReadBehindTickets(Read):
    """More than the first record promises, in TLS 1.3."""
    end = 'client'

    def prepare(self):
        state = connection().handshake()
        state.server.obj.write(DATA)
        state.flush()
        return state


class ReadIntoBuffer(Read):
    def run(self, state):
        buffer = bytearray(20000)
        count = state.server.obj.read(20000, buffer)
        return bytes(buffer[:count])

    def check(self, state, result, error):
        if isinstance(error, MemoryError) and not tls.HARDENING:
            # It may have been the result, after the record had been read.
            poke(state.server.obj)
            return
        Read.check(self, state, result, error)


class WriteArray(Write):
    """Its own copy of what another thread could move."""

    def run(self, state):
        return state.client.obj.write(array.array('c', DATA))


class ReadIntoArray(Read):
    def run(self, state):
        self.data = array.array('c', b'-' * 20000)
        count = state.server.obj.read(20000, self.data)
        return self.data[:count].tostring()

    def check(self, state, result, error):
        if self.failed and isinstance(error, MemoryError):
            try:
                rest = state.server.obj.read(len(DATA))
            except ssl.SSLError as again:
                # Too late, if it was the second look at the array or the
                # result that failed: by then the record had been read.
                assert tls.HARDENING and 'in an earlier call' in str(again)
                poke(state.server.obj)
                return
            # Which of the allocations failed, before the record was read or
            # after it, only matters without this group.
            assert rest == DATA[:16384] or (
                not tls.HARDENING and rest == DATA[16384:32768])
            return
        Read.check(self, state, result, error)


class WantRead(Scenario):
    """The SSLError itself."""

    def prepare(self):
        return established()

    def run(self, state):
        return state.client.obj.read()

    def check(self, state, result, error):
        assert error is not None
        try:
            assert state.send(state.server, b'ping') == b'ping'
            return
        except ssl.SSLError:
            assert not isinstance(error, (MemoryError, ssl.SSLWantReadError))
        # Without a buffer to read into some versions of OpenSSL give up the
        # connection.
        for call in (state.client.obj.read, state.client.obj.do_handshake,
                     lambda: state.client.obj.write(b'ping')):
            try:
                call()
            except ssl.SSLError as again:
                assert not isinstance(again, ssl.SSLWantReadError)
            else:
                raise AssertionError('neither alive nor dead')


class Garbage(Scenario):
    """An SSLError with the names of a reason and of a library."""

    def prepare(self):
        state = connection()
        state.client.incoming.write(b'HTTP/1.1 400 Bad Request\r\n\r\n')
        return state

    def run(self, state):
        return state.client.obj.do_handshake()

    def check(self, state, result, error):
        assert error is not None
        poke(state.client.obj)


class SpelledReason(Scenario):
    """A reason that Python's table lacks, so that its name is made here."""

    def prepare(self):
        context = tls.client_context(VERSION)
        injector = errorcodes.Injector(context)
        library = errorcodes.ERR_LIB_EVP
        injector.codes.append((library, min(errorcodes.known(library))))
        obj = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
        return obj, injector

    def run(self, state):
        return state[0].do_handshake()

    def check(self, state, result, error):
        assert error is not None
        if isinstance(error, ssl.SSLError):
            # OpenSSL 3.5 itself queues one that says no more than SSL, if it
            # cannot make a session.
            assert error.reason is not None or error.library == 'SSL'
        poke(state[0])


class Unwrap(Scenario):
    def prepare(self):
        return established()

    def run(self, state):
        return state.close()

    def check(self, state, result, error):
        for end in (state.client, state.server):
            assert poke(end.obj) == b''


SCENARIOS = {kind.__name__: kind for kind in (
    NewBIO, BIOWrite, BIOWriteAfterEOF, BIORead, BIOReadPart, BIOReadMost,
    WrapBIO, WrapBIOServer, WrapOneBIO, WrapSocket, SetContext, NewContext,
    SetOptions, SetCiphers, WrapOwnCiphers, GetCiphers, SetContextWithCiphers,
    StoreStats, SetCurve, SetProtocols, SharedCiphers, SocketHandshake,
    LoadCertChain, Handshake, HandshakeWithCallback, WrongName, Untrusted,
    Certificate, DecodeCertificate, DecodeShortCertificate, Write, WriteArray,
    Read, ReadBehindTickets, ReadIntoBuffer, ReadIntoArray, WantRead, Garbage,
    SpelledReason, Unwrap)}


def attempt(scenario, kind, number, lasting):
    """Run *scenario* with that allocation failing: a description of what
    happened, and the problem with it or None."""
    state = scenario.prepare()
    result = error = problem = None
    with HOOKS.failing(kind, number, lasting):
        try:
            result = scenario.run(state)
        except Exception as caught:
            error = caught
    seen, failed, where = HOOKS.seen, HOOKS.failed, HOOKS.where
    if error is None:
        outcome = 'success'
    else:
        outcome = type(error).__name__
        if getattr(error, 'reason', None):
            outcome += ' ' + error.reason
        if not isinstance(error, scenario.errors):
            problem = 'raised %r' % (error, )
        elif isinstance(error, MemoryError) and not failed:
            problem = 'MemoryError, but nothing failed'
    scenario.where, scenario.failed = where, failed
    if problem is None:
        try:
            scenario.check(state, result, error)
        except Exception as caught:
            problem = '%s, then %s: %s' % (outcome, type(caught).__name__,
                                           caught)
            if OPTIONS['verbose']:
                traceback.print_exc()
    HOOKS.seen, HOOKS.failed, HOOKS.where = seen, failed, where
    return outcome, problem


def forget():
    """Let go of the last error, whose traceback holds everything."""
    if tls.PY2:
        sys.exc_clear()
    gc.collect(0)


def tracked():
    """{name of a type: how many the garbage collector knows}, a dict that it
    does not know itself.  What Python 3 leaves is no concern of ours."""
    counts = {}
    for each in gc.get_objects() if tls.PY2 else []:
        name = type(each).__name__
        counts[name] = counts.get(name, 0) + 1
    return counts


def left_behind(scenario, kind, number, lasting):
    """What of it stays each time, or None.  What OpenSSL and Python keep for
    later they keep only once."""
    for _ in range(2):
        live, newest = HOOKS.live(), HOOKS.newest()
        objects = tracked()
        attempt(scenario, kind, number, lasting)
        forget()
        left = HOOKS.blocks_since(newest) if HOOKS.live() > live else []
        for name, count in sorted(tracked().items()):
            left += [name] * (count - objects.get(name, 0))
        if not left:
            return None
    return 'left behind: %s' % ' '.join(left)


def every(scenario, kind, lasting, stride):
    """Let allocation 0, *stride*, 2 * *stride* ... fail; the report."""
    for _ in range(WARM_UP):
        _, problem = attempt(scenario, kind, -1, False)
        assert problem is None, problem
    count = HOOKS.seen
    outcomes = collections.Counter()
    problems = collections.OrderedDict()
    if count <= LONG or scenario.whole or scenario.last:
        stride = 1
    first = max(0, count - scenario.last) if scenario.last else 0
    numbers = range(first, count, stride)
    tried = 0
    forget()
    for number in numbers:
        print(type(scenario).__name__, VERSION, kind, lasting, number,
              file=sys.stderr)
        live, objects = HOOKS.live(), len(gc.get_objects())
        outcome, problem = attempt(scenario, kind, number, lasting)
        where = HOOKS.where
        if HOOKS.failed:
            tried += 1
            outcomes[outcome] += 1
        forget()
        if problem is None and kind not in scenario.stock_leaks and (
                HOOKS.live() > live or len(gc.get_objects()) > objects):
            problem = left_behind(scenario, kind, number, lasting)
        if problem is not None:
            problems.setdefault(problem, []).append('%d (%s)' %
                                                    (number, where))
    # It was more than others if a record came in two pieces over a socket.
    attempt(scenario, kind, -1, False)
    count = min(count, HOOKS.seen)
    forget()
    return {'scenario': type(scenario).__name__, 'kind': kind,
            'lasting': lasting, 'count': count,
            'wanted': len(range(first, count, stride)), 'tried': tried,
            'outcomes': outcomes,
            'problems': ['%s: at %s' % (text, ', '.join(places[:20]))
                         for text, places in problems.items()]}


def main():
    kind = OPTIONS['kind']
    if kind == 'python':
        HOOKS.hook_python(_ssl)
    for name in OPTIONS['scenarios']:
        for lasting in (False, True):
            report = every(SCENARIOS[name](), kind, lasting,
                           OPTIONS['stride'])
            # Nothing of it matters to others.
            established()
            print(json.dumps(report))
            sys.stdout.flush()


if __name__ == '__main__':
    if not __debug__:
        sys.exit('what it checks is gone under -O and with PYTHONOPTIMIZE: '
                 'run it without')
    main()
