"""ssl.SSLObject: each member on a healthy connection."""

import collections
import contextlib
import ctypes
import inspect
import itertools
import os
import signal
import ssl
import sys
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errorqueue
import limits
import renegotiation
import selfsigned
import tls
from differences import differs
from expect import eof, ssl_error, want_read

# Bytes of application data in one TLS record, at most.
RECORD = 16384

MEMBERS = ['cipher', 'compression', 'context', 'do_handshake',
           'get_channel_binding', 'getpeercert', 'pending', 'read',
           'selected_alpn_protocol', 'selected_npn_protocol',
           'server_hostname', 'server_side', 'shared_ciphers', 'unwrap',
           'version', 'write']

# Members that a Python version may have besides.
OPTIONAL = {'group', 'client_sigalg', 'server_sigalg'}


class Index(object):
    """A number by __index__() only."""

    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


def der(name):
    """The DER form of the certificate of certs/*name*.pem."""
    with open(tls.cert(name)) as stream:
        pem = stream.read()
    return ssl.PEM_cert_to_DER_cert(pem[pem.index(ssl.PEM_HEADER):])


class TestType(object):
    def test_bound_methods(self, fresh):
        obj = fresh.client.obj
        for name in 'read', 'write':
            bound = getattr(obj, name)
            assert inspect.ismethod(bound) == differs(
                'built-in-methods', py2=not tls.PERFORMANCE, py3=True)
            assert bound.__name__ == name
        assert inspect.isroutine(type(obj).read)

    def test_members(self, fresh):
        public = {name for name in dir(fresh.client.obj)
                  if not name.startswith('_')}
        sessions = differs('no-sessions', py2=set(),
                           py3={'session', 'session_reused'})
        client_auth = differs('no-post-handshake', py2=set(),
                              py3={'verify_client_post_handshake'})
        chains = differs('no-chains', py2=set(),
                         py3={'get_verified_chain', 'get_unverified_chain'})
        assert public - OPTIONAL == (set(MEMBERS) | sessions | client_auth |
                                     chains)
        assert not hasattr(fresh.client.obj, 'suppress_ragged_eofs')

    @pytest.mark.skipif(sys.flags.optimize > 1, reason='-OO drops docstrings')
    @pytest.mark.parametrize('name', MEMBERS)
    def test_members_are_documented(self, name):
        assert getattr(ssl.SSLObject, name).__doc__

    @pytest.mark.parametrize('args, options', [
        ((), {}), ((None,), {}), ((1,), {}), ((b'',), {}), ((object(),), {}),
        ((None,), {'owner': None}), ((object(),), {'owner': object()}),
        ((ssl.MemoryBIO(), ssl.MemoryBIO()), {}), ((), {'owner': 1})])
    def test_no_public_constructor(self, args, options):
        class Sub(ssl.SSLObject):
            pass

        for kind in (ssl.SSLObject, Sub):
            with pytest.raises(TypeError) as info:
                kind(*args, **options)
            assert 'does not have a public constructor' in str(info.value)
            assert kind.__name__ in str(info.value)

    def test_weak_reference(self):
        obj = tls.Connection().client.obj
        reference = weakref.ref(obj)
        assert reference() is obj
        del obj
        assert reference() is None


class TestHandshake(object):
    @pytest.mark.parametrize('crossed', [False, True])
    def test_explicit(self, version, crossed):
        connection = tls.Connection(version, crossed=crossed)
        connection.handshake()
        for end in (connection.client, connection.server):
            assert end.obj.version() == version
        connection.server.obj.write(b'spam')
        connection.flush()
        assert connection.client.obj.read() == b'spam'

    def test_flights(self, fresh, version):
        """The bytes in each BIO, flight by flight."""
        client, server = fresh.client, fresh.server
        with want_read():
            client.obj.do_handshake()
        with want_read():
            client.obj.do_handshake()       # nothing new to say
        hello = client.outgoing.read()
        assert len(tls.records(hello)) == 1
        server.incoming.write(hello)
        with want_read():
            server.obj.do_handshake()
        assert server.incoming.pending == 0
        flight = server.outgoing.read()
        assert bytearray(flight)[0] == 22
        client.incoming.write(flight)
        if version == 'TLSv1.3':
            assert client.obj.do_handshake() is None
        else:
            with want_read():
                client.obj.do_handshake()
        server.incoming.write(client.outgoing.read())
        assert server.obj.do_handshake() is None
        assert server.incoming.pending == 0
        client.incoming.write(server.outgoing.read())
        assert client.obj.do_handshake() is None
        assert client.outgoing.pending == 0

    def test_no_op_when_complete(self, pair):
        for end in (pair.client, pair.server):
            for _ in range(3):
                assert end.obj.do_handshake() is None
            assert end.outgoing.pending == 0
        assert pair.send(pair.client, b'spam') == b'spam'

    @pytest.mark.parametrize('chunk', [1, 7, 1000])
    def test_in_small_chunks(self, version, chunk):
        """Each call sees only *chunk* bytes more than the one before."""
        connection = tls.Connection(version)
        client, server = connection.client, connection.server
        waiting = [client, server]
        for _ in range(20000 // chunk):
            for end in list(waiting):
                try:
                    end.obj.do_handshake()
                    waiting.remove(end)
                except ssl.SSLWantReadError:
                    pass
            if not waiting:
                break
            server.incoming.write(client.outgoing.read(chunk))
            client.incoming.write(server.outgoing.read(chunk))
        assert not waiting
        connection.settle()
        assert connection.send(server, b'spam') == b'spam'

    @pytest.mark.parametrize('call', ['read', 'write', 'read-into'])
    def test_implicit(self, fresh, version, call):
        """read() and write() do the handshake on the way."""
        client, server = fresh.client, fresh.server
        for _ in range(tls.ROUNDS):
            if call == 'write':
                done = fresh.step(client, client.obj.write, b'from client')
            elif call == 'read':
                done = fresh.step(client, client.obj.read)
            else:
                done = fresh.step(client, client.obj.read, 5, bytearray(5))
            data = fresh.step(server, server.obj.read, 100)
            if server.obj.version() and client.obj.version():
                break
        assert server.obj.version() == client.obj.version() == version
        assert client.obj.getpeercert(True) == der('server')
        assert client.obj.getpeercert()['subjectAltName']
        assert server.obj.getpeercert() is None
        assert client.obj.cipher() == server.obj.cipher()
        if call == 'write':
            assert done == 11
            assert data == b'from client'
        else:
            assert done is None
            assert fresh.settle().send(client, b'spam') == b'spam'

    def test_both_sides_may_be_one_context(self, version):
        context = tls.server_context(version)
        connection = tls.Connection(version, client=context, server=context)
        connection.established()
        assert connection.send(connection.client, b'spam') == b'spam'

    def test_ecdsa(self, version):
        connection = tls.Connection(
            version, server=tls.server_context(version, 'ecdsa'))
        connection.established()
        assert connection.client.obj.getpeercert(True) == der('ecdsa')


class TestRead(object):
    def test_at_most_one_record(self, pair):
        for data in (b'spam', b'eggs', b'ham'):
            pair.server.obj.write(data)
        pair.flush()
        assert pair.client.obj.read(1000) == b'spam'
        assert pair.client.obj.read(1000) == b'eggs'
        assert pair.client.obj.read(1000) == b'ham'
        with want_read():
            pair.client.obj.read(1000)

    def test_part_of_a_record(self, pair):
        pair.server.obj.write(b'spameggs')
        pair.flush()
        assert pair.client.obj.read(3) == b'spa'
        assert pair.client.obj.pending() == 5
        assert pair.client.obj.read(100) == b'meggs'
        assert pair.client.obj.pending() == 0

    @pytest.mark.skipif(not ssl.HAS_TLSv1_3, reason='needs TLS 1.3')
    @pytest.mark.parametrize('more', [0, 1, 2])
    def test_a_little_more_than_what_comes_first(self, more):
        """Its size is that of a ticket, which comes before the data."""
        connection = tls.Connection('TLSv1.3').handshake()
        tickets = connection.client.incoming.read()
        connection.client.incoming.write(tickets)
        high, low = bytearray(tickets[3:5])
        data = b'x' * ((high << 8) + low + more)
        connection.server.obj.write(data)
        connection.flush()
        assert connection.client.obj.read(16384) == data

    def test_default_length(self, pair):
        pair.server.obj.write(b'x' * 5000)
        pair.flush()
        assert len(pair.client.obj.read()) == 1024
        assert len(pair.client.obj.read(buffer=None)) == 1024
        assert len(pair.client.obj.read(len=2000)) == 2000

    def test_result_is_bytes(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        assert type(pair.client.obj.read(2)) is bytes
        assert type(pair.client.obj.read(0)) is bytes

    def test_zero(self, fresh, pair):
        assert fresh.client.obj.read(0) == b''
        assert fresh.client.outgoing.pending == 0     # no handshake either
        pair.server.obj.write(b'spam')
        pair.flush()
        assert pair.client.obj.read(0) == b''
        assert pair.client.obj.read() == b'spam'

    @pytest.mark.parametrize('size', [-1, -2 ** 31])
    def test_negative(self, fresh, pair, size):
        for connection in (fresh, pair):
            with pytest.raises(ValueError):
                connection.client.obj.read(size)
            assert connection.client.outgoing.pending == 0

    @pytest.mark.parametrize('size', [None, 1.5, '1', []],
                             ids=lambda size: type(size).__name__)
    def test_wrong_type(self, pair, size):
        with pytest.raises(TypeError):
            pair.client.obj.read(size)

    def test_index(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        buf = bytearray(1)
        if differs('sizes-by-index', py2=True, py3=False):
            for arguments in ((Index(3),), (Index(1), buf)):
                with pytest.raises(TypeError):
                    pair.client.obj.read(*arguments)
            assert pair.client.obj.read(4) == b'spam'
        else:
            assert pair.client.obj.read(Index(3)) == b'spa'
            assert pair.client.obj.read(Index(1), buf) == 1
            assert buf == b'm'

    @pytest.mark.parametrize('size', [2 ** 31, 2 ** 40])
    def test_two_gib(self, pair, size):
        pair.server.obj.write(b'spam')
        pair.flush()
        for arguments in ((size,), (size, bytearray(2))):
            if differs('two-gib', py2=True, py3=False):
                with pytest.raises(OverflowError):
                    pair.client.obj.read(*arguments)
        # Python 3.10 would reserve all that memory: let it read into two.
        assert pair.client.obj.read(2) == b'sp'
        if not differs('two-gib', py2=True, py3=False):
            assert pair.client.obj.read(size, bytearray(2)) == 2
        else:
            assert pair.client.obj.read(2) == b'am'

    @pytest.mark.parametrize('size', [2 ** 65, -2 ** 65])
    def test_far_too_much(self, pair, size):
        with pytest.raises(OverflowError):
            pair.client.obj.read(size)


class TestReadInto(object):
    def test_fills_at_most_len(self, pair):
        pair.server.obj.write(b'spameggs')
        pair.flush()
        target = bytearray(b'........')
        count = pair.client.obj.read(3, target)
        assert count == 3
        assert not isinstance(count, bytes)
        assert target == b'spa.....'
        assert pair.client.obj.read(buffer=target, len=2) == 2
        assert target == b'mea.....'
        assert pair.client.obj.read(8, target) == 3
        assert target == b'ggs.....'

    @pytest.mark.parametrize('size', [0, -1, -2 ** 31, 5, 1000])
    def test_len_that_means_all(self, pair, size):
        pair.server.obj.write(b'spameggs')
        pair.flush()
        target = bytearray(4)
        assert pair.client.obj.read(size, target) == 4
        assert target == b'spam'
        assert pair.client.obj.pending() == 4

    def test_default_len(self, pair):
        pair.server.obj.write(b'x' * 3000)
        pair.flush()
        target = bytearray(2000)
        assert pair.client.obj.read(buffer=target) == 1024
        assert target == b'x' * 1024 + b'\0' * 976

    @pytest.mark.parametrize('size', [-1, 0, 1, 1024])
    def test_empty_buffer(self, pair, size):
        pair.server.obj.write(b'spam')
        pair.flush()
        assert pair.client.obj.read(size, bytearray()) == 0
        assert pair.client.obj.read() == b'spam'

    def test_memoryview(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        target = bytearray(b'......')
        assert pair.client.obj.read(4, memoryview(target)[1:5]) == 4
        assert target == b'.spam.'

    @pytest.mark.parametrize('target', [b'....', memoryview(b'....'), u'....',
                                        1, [], object()],
                             ids=lambda target: type(target).__name__)
    def test_not_writable(self, pair, target):
        pair.server.obj.write(b'spam')
        pair.flush()
        with pytest.raises(TypeError):
            pair.client.obj.read(4, target)
        assert pair.client.obj.read() == b'spam'

    def test_buffer_of_int_max(self, pair):
        pair.server.obj.write(b'spam')
        pair.flush()
        # A copy, where one is made, is as long as a record.
        with limits.huge_buffer(2 ** 31 - 1) as huge, \
                limits.address_space(128 << 20):
            for size in (2 ** 31 - 1, 0):
                assert pair.client.obj.read(size, huge) == 4
                assert huge[:5] == b'spam\0'
                pair.server.obj.write(b'spam')
                pair.flush()
        with limits.address_space(128 << 20):
            if tls.PERFORMANCE:         # allocates what there is to read
                assert pair.client.obj.read(2 ** 31 - 1) == b'spam'
                pair.server.obj.write(b'spam')
                pair.flush()
            else:
                # With 32 bits there is no str of that size.
                error = (MemoryError if sys.maxsize > 2 ** 32 else
                         OverflowError)
                with pytest.raises(error):
                    pair.client.obj.read(2 ** 31 - 1)
        assert pair.client.obj.read() == b'spam'

    def test_buffer_of_two_gib(self, pair):
        with limits.huge_buffer(2 ** 31) as huge:
            for size in (0, -1):
                with pytest.raises(OverflowError):
                    pair.client.obj.read(size, huge)
            with want_read():
                pair.client.obj.read(1, huge)


class TestWrite(object):
    @pytest.mark.parametrize('size', [1, 100, RECORD - 1, RECORD, RECORD + 1,
                                      10 * RECORD + 7, 1000000])
    def test_returns_the_full_length(self, pair, size):
        data = (b'0123456789abcde' * (size // 15 + 1))[:size]
        for sender in (pair.client, pair.server):
            assert sender.obj.write(data) == size
            count = len(tls.records(sender.outgoing.read()))
            assert count == -(-size // RECORD)
            # What was read above is lost: start from a new connection.
            break
        other = tls.Connection(pair.client.obj.version()).established()
        assert other.send(other.client, data) == data
        assert other.send(other.server, data) == data

    def test_nothing(self, pair):
        for data in (b'', bytearray(), memoryview(b'')):
            if differs('write-nothing', py2=False, py3=True):
                with ssl_error(ssl.SSLEOFError):
                    pair.client.obj.write(data)
            else:
                assert pair.client.obj.write(data) == 0
            assert pair.client.outgoing.pending == 0
        assert pair.send(pair.client, b'spam') == b'spam'

    def test_nothing_before_the_handshake(self, fresh):
        with want_read():
            fresh.client.obj.write(b'')
        assert fresh.client.outgoing.pending > 0

    def test_more_than_int_max(self, pair):
        with limits.huge_buffer(2 ** 31) as huge:
            if differs('two-gib', py2=True, py3=False):
                with pytest.raises(OverflowError):
                    pair.client.obj.write(huge)
                assert pair.client.outgoing.pending == 0
            # Python 3.10 would encrypt it all.
        assert pair.send(pair.client, b'spam') == b'spam'

    def test_arguments(self, pair):
        for args in ((), (b'x', b'y')):
            with pytest.raises(TypeError):
                pair.client.obj.write(*args)

    def test_both_directions_at_once(self, pair):
        for i in range(50):
            pair.client.obj.write(b'to server %03d' % i if not tls.PY2
                                  else 'to server %03d' % i)
            pair.server.obj.write(b'to client %03d' % i if not tls.PY2
                                  else 'to client %03d' % i)
        pair.flush()
        assert pair.receive(pair.client, 13 * 50)[-13:] == b'to client 049'
        assert pair.receive(pair.server, 13 * 50)[-13:] == b'to server 049'


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1,
                max_size=8),
       st.integers(min_value=1, max_value=400),
       st.integers(min_value=1, max_value=400))
def test_any_chunks_give_the_same_stream(stream_pair, written, chunk, size):
    """However the records are cut on the way, and whatever sizes are read,
    the stream is what was written."""
    pair = stream_pair
    for data in written:
        assert pair.client.obj.write(data) == len(data)
    sent = pair.client.outgoing.read()
    received = b''
    while sent:
        pair.server.incoming.write(sent[:chunk])
        sent = sent[chunk:]
        for _ in range(1000):
            try:
                received += pair.server.obj.read(size)
            except ssl.SSLWantReadError:
                break
    assert received == b''.join(written)


@pytest.fixture(scope='module', params=[
    version for version in tls.VERSIONS
    if version != 'TLSv1.3' or ssl.HAS_TLSv1_3])
def stream_pair(request):
    """An established connection that the examples above share."""
    return tls.Connection(request.param).established()


class TestPending(object):
    def test_counts_decrypted_bytes_only(self, fresh, pair):
        assert fresh.client.obj.pending() == 0
        assert pair.client.obj.pending() == 0
        pair.server.obj.write(b'spameggs')
        pair.flush()
        assert pair.client.obj.pending() == 0
        pair.client.obj.read(1)
        assert pair.client.obj.pending() == 7
        pair.client.obj.read(7)
        assert pair.client.obj.pending() == 0


class TestVersionAndCipher(object):
    def test_before_the_handshake(self, fresh):
        for end in (fresh.client, fresh.server):
            assert end.obj.version() is None
            assert end.obj.cipher() is None
            assert end.obj.compression() is None
            assert end.obj.selected_alpn_protocol() is None
            assert end.obj.selected_npn_protocol() is None

    @pytest.mark.parametrize('call', ['do_handshake', 'read'])
    def test_version_waits_for_the_end(self, fresh, version, call):
        client, server = fresh.client, fresh.server
        with want_read():
            getattr(client.obj, call)()
        assert client.obj.version() is None
        fresh.flush()
        with want_read():
            getattr(server.obj, call)()
        assert server.obj.version() is None
        fresh.flush()
        fresh.step(client, getattr(client.obj, call))
        if version == 'TLSv1.2':
            # The server's last flight is missing.
            assert client.obj.version() is None
        fresh.step(server, getattr(server.obj, call))
        assert server.obj.version() == version
        fresh.step(client, getattr(client.obj, call))
        assert client.obj.version() == version

    def test_afterwards(self, pair, version):
        for end in (pair.client, pair.server):
            assert end.obj.version() == version
            name, protocol, bits = end.obj.cipher()
            assert isinstance(name, str)
            assert protocol == version
            assert bits == (128 if '128' in name else 256)
            assert end.obj.compression() is None
        assert pair.client.obj.cipher() == pair.server.obj.cipher()

    def test_shared_ciphers(self, pair):
        assert pair.server.obj.cipher() in pair.server.obj.shared_ciphers()

    def test_shared_ciphers_of_others(self, fresh, pair):
        for obj in (fresh.client.obj, fresh.server.obj, pair.client.obj):
            ciphers = obj.shared_ciphers()
            if differs('shared-ciphers-of-a-client', py2=False, py3=True):
                assert ciphers
            else:
                assert ciphers is None


class TestALPN(object):
    @pytest.mark.parametrize('client, server, selected', [
        (['h2', 'http/1.1'], ['http/1.1'], 'http/1.1'),
        (['h2', 'http/1.1'], ['http/1.1', 'h2'], 'http/1.1'),
        (['h2'], ['http/1.1'], None), ([], ['h2'], None)])
    def test_selected(self, version, client, server, selected):
        contexts = []
        for context, names in ((tls.client_context(version), client),
                               (tls.server_context(version), server)):
            if names:
                context.set_alpn_protocols(names)
            contexts.append(context)
        connection = tls.Connection(version, *contexts).established()
        for end in (connection.client, connection.server):
            assert end.obj.selected_alpn_protocol() == selected
            assert end.obj.selected_npn_protocol() is None


class TestGetpeercert(object):
    def test_before_the_handshake(self, fresh):
        for end in (fresh.client, fresh.server):
            for binary in (False, True):
                with pytest.raises(ValueError) as info:
                    end.obj.getpeercert(binary)
                assert 'handshake not done yet' in str(info.value)

    def test_in_the_handshake(self, fresh):
        with want_read():
            fresh.step(fresh.client, fresh.client.obj.do_handshake) or \
                fresh.server.obj.do_handshake()
        with pytest.raises(ValueError):
            fresh.server.obj.getpeercert()
        with pytest.raises(ValueError):
            fresh.client.obj.getpeercert()

    def test_verified(self, pair):
        cert = pair.client.obj.getpeercert()
        assert cert['subjectAltName'] == (('DNS', 'server.test'),
                                          ('DNS', 'localhost'))
        assert (('commonName', 'server.test'),) in cert['subject']
        assert cert['notAfter'] == 'Jan  1 00:00:00 2120 GMT'
        assert pair.client.obj.getpeercert(True) == der('server')
        assert pair.client.obj.getpeercert(binary_form=True) == der('server')

    def test_not_verified(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, ca=None))
        connection.established()
        assert connection.client.obj.getpeercert() == {}
        assert connection.client.obj.getpeercert(True) == der('server')

    def test_no_certificate(self, pair):
        assert pair.server.obj.getpeercert() is None
        assert pair.server.obj.getpeercert(True) is None

    def test_client_certificate(self, version):
        connection = tls.Connection(
            version, client=tls.client_context(version, name='client'),
            server=tls.server_context(version, client_ca='ca'))
        connection.established()
        cert = connection.server.obj.getpeercert()
        assert (('commonName', 'client.test'),) in cert['subject']
        assert connection.server.obj.getpeercert(True) == der('client')

    @pytest.mark.skipif(not tls.PY2, reason='Python 3 shows a part of it')
    def test_other_name_of_two_lines(self, tmpdir):
        """Shown whole or not at all, wherever the second one begins."""
        def shown(name):
            der = selfsigned.certificate(alternatives=[
                (selfsigned.OTHER, selfsigned.XMPP + selfsigned.element(
                    0xa0, selfsigned.element(selfsigned.UTF8, name)))])
            path = tmpdir.join('other.pem')
            selfsigned.write(path, der)
            context = tls.new_context()
            context.load_verify_locations(str(path))
            (kind, value), = context.get_ca_certs()[0]['subjectAltName']
            assert kind == 'othername'
            return value

        if shown(b'romeo') == '<unsupported>':
            pytest.skip('%s shows no otherName' % ssl.OPENSSL_VERSION)
        for name in (b'romeo', b'romeo\n'):
            assert shown(name) == 'XmppAddr:' + name
        for place in range(5):
            name = b'romeo'[:place] + b'\n' + b'romeo'[place:]
            assert shown(name) == '<unsupported>'

    @pytest.mark.parametrize('version', ['TLSv1.3'])
    @pytest.mark.skipif(not tls.PY2 or
                        not renegotiation.has_late_certificates(),
                        reason='needs OpenSSL 1.1.1, and is for Python 2')
    def test_late_client_certificate(self, version):
        """It counts when the client has shown that it has the key."""
        context = tls.server_context(version)
        context.load_verify_locations(tls.cert('ca'))
        connection = tls.Connection(
            version, client=tls.client_context(version, name='client'),
            server=context)
        client, server = connection.client, connection.server
        renegotiation.allow_request(client.obj)
        connection.established()
        assert server.obj.getpeercert(True) is None
        renegotiation.request_certificate(server.obj)
        connection.flush()
        with want_read():
            client.obj.read()
        certificate, key, finished = tls.records(client.outgoing.read())
        for record in (certificate, key):
            server.incoming.write(record)
            with want_read():
                server.obj.read()
            for binary in (False, True):
                with pytest.raises(ValueError):
                    server.obj.getpeercert(binary)
        server.incoming.write(finished)
        with want_read():
            server.obj.read()
        assert server.obj.getpeercert(True) == der('client')


class TestChannelBinding(object):
    def test_before(self, fresh):
        assert fresh.client.obj.get_channel_binding() is None
        with want_read():
            fresh.client.obj.do_handshake()
        assert fresh.client.obj.get_channel_binding() is None
        assert fresh.client.obj.get_channel_binding('tls-unique') is None

    def test_before_the_last_flight(self, fresh, version):
        """The client of TLS 1.2 has said all, and waits for the server."""
        client, server = fresh.client, fresh.server
        for end in (client, server, client):
            fresh.step(end, end.obj.do_handshake)
        assert server.obj.get_channel_binding() is None
        binding = client.obj.get_channel_binding()
        if client.obj.version() is None and \
                differs('channel-binding-early', py2=True, py3=False):
            assert binding is None
        else:
            assert type(binding) is bytes
        fresh.handshake()
        assert (client.obj.get_channel_binding() ==
                server.obj.get_channel_binding() != binding) is (
                    binding is None)

    def test_equal_on_both_ends(self, pair, version):
        binding = pair.client.obj.get_channel_binding()
        assert type(binding) is bytes
        assert len(binding) >= 12
        assert pair.server.obj.get_channel_binding('tls-unique') == binding
        assert pair.client.obj.get_channel_binding(
            cb_type='tls-unique') == binding
        other = tls.Connection(version).established()
        assert other.client.obj.get_channel_binding() != binding

    @pytest.mark.parametrize('kind', ['', 'tls-server-end-point', 'x'])
    def test_unknown(self, fresh, pair, kind):
        for connection in (fresh, pair):
            with pytest.raises(ValueError):
                connection.client.obj.get_channel_binding(kind)


class TestStaleErrors(object):
    """Errors of other code on OpenSSL's queue do not change a result."""

    def differ(self):
        return differs('stale-error-queue', py2=False, py3=True)

    @pytest.mark.parametrize('call', ['read', 'do_handshake', 'write'])
    def test_before_the_handshake(self, fresh, call):
        args = (b'x',) if call == 'write' else ()
        with planted():
            with want_read():
                getattr(fresh.client.obj, call)(*args)

    def test_read(self, pair):
        with planted():
            if differs('stale-error-queue', py2=False, py3=True):
                with pytest.raises(ssl.SSLError) as info:
                    pair.client.obj.read()
                assert type(info.value) is ssl.SSLError
            else:
                with want_read():
                    pair.client.obj.read()
        assert pair.send(pair.client, b'spam') == b'spam'

    def test_other_calls(self, pair):
        obj = pair.client.obj
        for _ in range(2):
            with planted():
                assert obj.write(b'spam') == 4
            with planted():
                assert obj.do_handshake() is None
            with planted():
                assert obj.pending() == 0
            with planted():
                assert obj.getpeercert()['subject']
        pair.server.obj.write(b'spam')
        pair.flush()
        with planted():
            assert obj.read() == b'spam'
        with planted():
            if differs('stale-error-queue', py2=False, py3=True):
                with pytest.raises(ssl.SSLError) as info:
                    obj.unwrap()
                assert type(info.value) is ssl.SSLError
            else:
                with want_read():
                    obj.unwrap()

    def test_repeated_eof(self, pair):
        pair.client.incoming.write_eof()
        for _ in range(3):
            with planted():
                if differs('stale-error-queue', py2=False, py3=True):
                    # b'' on 3.9, and whose error it is depends on OpenSSL.
                    try:
                        assert pair.client.obj.read() == b''
                    except ssl.SSLError:
                        pass
                else:
                    with eof():
                        pair.client.obj.read()

    def test_wrap_bio(self):
        with planted():
            obj = tls.Connection(server_hostname='127.0.0.1').client.obj
            with want_read():
                obj.do_handshake()


@contextlib.contextmanager
def planted():
    """Another's error is on the queue in the block, and gone afterwards."""
    errorqueue.plant()
    try:
        yield
    finally:
        errorqueue.clear()


# Calls with a signal in the middle.
COUNT = 10


class Interrupted(Exception):
    pass


@pytest.fixture
def interrupted():
    """A function that calls *function* COUNT times and sends this process a
    signal, whose handler raises, before the middle one.  Returns what the
    calls have returned before and after the signal.

    No bytecode runs in between: the handler can only run inside the C code
    of the calls, or after the last one.  (The kill of Python 3 would run it,
    that of the C library does not.)
    """
    def handler(number, frame):
        raise Interrupted

    def run(function, *args):
        kill = ctypes.CDLL(None).kill
        half = [args] * (COUNT // 2)
        results = collections.deque()
        with pytest.raises(Interrupted):
            results.extend(itertools.chain(
                itertools.starmap(function, half),
                itertools.starmap(kill, [(os.getpid(), signal.SIGUSR1)]),
                itertools.starmap(function, half)))
        assert results[COUNT // 2] == 0     # of kill
        del results[COUNT // 2]
        return list(results)

    old = signal.signal(signal.SIGUSR1, handler)
    yield run
    signal.signal(signal.SIGUSR1, old)


class TestSignals(object):
    """A handler that raises must not cost data that OpenSSL has already
    decrypted or queued."""

    # A signal before a call may be handled before it does anything (group
    # performance) or behind all of them: what counts is the sum.

    def rest(self, pair):
        """Records that can still be read."""
        count = 0
        try:
            while True:
                pair.client.obj.read()
                count += 1
        except ssl.SSLWantReadError:
            return count

    def test_read(self, pair, interrupted):
        for i in range(COUNT):
            pair.server.obj.write(bytes(bytearray([i])))
        pair.flush()
        results = interrupted(pair.client.obj._sslobj.read, 100)
        numbers = [ord(result) for result in results]
        if differs('signal-after-success', py2=False, py3=True):
            # One record is neither here nor still to be read.
            assert numbers == list(range(COUNT // 2))
            assert ord(pair.client.obj.read()) == COUNT // 2 + 1
        else:
            assert numbers == list(range(len(numbers)))
            assert len(numbers) + self.rest(pair) == COUNT

    def test_read_into(self, pair, interrupted):
        for _ in range(COUNT):
            pair.server.obj.write(b'x')
        pair.flush()
        results = interrupted(pair.client.obj._sslobj.read, 4, bytearray(4))
        assert set(results) == {1}
        assert len(results) + self.rest(pair) == differs(
            'signal-after-success', py2=COUNT, py3=COUNT - 1)

    def test_write(self, pair, interrupted):
        results = interrupted(pair.client.obj._sslobj.write, b'spam')
        assert set(results) == {4}
        queued = len(tls.records(pair.client.outgoing.read()))
        assert queued - len(results) == differs('signal-after-success',
                                                py2=0, py3=1)
