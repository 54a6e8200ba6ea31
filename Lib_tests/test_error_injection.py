"""Errors that ordinary traffic does not bring about, put on OpenSSL's queue
while a call is under way, and the exceptions that become of them."""

import ctypes
import errno
import os
import select
import socket
import ssl
import sys

import pytest

import errorcodes
import errorqueue
import sockets
import tls

UNKNOWN_REASON = 4000
UNKNOWN_LIBRARY = 99
BAD_CIPHER = 186

# What a callback of a BIO is told, from openssl/bio.h.
BIO_CB_READ, BIO_CB_WRITE, BIO_CB_CTRL, BIO_CB_RETURN = 2, 3, 6, 0x80
BIO_CTRL_PENDING = 10
BIO_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_long, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p,
    ctypes.c_size_t, ctypes.c_int, ctypes.c_long, ctypes.c_int,
    ctypes.POINTER(ctypes.c_size_t))
INT_MAX = 2 ** 31 - 1


@pytest.fixture
def context():
    return tls.client_context()


@pytest.fixture
def injector(context):
    return errorcodes.Injector(context)


# OpenSSL 4 looks at the queue only behind a call that has failed, others also
# behind one that waits for data: only this garbage makes it fail.
GARBAGE = (b'HTTP/1.1 400 Bad Request\r\n\r\n'
           if ssl.OPENSSL_VERSION_INFO >= (4, ) else b'')


def handshake(context):
    """The error that a client's first do_handshake() raises."""
    incoming = ssl.MemoryBIO()
    incoming.write(GARBAGE)
    obj = context.wrap_bio(incoming, ssl.MemoryBIO())
    with pytest.raises(ssl.SSLError) as info:
        obj.do_handshake()
    assert errorqueue.is_empty()
    return info.value


def handshake_over_socket(context):
    """The same for an SSLSocket."""
    with sockets.connected() as (client, server):
        if GARBAGE:
            server.sendall(GARBAGE)
            assert select.select([client], [], [], sockets.TIMEOUT)[0]
        client.setblocking(False)
        sock = context.wrap_socket(client, do_handshake_on_connect=False)
        with pytest.raises(socket.error) as info:
            sock.do_handshake()
        assert errorqueue.is_empty()
        return info.value


class TestQueuedErrors(object):
    def test_nothing_is_injected(self, context, injector):
        error = handshake(context)
        if GARBAGE:
            assert (error.errno, error.library) == (ssl.SSL_ERROR_SSL, 'SSL')
            assert error.reason != 'BAD_CIPHER'
        else:
            assert type(error) is ssl.SSLWantReadError

    def test_named_by_the_table(self, context, injector):
        injector.codes[:] = [(errorcodes.ERR_LIB_SSL, BAD_CIPHER)]
        error = handshake(context)
        assert type(error) is ssl.SSLError
        assert error.errno == ssl.SSL_ERROR_SSL
        assert (error.reason, error.library) == ('BAD_CIPHER', 'SSL')
        assert str(error).startswith('[SSL: BAD_CIPHER] bad cipher (_ssl.c:')

    def test_the_newest_counts(self, context, injector):
        injector.codes[:] = [(errorcodes.ERR_LIB_PEM, 108),
                             (errorcodes.ERR_LIB_SSL, BAD_CIPHER)]
        assert handshake(context).reason == 'BAD_CIPHER'

    @pytest.mark.parametrize('code, name', [
        (errorcodes.DISABLED, 'DISABLED'),
        (errorcodes.PASSED_NULL_PARAMETER, 'PASSED_NULL_PARAMETER')])
    @pytest.mark.parametrize('library', [errorcodes.ERR_LIB_SSL,
                                         errorcodes.ERR_LIB_EVP])
    def test_common_reason(self, context, injector, library, code, name):
        """OpenSSL's texts for these do not spell their symbols."""
        injector.codes[:] = [(library, code)]
        error = handshake(context)
        assert error.errno == ssl.SSL_ERROR_SSL
        if tls.PY2:
            assert error.reason == name
        else:
            # Not in its table.
            assert error.reason in (None, name)

    def test_reason_without_a_name(self, context, injector):
        code = errorcodes.ERR_LIB_SSL, UNKNOWN_REASON
        assert errorcodes.text(*code) is None
        injector.codes[:] = [code]
        error = handshake(context)
        assert type(error) is ssl.SSLError
        assert error.errno == ssl.SSL_ERROR_SSL
        assert (error.reason, error.library) == (None, 'SSL')
        assert str(error).startswith('[SSL] unknown error (_ssl.c:')

    def test_library_without_a_name(self, context, injector):
        injector.codes[:] = [(UNKNOWN_LIBRARY, UNKNOWN_REASON)]
        error = handshake(context)
        assert error.errno == ssl.SSL_ERROR_SSL
        assert (error.reason, error.library) == (None, None)
        assert str(error).startswith('unknown error (_ssl.c:')

    def test_next_connection(self, context, injector):
        """Nothing of it stays for others."""
        injector.codes[:] = [(errorcodes.ERR_LIB_EVP, 100)]
        assert handshake(context).library == 'EVP'
        del injector.codes[:]
        pair = tls.Connection(client=context).established()
        assert pair.send(pair.client, b'ping') == b'ping'


class TestSystemErrors(object):
    """An entry whose reason is an errno, as OpenSSL 3 queues it."""
    code = errorcodes.ERR_LIB_SYS, errno.ECONNRESET

    def test_without_a_socket(self, context, injector):
        injector.codes[:] = [self.code]
        error = handshake(context)
        assert type(error) is ssl.SSLError
        assert error.errno == ssl.SSL_ERROR_SYSCALL
        assert error.reason is None
        # OpenSSL 1.1.1's name of the library.
        assert error.library in ('SYS', None)
        if tls.PY2:
            # Bytes, in whatever encoding the locale has: str() of a unicode
            # raises UnicodeEncodeError where it is not ASCII.
            message = error.args[1]
            assert type(message) is str
            assert str(error) == message
            prefix = '[SYS] ' if error.library else ''
            text = os.strerror(errno.ECONNRESET)
            assert message.lower().startswith((prefix + text).lower() + ' (')

    @pytest.mark.skipif(not tls.PY2, reason='SSLEOFError or SSLSyscallError, '
                        'depending on the version of Python 3')
    def test_after_an_error_of_ssl(self, context, injector):
        """The first error counts: this one may be of the alert only."""
        injector.codes[:] = [(errorcodes.ERR_LIB_SSL, BAD_CIPHER), self.code]
        error = handshake_over_socket(context)
        assert type(error) is ssl.SSLError
        assert error.reason == 'BAD_CIPHER'

    @pytest.mark.skipif(not tls.PY2, reason='SSLEOFError or SSLSyscallError, '
                        'depending on the version of Python 3')
    def test_over_a_socket(self, context, injector):
        """socket.error, as the socket module itself would raise it."""
        injector.codes[:] = [self.code]
        error = handshake_over_socket(context)
        assert type(error) is socket.error
        assert error.args == (errno.ECONNRESET,
                              os.strerror(errno.ECONNRESET))

    @pytest.mark.skipif(not errorcodes.HAS_FLAGS or bool(GARBAGE) or
                        not tls.PY2, reason='OpenSSL 3 on Python 2.7 does it')
    @pytest.mark.parametrize('over', ['BIO', 'socket'])
    def test_end_of_stream_and_a_failed_alert(self, context, injector, over):
        """OpenSSL 3.2 queues both: the end is what the caller is told."""
        unexpected_eof = 294
        injector.codes[:] = [(errorcodes.ERR_LIB_SSL, unexpected_eof),
                             (errorcodes.ERR_LIB_SYS, errno.EPIPE)]
        error = (handshake if over == 'BIO' else
                 handshake_over_socket)(context)
        assert type(error) is ssl.SSLEOFError
        assert error.errno == ssl.SSL_ERROR_EOF
        assert error.reason == 'UNEXPECTED_EOF_WHILE_READING'


@pytest.fixture(scope='module')
def symbols():
    folder = errorcodes.headers()
    return None if folder is None else errorcodes.symbols(folder)


@pytest.mark.parametrize('library, name, least', [
    (errorcodes.ERR_LIB_SSL, 'SSL', 200),
    (errorcodes.ERR_LIB_X509, 'X509', 30),
    (errorcodes.ERR_LIB_PEM, 'PEM', 25)])
def test_every_reason(context, injector, symbols, library, name, least):
    """No reason that OpenSSL knows has a wrong name, and none has no name.

    The right one is the symbol in OpenSSL's headers; where these are not
    those of the library in use, the one that the text is made from."""
    reasons = errorcodes.known(library)
    assert len(reasons) >= least
    wrong, missing = [], []
    for reason, text in sorted(reasons.items()):
        if GARBAGE and text == 'record layer failure':
            # Stands for the entry in front of it, here that of the garbage.
            continue
        if ssl.OPENSSL_VERSION_INFO < (3, ) and \
                text == 'ssl handshake failure':
            # Stands for the end of the stream in an implicit handshake.
            continue
        injector.codes[:] = [(library, reason)]
        error = handshake(context)
        assert error.library == name
        names = (symbols or {}).get((library, reason))
        if error.reason is None:
            missing.append((reason, text))
        elif names is not None:
            if error.reason not in names:
                wrong.append((reason, error.reason, sorted(names)))
        elif letters(error.reason) != letters(text):
            wrong.append((reason, error.reason, text))
    assert wrong == []
    if tls.PY2:
        assert missing == []


def letters(text):
    return [letter for letter in text.upper() if letter.isalnum()]


def test_headers_agree_with_the_library(symbols):
    """Where test_every_reason() goes by the headers, they are complete."""
    if symbols is None:
        pytest.skip('no headers of %s' % ssl.OPENSSL_VERSION)
    for library in (errorcodes.ERR_LIB_SSL, errorcodes.ERR_LIB_X509,
                    errorcodes.ERR_LIB_PEM):
        assert {reason for known, reason in symbols if known == library} >= \
            set(errorcodes.known(library))


@pytest.fixture
def bio():
    return ssl.MemoryBIO()


@pytest.fixture
def intercept(bio):
    """intercept(operation, function): from now on *function* decides on that
    operation of *bio*, through the callback that OpenSSL has for it.  It gets
    the argument, what the result would be, and where the count is."""
    if not hasattr(errorcodes.CRYPTO, 'BIO_set_callback_ex'):
        pytest.skip('%s has no BIO_set_callback_ex' % ssl.OPENSSL_VERSION)
    set_callback = errorcodes.CRYPTO.BIO_set_callback_ex
    set_callback.restype = None
    # The BIO is the first member of the object.
    pointer = ctypes.c_void_p.from_address(id(bio) + object.__basicsize__)
    kept = []

    def start(operation, function):
        @BIO_CALLBACK
        def callback(bio, which, data, size, argument, number, result, count):
            if which != operation:
                return result
            return function(argument, result, count)

        kept.append(callback)
        set_callback(pointer, callback)

    yield start
    set_callback(pointer, None)


def refuse(*codes):
    """A function for intercept(): the operation fails with these errors."""
    def function(argument, result, count):
        for code in codes:
            errorcodes.push(*code)
        return -1
    return function


# The queue of group hardening is no BIO that could be intercepted.
if not tls.HARDENING:
    class TestMemoryBIO(object):
        @pytest.fixture(autouse=True)
        def content(self, bio):
            bio.write(b'0123456789')

        def test_refused_read(self, bio, intercept):
            code = errorcodes.ERR_LIB_SSL, BAD_CIPHER
            intercept(BIO_CB_READ, refuse(code))
            with pytest.raises(ssl.SSLError) as info:
                bio.read()
            assert info.value.reason == 'BAD_CIPHER'
            assert errorqueue.is_empty()
            assert bio.pending == 10

        def test_refused_write(self, bio, intercept):
            code = errorcodes.ERR_LIB_SSL, BAD_CIPHER
            intercept(BIO_CB_WRITE, refuse(code))
            with pytest.raises(ssl.SSLError) as info:
                bio.write(b'abc')
            assert info.value.reason == 'BAD_CIPHER'
            assert errorqueue.is_empty()
            assert bio.read() == b'0123456789'

        @pytest.mark.parametrize('operation', ['read', 'write'])
        def test_refused_without_an_error(self, bio, intercept, operation):
            intercept(BIO_CB_READ if operation == 'read' else BIO_CB_WRITE,
                      refuse())
            with pytest.raises(ssl.SSLError) as info:
                bio.read() if operation == 'read' else bio.write(b'abc')
            assert info.value.reason is None and info.value.library is None
            assert bio.pending == 10

        def test_short_read(self, bio, intercept):
            """No more than OpenSSL says it has given."""
            def give_three(argument, result, count):
                assert result == 1 and count[0] == 10
                count[0] = 3
                return 1

            intercept(BIO_CB_READ | BIO_CB_RETURN, give_three)
            assert bio.read() == b'012'

        @pytest.mark.skipif(sys.maxsize < 2 ** 32,
                            reason='no long is larger than INT_MAX')
        def test_more_than_int_max_pending(self, bio, intercept):
            def pretend(argument, result, count):
                return INT_MAX + 6 if argument == BIO_CTRL_PENDING else result

            intercept(BIO_CB_CTRL | BIO_CB_RETURN, pretend)
            assert bio.pending == INT_MAX + 6
            assert bio.read(4) == b'0123'
            assert not bio.eof
