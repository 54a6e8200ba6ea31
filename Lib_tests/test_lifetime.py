"""Lifetimes: references, weak references, shared BIOs, copies, leaks."""

import _socket
import copy
import ctypes
import gc
import os
import pickle
import ssl
import subprocess
import sys
import textwrap
import types
import weakref

import pytest

import tls
from differences import differs
from expect import want_read

if tls.PY2:
    import cPickle
    PICKLES = (pickle, cPickle)
else:
    PICKLES = (pickle, )

HERE = os.path.dirname(os.path.abspath(__file__))


class TestSSLObject(object):
    def test_freed_with_the_last_reference(self, version):
        connection = tls.Connection(version).established()
        references = [weakref.ref(connection.client.obj),
                      weakref.ref(connection.server.obj)]
        gc.disable()
        try:
            del connection
            assert [each() for each in references] == [None, None]
        finally:
            gc.enable()

    def test_is_no_cycle(self):
        tls.forget_errors()
        gc.disable()
        try:
            for _ in range(10):
                tls.Connection().established()
            assert gc.collect() == 0
        finally:
            gc.enable()

    def test_context_is_not_leaked(self, version):
        client = tls.client_context(version)
        server = tls.server_context(version)
        before = sys.getrefcount(client), sys.getrefcount(server)
        for _ in range(20):
            tls.Connection(version, client, server).established().close()
            tls.Connection(version, client, server)
        tls.forget_errors()
        assert (sys.getrefcount(client), sys.getrefcount(server)) == before

    def test_arguments_are_not_leaked(self, pair):
        data = b'spam' * 1000
        target = bytearray(4000)
        before = sys.getrefcount(data), sys.getrefcount(target)
        for _ in range(50):
            pair.client.obj.write(data)
            pair.flush()
            assert pair.server.obj.read(4000, target) == 4000
            with want_read():
                pair.server.obj.read(1, target)
            pair.client.outgoing.write(data)
            pair.client.outgoing.read()
        tls.forget_errors()
        assert (sys.getrefcount(data), sys.getrefcount(target)) == before

    @pytest.mark.skipif(not tls.PY2, reason='Python 3 has other methods')
    @pytest.mark.parametrize('name', ['read', 'write'])
    def test_collector_sees_what_a_method_has(self, name):
        method = vars(ssl.SSLObject)[name]
        if isinstance(method, types.FunctionType):
            pytest.skip('belongs to group performance')
        assert any(isinstance(each, types.FunctionType)
                   for each in gc.get_referents(method))

    @pytest.mark.parametrize('name', ['read', 'write'])
    def test_methods_take_no_attributes(self, name):
        """As those of any type that is written in C."""
        method = vars(ssl.SSLObject)[name]
        if isinstance(method, types.FunctionType):
            pytest.skip('a function, without group performance')
        with pytest.raises(AttributeError):
            method.spam = 1
        with pytest.raises(AttributeError):
            del method.spam

    def test_of_failed_wraps(self):
        context = tls.client_context()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        watched = (context, incoming, outgoing)
        before = [sys.getrefcount(each) for each in watched]
        for _ in range(50):
            for host, error in (
                    ('', ValueError), ('a..b', ValueError),
                    ('a' * 64, ValueError), ('a\0b', TypeError),
                    ('.'.join(['a' * 60] * 10), ssl.SSLError)):
                with pytest.raises(error):
                    context.wrap_bio(incoming, outgoing,
                                     server_hostname=host)
            with pytest.raises(TypeError):
                context.wrap_bio(incoming, None)
            with pytest.raises(TypeError):
                context.wrap_bio(None, outgoing)
            with pytest.raises(TypeError):
                context.wrap_bio(incoming, outgoing, session=1)
        tls.forget_errors()
        assert [sys.getrefcount(each) for each in watched] == before

    @pytest.mark.skipif(not tls.PY2, reason='Python 3 holds it weakly')
    def test_collector_sees_the_socket_of_a_connection(self):
        class Socket(_socket.socket):
            pass

        sock = Socket()
        sock.connection = tls.client_context()._wrap_socket(sock, False)
        reference = weakref.ref(sock)
        del sock
        gc.collect()
        assert reference() is None

    def test_freed_in_any_order(self, version):
        for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1],
                      [2, 1, 0]):
            parts = [ssl.MemoryBIO(), ssl.MemoryBIO()]
            parts.append(tls.client_context(version).wrap_bio(*parts))
            with want_read():
                parts[2].do_handshake()
            tls.forget_errors()
            for index in order:
                parts[index] = None
            assert parts == [None] * 3


class TestBIO(object):
    def test_object_outlives_the_bios(self, version):
        """The SSLObject has references of its own."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        obj = tls.client_context(version).wrap_bio(incoming, outgoing)
        del incoming, outgoing
        tls.forget_errors()
        for _ in range(3):
            with want_read():
                obj.do_handshake()
            with want_read():
                obj.read()

    def test_bios_outlive_the_object(self, version):
        connection = tls.Connection(version).established()
        connection.client.obj.write(b'spam')
        incoming = connection.client.incoming
        outgoing = connection.client.outgoing
        incoming.write(b'unread')
        connection.client.obj = None
        tls.forget_errors()
        assert incoming.read() == b'unread'
        connection.server.incoming.write(outgoing.read())
        assert connection.server.obj.read() == b'spam'
        for bio in (incoming, outgoing):
            bio.write(b'still good')
            assert bio.read() == b'still good'
            bio.write_eof()
            assert bio.eof is True

    def test_bio_of_a_failed_wrap(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(b'spam')
        for _ in range(5):
            with pytest.raises(ValueError):
                tls.client_context().wrap_bio(incoming, outgoing,
                                              server_hostname='')
        assert incoming.read() == b'spam'
        assert outgoing.pending == 0

    def test_used_again_for_another_object(self, version):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        for _ in range(3):
            client = tls.End(tls.client_context(version), incoming, outgoing)
            connection = tls.Connection(version)
            connection.client = client
            connection.established()
            assert connection.send(client, b'spam') == b'spam'
            assert incoming.pending == outgoing.pending == 0

    def test_python_references(self):
        """The SSLObject refers to OpenSSL's BIO, not to the Python object:
        whichever it is, none is left behind."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        before = sys.getrefcount(incoming), sys.getrefcount(outgoing)
        for _ in range(20):
            obj = tls.client_context().wrap_bio(incoming, outgoing)
            with want_read():
                obj.do_handshake()
            del obj
        tls.forget_errors()
        assert (sys.getrefcount(incoming),
                sys.getrefcount(outgoing)) == before


class TestShared(object):
    def test_one_incoming_for_two(self, version):
        """The first reader gets it all."""
        connection = tls.Connection(version)
        with want_read():
            connection.client.obj.do_handshake()
        shared = ssl.MemoryBIO()
        context = tls.server_context(version)
        servers = [tls.End(context, shared, server_side=True)
                   for _ in range(2)]
        shared.write(connection.client.outgoing.read())
        for server in servers:
            with want_read():
                server.obj.do_handshake()
        assert shared.pending == 0
        assert servers[0].outgoing.pending > 0
        assert servers[1].outgoing.pending == 0
        # The first one is a good server of that client.
        connection.server = servers[0]
        connection.flush()
        connection.established()
        assert connection.send(connection.client, b'spam') == b'spam'
        # The second one reads what follows, which makes no sense to it.
        connection.client.obj.write(b'eggs')
        connection.flush()
        with pytest.raises(ssl.SSLError):
            servers[1].obj.do_handshake()
        with want_read():
            servers[0].obj.read()

    def test_one_outgoing_for_two(self, version):
        shared = ssl.MemoryBIO()
        context = tls.client_context(version)
        ends = [tls.End(context, None, shared) for _ in range(2)]
        for end in ends:
            with want_read():
                end.obj.do_handshake()
        assert len(tls.records(shared.read())) == 2

    def test_one_of_two_is_freed_in_a_call_of_the_other(self, version):
        """What the call has taken of the shared BIO stays taken."""
        shared = ssl.MemoryBIO()
        context = tls.server_context(version)
        others = [context.wrap_bio(shared, ssl.MemoryBIO(), True)]
        seen = []

        def free_other(obj, name, context):
            before = shared.pending
            del others[:]
            seen.append((before, shared.pending))

        context.set_servername_callback(free_other)
        connection = tls.Connection(version, server=context,
                                    server_hostname='server.test')
        connection.server = tls.End(context, shared, server_side=True)
        connection.established()
        (before, after), = seen
        assert before == after
        assert (before > 0) is tls.HARDENING

    def test_crossed(self, version):
        connection = tls.Connection(version, crossed=True).established()
        for _ in range(20):
            for sender in (connection.client, connection.server):
                receiver = connection.peer_of(sender)
                assert sender.obj.write(b'spam') == 4
                assert receiver.obj.read() == b'spam'
        connection.close()

    def test_crossed_freed_one_by_one(self, version):
        connection = tls.Connection(version, crossed=True).established()
        connection.client.obj.write(b'last words')
        connection.client = None
        tls.forget_errors()
        assert connection.server.obj.read() == b'last words'
        with want_read():
            connection.server.obj.read()

    def test_same_bio_for_both(self, version, side):
        """What it sends is what it gets: not useful, and not harmful."""
        bio = ssl.MemoryBIO()
        if side == 'client':
            obj = tls.client_context(version).wrap_bio(bio, bio)
        else:
            obj = tls.server_context(version).wrap_bio(bio, bio, True)
        for _ in range(3):
            for call, args in ((obj.do_handshake, ()), (obj.read, ()),
                               (obj.write, (b'spam',)), (obj.unwrap, ())):
                with pytest.raises(ssl.SSLError):
                    call(*args)
        del obj
        tls.forget_errors()
        bio.read()
        bio.write(b'spam')
        assert bio.read() == b'spam'

    def test_same_bio_freed_first(self, version):
        bio = ssl.MemoryBIO()
        obj = tls.client_context(version).wrap_bio(bio, bio)
        before = sys.getrefcount(bio)
        other = tls.client_context(version).wrap_bio(bio, bio)
        del other
        assert sys.getrefcount(bio) == before
        del bio
        tls.forget_errors()
        with pytest.raises(ssl.SSLError):
            obj.do_handshake()


class TestCopies(object):
    """Neither type can be copied, at any protocol, and trying does no harm."""

    def refuse(self, obj):
        for function in (copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                function(obj)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for module in PICKLES:
                for value in (obj, [obj], {'key': obj}):
                    with pytest.raises(TypeError):
                        module.dumps(value, protocol)
            with pytest.raises(TypeError):
                obj.__reduce_ex__(protocol)

    def test_memorybio(self):
        bio = ssl.MemoryBIO()
        bio.write(b'spam')
        self.refuse(bio)
        with pytest.raises(TypeError):
            bio.__reduce__()
        assert bio.read() == b'spam'
        bio.write_eof()
        self.refuse(bio)

    @pytest.mark.parametrize('cls', [ssl.SSLObject,
                                     type('Sub', (ssl.SSLObject,), {})])
    def test_sslobject(self, fresh, pair, cls, monkeypatch):
        monkeypatch.setattr(ssl.SSLContext, 'sslobject_class', cls)
        for connection in (tls.Connection(), pair):
            obj = connection.client.obj
            if differs('silent-copies', py2=True, py3=False):
                self.refuse(obj)
            else:
                assert copy.copy(obj)._sslobj is obj._sslobj
                with pytest.raises(TypeError):
                    copy.deepcopy(obj)
        assert pair.send(pair.client, b'spam') == b'spam'


def peak_growth(body, count=150):
    """How many bytes more than at the start a fresh interpreter takes at
    its peak when it calls the function once() *count* times, each with a BIO
    that holds a megabyte.  *body* is the body of once()."""
    pytest.importorskip('resource')
    script = textwrap.dedent('''
        import gc, re, resource, ssl, sys, warnings
        warnings.simplefilter('ignore')
        sys.path.insert(0, %r)
        import tls
        CLIENT = tls.client_context()
        SERVER = tls.server_context(name='ecdsa')
        MEGABYTE = b'x' * (1 << 20)

        def once():
        %%s

        def peak():
            # That of getrusage() begins with what the parent process had.
            try:
                with open('/proc/self/status') as status:
                    found = re.search('VmHWM:[^0-9]*([0-9]+)', status.read())
                return int(found.group(1)) << 10
            except (IOError, AttributeError):
                pass
            unit = 1 if sys.platform == 'darwin' else 1024
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

        for _ in range(10):
            once()
        before = peak()
        for _ in range(%d):
            once()
        print(peak() - before)
        ''') % (HERE, count)
    body = ''.join('    %s\n' % line
                   for line in textwrap.dedent(body).strip().splitlines())
    environment = dict(os.environ)
    # An address sanitizer would keep freed memory and count what Python
    # itself does not free at its end.
    environment['ASAN_OPTIONS'] = ':'.join(
        filter(None, [environment.get('ASAN_OPTIONS'),
                      'quarantine_size_mb=4:detect_leaks=0']))
    child = subprocess.Popen(
        [sys.executable, '-c', script % body], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.communicate()
    assert child.returncode == 0, err.decode('utf-8', 'replace')
    return int(out)


ALLOCATED = """
import ctypes, sys, warnings
warnings.simplefilter('ignore')
sys.path.insert(0, sys.argv[1])
import tls

class Memory(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks',
        'fsmblks', 'uordblks', 'fordblks', 'keepcost')]

mallinfo = ctypes.CDLL(None).mallinfo
mallinfo.restype = Memory

def size():
    info = mallinfo()
    return info.uordblks + info.hblkhd
"""

BEHIND_TICKETS = ALLOCATED + """
def once():
    connection = tls.Connection('TLSv1.3', client, server).handshake()
    connection.server.obj.write(b'x' * 10000)
    connection.flush()
    assert connection.client.obj.read(16384) == b'x' * 10000

def grow():
    before = size()
    for _ in range(100):
        once()
    return size() - before

# The client's certificate makes the tickets large.
client = tls.client_context('TLSv1.3', name='client')
server = tls.server_context('TLSv1.3', client_ca='ca')
grow()                          # caches fill
print(grow())
"""


# Each connection has some hundred bytes of its own, without OpenSSL's.
CONNECTIONS = ALLOCATED + """
def grow():
    before = size()
    for _ in range(2000):
        client.wrap_bio(incoming, outgoing)
    return size() - before

client = tls.client_context()
incoming, outgoing = tls.ssl.MemoryBIO(), tls.ssl.MemoryBIO()
grow()
print(grow())
"""


# A list of ciphers that one connection kept from its context
LATE_CIPHERS = ALLOCATED + """
def grow():
    del kept[:]
    before = size()
    kept.extend(client.wrap_bio(tls.ssl.MemoryBIO(), tls.ssl.MemoryBIO())
                for _ in range(100))
    return size() - before

client = tls.client_context('TLSv1.2')
kept = []
client.set_ciphers('ALL')
grow()
usual = grow()
client.set_ciphers('ALL')
del kept[:]
grow()
print(grow() - usual)
"""


def allocated(program):
    """The int that *program* (str) prints, as a process of its own."""
    child = subprocess.Popen(
        [sys.executable, '-c', program, HERE],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.communicate()
    assert child.returncode == 0, err.decode('utf-8', 'replace')
    return int(out)


needs_mallinfo = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), 'mallinfo') or 'ASAN_OPTIONS' in os.environ,
    reason='needs glibc, and no sanitizer')


@needs_mallinfo
def test_connections():
    assert allocated(CONNECTIONS) < 32 << 10


@needs_mallinfo
def test_ciphers_that_were_late():
    """Later connections have no list of their own."""
    assert abs(allocated(LATE_CIPHERS)) < 100 * 100


@needs_mallinfo
@pytest.mark.skipif(not ssl.HAS_TLSv1_3, reason='needs TLS 1.3')
def test_read_behind_tickets():
    """The str that is read into has the size of a ticket, and gives way to a
    larger one: 100 times that is 130 kB."""
    assert allocated(BEHIND_TICKETS) < 60 << 10


class TestMemory(object):
    """60 or 150 megabytes pass; what is not freed shows in the peak."""

    LIMIT = 30 << 20

    def test_bio(self):
        assert peak_growth('''
            bio = ssl.MemoryBIO()
            bio.write(MEGABYTE)
            ''') < self.LIMIT

    def test_bio_of_single_bytes(self):
        """150,000 in all, and none has a piece of memory of its own."""
        assert peak_growth('''
            bio = once.__dict__.setdefault('bio', ssl.MemoryBIO())
            for _ in range(1000):
                bio.write(b'x')
            ''') < self.LIMIT

    def test_object(self):
        assert peak_growth('''
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            incoming.write(MEGABYTE)
            obj = CLIENT.wrap_bio(incoming, outgoing)
            ''') < self.LIMIT

    def test_object_outlives_the_bios(self):
        assert peak_growth('''
            incoming = ssl.MemoryBIO()
            incoming.write(MEGABYTE)
            obj = CLIENT.wrap_bio(incoming, ssl.MemoryBIO())
            del incoming
            try:
                obj.do_handshake()
            except ssl.SSLError:
                pass
            ''') < self.LIMIT

    def test_shared_bio(self):
        assert peak_growth('''
            bio = ssl.MemoryBIO()
            bio.write(MEGABYTE)
            objects = [CLIENT.wrap_bio(bio, ssl.MemoryBIO())
                       for _ in range(3)]
            ''') < self.LIMIT

    def test_same_bio_for_both(self):
        growth = peak_growth('''
            bio = ssl.MemoryBIO()
            bio.write(MEGABYTE)
            obj = CLIENT.wrap_bio(bio, bio)
            ''')
        if differs('same-bio-twice', py2=True, py3=False):
            assert growth < self.LIMIT
        else:
            assert growth > 100 << 20

    def test_failed_wrap(self):
        assert peak_growth('''
            incoming = ssl.MemoryBIO()
            incoming.write(MEGABYTE)
            for options in ({'server_hostname': 'a' * 60 + '.a' * 120},
                            {'server_hostname': ''}, {'session': 1}):
                try:
                    CLIENT.wrap_bio(incoming, ssl.MemoryBIO(), **options)
                except (ssl.SSLError, ValueError, TypeError):
                    pass
                else:
                    raise AssertionError(options)
            ''') < self.LIMIT

    def test_established(self):
        assert peak_growth('''
            pair = tls.Connection(None, CLIENT, SERVER).established()
            pair.client.obj.write(MEGABYTE)
            pair.flush()
            pair.server.obj.read()
            ''', count=60) < self.LIMIT


# A thread is in a call of *obj* when what follows runs, unless it is done.
WRITING = r"""
data = bytearray(64 * 2 ** 20)
done = []

def write():
    obj.write(data)
    done.append(True)

thread = threading.Thread(target=write)
thread.daemon = True
thread.start()
time.sleep(0.02)
"""


# A connection that another thread is using when the process forks.  The child
# goes on to the end of Python, as multiprocessing's children do not: what is
# freed there must be what the child may free.
FORK = r"""
import os, ssl, sys, threading, time
import tls

pair = tls.Connection(sys.argv[1]).established()
other = tls.Connection(sys.argv[1]).established()
obj = pair.client.obj
""" + WRITING + r"""waiting = threading.Thread(target=obj.pending)
waiting.daemon = True
waiting.start()
pid = os.fork()
if pid:
    status = os.waitpid(pid, 0)[1]
    thread.join()
    waiting.join()
    assert other.send(other.client, b'ping') == b'ping'
    assert obj.write(b'ping') == 4
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 99)

if done:
    sys.exit(3)     # too late
for call, args in ((obj.write, (b'x',)), (obj.read, ()), (obj.unwrap, ()),
                   (obj.do_handshake, ()), (obj.pending, ()),
                   (obj.version, ()), (obj.cipher, ()),
                   (obj.getpeercert, ()), (obj.compression, ()),
                   (obj.get_channel_binding, ()),
                   (obj.selected_alpn_protocol, ()),
                   (setattr, (obj, 'context', obj.context))):
    try:
        call(*args)
    except ssl.SSLError as error:
        assert error.errno == ssl.SSL_ERROR_SSL
        assert 'was in use at a fork' in str(error)
        assert error.reason is None and error.library is None
    else:
        raise AssertionError(call)
assert other.send(other.client, b'ping') == b'ping'
"""


# As above, in the call that ends the handshake: the name can still be asked
# for, since there is no certificate.
FORK_IN_HANDSHAKE = r"""
import os, ssl, sys, threading, time
import tls

context = tls.client_context('TLSv1.2')
server = tls.server_context('TLSv1.2')
try:
    context.set_ciphers('ALL:@SECLEVEL=0')
    server.set_ciphers('AECDH:@SECLEVEL=0')
except ssl.SSLError:
    sys.exit('no anonymous ciphers')
pair = tls.Connection('TLSv1.2', context, server)
for end in (pair.client, pair.server, pair.client, pair.server):
    pair.step(end, end.obj.do_handshake)
obj = pair.client.obj
""" + WRITING + r"""pid = os.fork()
if pid:
    status = os.waitpid(pid, 0)[1]
    thread.join()
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 99)

if done:
    sys.exit(3)     # too late
context.check_hostname = True
for call, args in ((obj.do_handshake, ()), (obj.read, ()),
                   (obj.write, (b'x',))):
    try:
        call(*args)
    except ssl.SSLError as error:
        assert 'was in use at a fork' in str(error)
    else:
        raise AssertionError(call)
"""


def at_a_fork(*arguments):
    """(status, output) of a program that is to fork while it writes."""
    for _ in range(20):
        child = subprocess.Popen(
            [sys.executable, '-c'] + list(arguments), cwd=HERE,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = child.communicate()[0]
        if child.returncode != 3:
            break
    return child.returncode, output


if tls.HARDENING and hasattr(os, 'fork'):
    def test_busy_connection_at_a_fork(version):
        assert at_a_fork(FORK, version) == (0, b'')

    def test_late_check_of_a_connection_busy_at_a_fork():
        status, output = at_a_fork(FORK_IN_HANDSHAKE)
        if b'no anonymous ciphers' in output:
            pytest.skip('OpenSSL has no anonymous ciphers')
        assert (status, output) == (0, b'')
