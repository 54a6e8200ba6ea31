# -*- coding: utf-8 -*-
"""What MemoryBIO.write and SSLObject.write take as data, and what not."""

import array
import ctypes
import mmap
import ssl

import pytest

import limits
import tls
from differences import differs
from expect import ssl_error

PY2 = tls.PY2


class Bytes(bytes):
    pass


class Bytearray(bytearray):
    pass


def array_of(typecode):
    if typecode == 'c':
        return array.array(typecode, b'abc')
    if typecode in 'uw':
        return array.array(typecode, u'abc')
    return array.array(typecode, [1, 2, 3])


def mmap_of(data):
    buffer = mmap.mmap(-1, len(data))
    buffer[:] = data
    return buffer


# The letters of 2.7 and of Python 3 up to 3.15 that this Python has; 'u' goes
# away in 3.16 and warns before.
TYPECODES = ('cbBuhHiIlLfd' if PY2 else
             ''.join(code for code in array.typecodes if code != 'u'))

# A function that makes the buffer, and the bytes in it.
BUFFERS = [
    pytest.param(lambda: b'spam', b'spam', id='bytes'),
    pytest.param(lambda: b'', b'', id='empty'),
    pytest.param(lambda: b'a\0b\0', b'a\0b\0', id='nul'),
    pytest.param(lambda: Bytes(b'spam'), b'spam', id='bytes-subclass'),
    pytest.param(lambda: bytearray(b'spam'), b'spam', id='bytearray'),
    pytest.param(lambda: bytearray(), b'', id='bytearray-empty'),
    pytest.param(lambda: Bytearray(b'spam'), b'spam',
                 id='bytearray-subclass'),
    pytest.param(lambda: memoryview(b'spam'), b'spam', id='memoryview'),
    pytest.param(lambda: memoryview(bytearray(b'spam')), b'spam',
                 id='memoryview-writable'),
    pytest.param(lambda: memoryview(b'spam')[1:3], b'pa',
                 id='memoryview-slice'),
    pytest.param(lambda: mmap_of(b'spam'), b'spam', id='mmap'),
    pytest.param(lambda: (ctypes.c_char * 4)(*[b's', b'p', b'a', b'm']),
                 b'spam', id='ctypes-char'),
    pytest.param(lambda: (ctypes.c_ubyte * 4)(*bytearray(b'spam')), b'spam',
                 id='ctypes-ubyte'),
    pytest.param(lambda: (ctypes.c_int * 2)(1, 2),
                 bytes(bytearray((ctypes.c_int * 2)(1, 2))), id='ctypes-int'),
    pytest.param(lambda: ((ctypes.c_ubyte * 2) * 2)((1, 2), (3, 4)),
                 b'\1\2\3\4', id='ctypes-2d'),
]
for code in TYPECODES:
    BUFFERS.append(pytest.param(
        lambda code=code: array_of(code),
        array_of(code).tostring() if PY2 else array_of(code).tobytes(),
        id='array-' + code))
if PY2:
    BUFFERS += [
        pytest.param(lambda: buffer(b'spam'), b'spam',  # noqa: F821
                     id='buffer'),
        pytest.param(lambda: buffer(b'spameggs', 4, 3), b'egg',  # noqa: F821
                     id='buffer-offset'),
        pytest.param(lambda: buffer(array_of('i')),  # noqa: F821
                     array_of('i').tostring(), id='buffer-array'),
    ]

NOT_BUFFERS = [None, 0, 1, True, 1.5, [], [1, 2], (b'x',), {}, object(),
               ssl.MemoryBIO]


@pytest.mark.parametrize('make, content', BUFFERS)
class TestAccepted(object):
    def test_memorybio(self, make, content):
        bio = ssl.MemoryBIO()
        bio.write(b'<')
        count = bio.write(make())
        bio.write(b'>')
        assert count == len(content)
        assert type(count) is int
        assert bio.read() == b'<' + content + b'>'

    def test_sslobject(self, make, content, shared_pair):
        if not content and differs('write-nothing', py2=False, py3=True):
            with ssl_error(ssl.SSLEOFError):
                shared_pair.client.obj.write(make())
            return
        assert shared_pair.client.obj.write(make()) == len(content)
        shared_pair.flush()
        assert shared_pair.receive(shared_pair.server,
                                   len(content)) == content


@pytest.fixture(scope='module')
def shared_pair():
    """One connection for all: a write that fails leaves it as it was."""
    return tls.Connection().established()


@pytest.mark.parametrize('data', NOT_BUFFERS,
                         ids=lambda value: type(value).__name__)
class TestRefused(object):
    def test_memorybio(self, data):
        bio = ssl.MemoryBIO()
        bio.write(b'spam')
        with pytest.raises(TypeError):
            bio.write(data)
        assert bio.read() == b'spam'

    def test_sslobject(self, data, shared_pair):
        with pytest.raises(TypeError):
            shared_pair.client.obj.write(data)
        assert shared_pair.client.outgoing.pending == 0
        assert shared_pair.send(shared_pair.client, b'on') == b'on'


class TestText(object):
    def test_ascii_to_memorybio(self):
        bio = ssl.MemoryBIO()
        if differs('text-is-encoded', py2=True, py3=False):
            assert bio.write(u'spam') == 4
            assert bio.write(u'') == 0
            assert bio.read() == b'spam'
        else:
            with pytest.raises(TypeError):
                bio.write(u'spam')
            assert bio.pending == 0

    def test_ascii_to_sslobject(self, shared_pair):
        if differs('text-is-encoded', py2=True, py3=False):
            assert shared_pair.send(shared_pair.client, u'spam') == b'spam'
        else:
            with pytest.raises(TypeError):
                shared_pair.client.obj.write(u'spam')

    @pytest.mark.parametrize('text', [u'sp\xe4m', u'\u20ac', u'\U0001f600'])
    def test_other_characters(self, text, shared_pair):
        error = differs('text-is-encoded', py2=UnicodeEncodeError,
                        py3=TypeError)
        bio = ssl.MemoryBIO()
        bio.write(b'before')
        with pytest.raises(error):
            bio.write(text)
        assert bio.read() == b'before'
        with pytest.raises(error):
            shared_pair.client.obj.write(text)
        assert shared_pair.client.outgoing.pending == 0
        assert shared_pair.send(shared_pair.client, b'on') == b'on'


class TestExportReleased(object):
    """A bytearray cannot be resized, nor an mmap closed, while exported."""

    def check(self, write, expected):
        data = bytearray(b'spam')
        buffer = mmap_of(b'spam')
        items = array.array('B', [1, 2])
        for each in (data, buffer, items):
            if expected is None:
                write(each)
            else:
                with pytest.raises(expected):
                    write(each)
        data.extend(b'eggs' * 1000)
        items.extend([1] * 1000)
        buffer.close()

    def test_memorybio(self):
        self.check(ssl.MemoryBIO().write, None)

    def test_memorybio_after_eof(self):
        bio = ssl.MemoryBIO()
        bio.write_eof()
        self.check(bio.write, ssl.SSLError)

    def test_sslobject(self, shared_pair):
        self.check(shared_pair.client.obj.write, None)
        shared_pair.flush()
        shared_pair.receive(shared_pair.server, 10)

    def test_sslobject_that_fails(self, fresh):
        self.check(fresh.client.obj.write, ssl.SSLWantReadError)

    def test_read_into(self, fresh, pair):
        for connection, error in ((fresh, ssl.SSLWantReadError),
                                  (pair, ssl.SSLWantReadError),
                                  (pair, None)):
            target = bytearray(4)
            if error is None:
                connection.server.obj.write(b'spam')
                connection.flush()
                assert connection.client.obj.read(4, target) == 4
            else:
                with pytest.raises(error):
                    connection.client.obj.read(4, target)
            target.extend(b'x' * 1000)


def test_failed_writes_keep_no_copy():
    """Which is made of what another thread may change."""
    data = array.array('B', bytearray(8 << 20))
    obj = tls.End(tls.client_context()).obj
    # AddressSanitizer keeps 256 MiB of what was freed.
    with limits.address_space(512 << 20):
        for _ in range(100):
            with pytest.raises(ssl.SSLWantReadError):
                obj.write(data)
