"""ssl.MemoryBIO: the type, read, write, write_eof, pending and eof."""

import _ssl
import ssl
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

import limits
import tls
from differences import differs

INT_MAX = 2 ** 31 - 1
#: Whose memory it is that there is no more of, Python's or OpenSSL's.
OUT_OF_MEMORY = MemoryError if tls.HARDENING else ssl.SSLError


@pytest.fixture
def bio():
    return ssl.MemoryBIO()


class TestType(object):
    def test_is_the_type_of_the_c_module(self):
        assert ssl.MemoryBIO is _ssl.MemoryBIO
        assert ssl.MemoryBIO.__name__ == 'MemoryBIO'
        assert ssl.MemoryBIO.__module__ == '_ssl'

    def test_members(self, bio):
        public = [name for name in dir(bio) if not name.startswith('_')]
        assert sorted(public) == ['eof', 'pending', 'read', 'write',
                                  'write_eof']

    @pytest.mark.parametrize('name', ['read', 'write', 'write_eof',
                                      'pending', 'eof'])
    def test_members_are_documented(self, name):
        assert getattr(ssl.MemoryBIO, name).__doc__

    @pytest.mark.parametrize('args', [(b'',), (None,), (0,), (b'x', b'y')])
    def test_no_positional_arguments(self, args):
        with pytest.raises(TypeError):
            ssl.MemoryBIO(*args)

    def test_no_keyword_arguments(self):
        with pytest.raises(TypeError):
            ssl.MemoryBIO(data=b'x')
        assert ssl.MemoryBIO(*(), **{}).pending == 0

    def test_is_not_a_base(self):
        with pytest.raises(TypeError):
            type('Sub', (ssl.MemoryBIO,), {})

    def test_takes_no_attributes(self, bio):
        assert not hasattr(bio, '__dict__')
        with pytest.raises(AttributeError):
            bio.other = 1
        with pytest.raises(TypeError):
            weakref.ref(bio)

    def test_equality_is_identity(self, bio):
        other = ssl.MemoryBIO()
        assert bio == bio
        assert bio != other
        assert not bio == other
        assert len({bio, other, bio}) == 2
        assert {bio: 1}[bio] == 1

    def test_is_always_true(self, bio):
        assert bool(bio) is True
        bio.write(b'x')
        assert bool(bio) is True
        bio.read()
        bio.write_eof()
        assert bool(bio) is True

    def test_is_no_container(self, bio):
        bio.write(b'abc')
        for operation in (len, iter, next, lambda b: b[0], lambda b: b[0:1],
                          lambda b: b'a' in b, memoryview, bytearray):
            with pytest.raises(TypeError):
                operation(bio)
        assert bio.pending == 3

    @pytest.mark.skipif(not tls.PY2, reason='2.7 has another such protocol')
    def test_is_no_buffer(self, bio):
        with pytest.raises(TypeError):
            buffer(bio)                 # noqa: F821
        with pytest.raises(TypeError):
            bio.write(bio)

    def test_is_no_number_nor_function(self, bio):
        for operation in (int, float, abs, lambda b: b + 1, lambda b: 1 + b,
                          lambda b: b * 2, lambda b: b(), lambda b: -b,
                          lambda b: [][b]):
            with pytest.raises(TypeError):
                operation(bio)
        assert 'MemoryBIO' in repr(bio) and 'MemoryBIO' in str(bio)


class TestRead(object):
    def test_everything_by_default(self, bio):
        bio.write(b'spam')
        bio.write(b'eggs')
        assert bio.read() == b'spameggs'
        assert bio.read() == b''

    @pytest.mark.parametrize('size', [-1, -2, -INT_MAX - 1])
    def test_negative_is_everything(self, bio, size):
        bio.write(b'spam')
        assert bio.read(size) == b'spam'

    def test_size_limits(self, bio):
        bio.write(b'spameggs')
        assert bio.read(4) == b'spam'
        assert bio.pending == 4
        assert bio.read(0) == b''
        assert bio.pending == 4
        assert bio.read(100) == b'eggs'
        assert bio.read(100) == b''

    def test_result_is_bytes(self, bio):
        assert type(bio.read()) is bytes
        bio.write(bytearray(b'x'))
        assert type(bio.read()) is bytes

    @pytest.mark.parametrize('size', [-1, 0, 1, 1000])
    def test_empty_never_raises(self, bio, size):
        assert bio.read(size) == b''
        bio.write_eof()
        assert bio.read(size) == b''
        assert bio.read(size) == b''

    def test_binary_data(self, bio):
        data = bytes(bytearray(range(256))) * 4
        bio.write(data)
        assert bio.read() == data

    def test_int_max_takes_only_what_is_there(self, bio):
        bio.write(b'spam')
        with limits.address_space(256 << 20):
            assert bio.read(INT_MAX) == b'spam'
            assert bio.read(INT_MAX) == b''

    @pytest.mark.parametrize('size', [None, 1.0, '1', b'1', [], object()])
    def test_wrong_type(self, bio, size):
        bio.write(b'spam')
        with pytest.raises(TypeError):
            bio.read(size)
        assert bio.read() == b'spam'

    @pytest.mark.parametrize('size', [INT_MAX + 1, -INT_MAX - 2, 2 ** 64,
                                      -2 ** 64])
    def test_outside_c_int(self, bio, size):
        bio.write(b'spam')
        with pytest.raises(OverflowError):
            bio.read(size)
        assert bio.read() == b'spam'

    def test_positional_only(self, bio):
        with pytest.raises(TypeError):
            bio.read(size=1)
        with pytest.raises(TypeError):
            bio.read(1, 2)


class TestWrite(object):
    def test_returns_the_number_of_bytes(self, bio):
        for data in (b'', b'x', b'spam' * 5000):
            count = bio.write(data)
            assert count == len(data)
            assert type(count) is int

    def test_positional_only(self, bio):
        with pytest.raises(TypeError):
            bio.write(b=b'x')
        with pytest.raises(TypeError):
            bio.write()
        with pytest.raises(TypeError):
            bio.write(b'x', b'y')
        assert bio.pending == 0

    def test_chunks_join(self, bio):
        for i in range(1000):
            bio.write(('%d,' % i).encode('ascii'))
        assert bio.read() == ''.join(
            '%d,' % i for i in range(1000)).encode('ascii')

    def test_more_than_int_max(self, bio):
        bio.write(b'spam')
        with limits.huge_buffer(INT_MAX + 1) as huge:
            with pytest.raises(OverflowError):
                bio.write(huge)
        assert bio.read() == b'spam'

    def test_int_max_bytes_are_tried(self, bio):
        # The largest size that every build can be asked for.
        bio.write(b'spam')
        with limits.huge_buffer(INT_MAX) as huge:
            with limits.address_space(128 << 20):
                with pytest.raises(OUT_OF_MEMORY):
                    bio.write(huge)
        assert bio.read() == b'spam'

    def test_out_of_memory_changes_nothing(self, bio):
        content = b'spam' * (1 << 18)
        bio.write(content)
        more = bytearray(512 << 20)
        with limits.address_space(128 << 20):
            with pytest.raises(OUT_OF_MEMORY):
                bio.write(more)
        del more[:]         # the export was released
        assert bio.pending == len(content)
        assert bio.read() == content
        assert bio.write(b'works again') == 11
        assert bio.read() == b'works again'


class TestEOF(object):
    def test_write_eof_returns_none_each_time(self, bio):
        assert bio.write_eof() is None
        assert bio.write_eof() is None
        assert bio.eof is True

    def test_write_eof_takes_no_arguments(self, bio):
        with pytest.raises(TypeError):
            bio.write_eof(1)
        assert bio.eof is False

    def test_only_when_nothing_is_pending(self, bio):
        assert bio.eof is False
        bio.write(b'spam')
        assert bio.eof is False
        bio.write_eof()
        assert bio.eof is False
        assert bio.read(3) == b'spa'
        assert bio.eof is False
        assert bio.read(3) == b'm'
        assert bio.eof is True
        assert bio.read() == b''
        assert bio.eof is True

    def test_empty_without_write_eof_is_no_eof(self, bio):
        bio.write(b'spam')
        bio.read()
        assert bio.eof is False

    @pytest.mark.parametrize('data', [b'spam', b'', bytearray(b'x'),
                                      memoryview(b'')])
    def test_write_afterwards(self, bio, data):
        bio.write(b'before')
        bio.write_eof()
        with pytest.raises(ssl.SSLError) as info:
            bio.write(data)
        error = info.value
        assert type(error) is ssl.SSLError
        assert error.args == ('cannot write() after write_eof()',)
        assert 'cannot write() after write_eof()' in str(error)
        missing = object()
        expected = differs('write-after-eof-attributes', py2=None,
                           py3=missing)
        for name in ('reason', 'library'):
            assert getattr(error, name, missing) is expected
        assert bio.read() == b'before'
        assert bio.eof is True

    @pytest.mark.parametrize('data', [None, 1, [b'x']])
    def test_wrong_type_comes_first(self, bio, data):
        bio.write_eof()
        with pytest.raises(TypeError):
            bio.write(data)

    def test_wrong_size_comes_before_eof(self, bio):
        bio.write_eof()
        with limits.huge_buffer(INT_MAX + 1) as huge:
            with pytest.raises(OverflowError):
                bio.write(huge)


class TestAttributes(object):
    def test_pending(self, bio):
        assert bio.pending == 0
        bio.write(b'spam')
        assert bio.pending == 4
        bio.read(1)
        assert bio.pending == 3
        bio.write_eof()
        assert bio.pending == 3
        bio.read()
        assert bio.pending == 0

    @pytest.mark.parametrize('name', ['pending', 'eof'])
    def test_read_only(self, bio, name):
        bio.write(b'spam')
        with pytest.raises(AttributeError):
            setattr(bio, name, 1)
        with pytest.raises(AttributeError):
            delattr(bio, name)
        assert bio.pending == 4
        assert bio.eof is False


@given(st.lists(st.one_of(st.binary(max_size=200),
                          st.integers(min_value=-1, max_value=300)),
                max_size=40), st.booleans())
def test_is_a_queue_of_bytes(operations, end):
    """Any series of writes (bytes) and reads (int) acts on a plain queue."""
    bio = ssl.MemoryBIO()
    queue = b''
    for operation in operations:
        if isinstance(operation, bytes):
            assert bio.write(operation) == len(operation)
            queue += operation
        else:
            size = len(queue) if operation < 0 else operation
            assert bio.read(operation) == queue[:size]
            queue = queue[size:]
        assert bio.pending == len(queue)
        assert bio.eof is False
    if end:
        bio.write_eof()
        assert bio.eof is (not queue)
    assert bio.read() == queue
    assert bio.eof is end
