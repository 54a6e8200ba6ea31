"""Calls of every kind, again and again, and what they leave behind.

    python repeated_calls.py [NAME ...]

A line of JSON for each call, {name: [bytes, references]}: how much more memory
is resident after COUNT calls, and how many more references there are (or
fewer, less than 0) to objects that are never freed and to those that the call
was given.  In place of both stands the traceback (str) of a call that does not
do as it should.
"""

from __future__ import print_function

import _ssl
import array
import gc
import hashlib
import json
import os
import ssl
import sys
import traceback
import warnings

import errorcodes
import tls

COUNT = 1000
#: Each call is measured so often at most; the least counts, since what is
#: kept once is no leak.
ROUNDS = 4

TEXT = u'server.test'
IMMORTAL = [None, True, False, 0, 1, -1, '', (), b'', u'', bool, int, str,
            bytes, ssl.SSLError, ssl.SSLWantReadError, ssl.SSLEOFError,
            ssl.SSLZeroReturnError, ssl.MemoryBIO, ssl.SSLObject,
            ssl.SSLContext, ValueError, TypeError, MemoryError]

#: {name: function without arguments}
CALLS = {}
#: What the calls are given.
GIVEN = []


def call(function):
    CALLS[function.__name__] = function
    return function


def given(value):
    GIVEN.append(value)
    return value


def fails(errors, function, *args, **options):
    """Call it, which raises one of *errors*."""
    try:
        function(*args, **options)
    except errors:
        if tls.PY2:
            sys.exc_clear()
    else:
        raise AssertionError('no error')


CA = tls.cert('ca')
SERVER = tls.cert('server')
with open(CA) as stream:
    PEM = given(stream.read())
DER = given(ssl.PEM_cert_to_DER_cert(PEM[PEM.index('-----BEGIN'):]))
MISSING = os.path.join(tls.CERTS, 'missing')
DATA = given(b'spam' * 2000)
TARGET = given(bytearray(8000))
ARRAY = given(array.array('B', bytearray(DATA)))
VIEW = given(memoryview(DATA))
CLIENT = given(tls.client_context())
SERVED = given(tls.server_context(name='ecdsa'))
OTHER = given(tls.server_context(name='server'))
PLAIN = given(tls.new_context())
PAIR = tls.Connection(None, CLIENT, SERVED,
                      server_hostname='ecdsa.test').established()
FRESH = tls.Connection(None, CLIENT, SERVED)
BIO = given(ssl.MemoryBIO())
ODD = given(tls.client_context())
INJECTOR = errorcodes.Injector(ODD)
INJECTOR.codes.append((errorcodes.ERR_LIB_SSL, 4090))


class Number(object):
    """No int, and no buffer."""


NOT_A_NUMBER = given(Number())
NAMED = given(lambda obj, name, context: None)

# What a MemoryBIO is asked for.


@call
def new_bio():
    ssl.MemoryBIO()


@call
def new_bio_with_argument():
    fails(TypeError, ssl.MemoryBIO, NOT_A_NUMBER)


@call
def bio_write_and_read():
    BIO.write(DATA)
    BIO.write(b'x')
    BIO.read(1)
    BIO.read(5000)
    BIO.read()
    BIO.read()


@call
def bio_write_buffers():
    for each in (bytearray(DATA), VIEW, VIEW[7:], DATA[:7]):
        BIO.write(each)
    BIO.read()


@call
def bio_dropped_with_data():
    bio = ssl.MemoryBIO()
    bio.write(DATA)
    bio.write(bytearray(b'spam'))


@call
def bio_ended():
    bio = ssl.MemoryBIO()
    bio.write_eof()
    fails(ssl.SSLError, bio.write, b'x')
    assert bio.eof is True and bio.pending == 0


@call
def bio_bad_arguments():
    for each in (u'\xe9', NOT_A_NUMBER, None):
        fails((TypeError, UnicodeError), BIO.write, each)
    fails(TypeError, BIO.read, NOT_A_NUMBER)
    fails((TypeError, OverflowError), BIO.read, 1 << 80)
    fails(AttributeError, setattr, BIO, 'pending', 1)
    fails(TypeError, BIO.write)


# Contexts


@call
def new_context():
    ssl.SSLContext(ssl.PROTOCOL_TLS)


@call
def new_context_of_no_protocol():
    fails(ValueError, ssl.SSLContext, 99)
    fails(TypeError, ssl.SSLContext, NOT_A_NUMBER)


@call
def options():
    PLAIN.options |= 0
    PLAIN.verify_flags |= 0
    PLAIN.verify_mode = PLAIN.verify_mode
    PLAIN.check_hostname = PLAIN.check_hostname
    for name in ('options', 'verify_flags', 'verify_mode'):
        fails((TypeError, AttributeError), setattr, PLAIN, name,
              NOT_A_NUMBER)
    fails(ValueError, setattr, PLAIN, 'verify_mode', 99)


@call
def ciphers():
    PLAIN.set_ciphers('ALL')
    fails(ssl.SSLError, PLAIN.set_ciphers, 'no such cipher')
    fails(TypeError, PLAIN.set_ciphers, NOT_A_NUMBER)


@call
def get_ciphers():
    PLAIN.get_ciphers()


@call
def protocols():
    CLIENT.set_alpn_protocols(['h2', 'http/1.1'])
    fails((TypeError, ssl.SSLError, AttributeError),
          CLIENT.set_alpn_protocols, [NOT_A_NUMBER])
    if ssl.HAS_NPN:
        CLIENT.set_npn_protocols(['h2', 'http/1.1'])


@call
def certificate_chain():
    OTHER.load_cert_chain(SERVER)


@call
def certificate_chain_of_text():
    OTHER.load_cert_chain(u'' + SERVER, u'' + SERVER)


@call
def certificate_chain_with_password():
    OTHER.load_cert_chain(SERVER, password=lambda: 'secret')
    OTHER.load_cert_chain(SERVER, password=u'secret')
    fails(TypeError, OTHER.load_cert_chain, SERVER, password=NOT_A_NUMBER)


@call
def certificate_chain_missing():
    fails(EnvironmentError, OTHER.load_cert_chain, MISSING)
    fails(EnvironmentError, OTHER.load_cert_chain, u'' + MISSING)
    fails(TypeError, OTHER.load_cert_chain, NOT_A_NUMBER)
    fails((TypeError, ValueError), OTHER.load_cert_chain, 'a\0b')
    fails((ssl.SSLError, EnvironmentError), OTHER.load_cert_chain, __file__)
    fails((ssl.SSLError, EnvironmentError), OTHER.load_cert_chain, CA)


@call
def verify_locations():
    PLAIN.load_verify_locations(CA)
    PLAIN.load_verify_locations(u'' + CA)
    PLAIN.load_verify_locations(cadata=DER)


@call
def verify_locations_of_text():
    PLAIN.load_verify_locations(cadata=u'' + PEM)


@call
def verify_locations_missing():
    fails(EnvironmentError, PLAIN.load_verify_locations, MISSING)
    fails(TypeError, PLAIN.load_verify_locations, NOT_A_NUMBER)
    fails(TypeError, PLAIN.load_verify_locations, None, None)
    fails((TypeError, ValueError), PLAIN.load_verify_locations,
          capath='a\0b')
    for each in (b'spam', u'spam', u'\xe9', NOT_A_NUMBER, b''):
        fails((TypeError, ValueError, ssl.SSLError),
              PLAIN.load_verify_locations, cadata=each)


@call
def verify_directory():
    # Each keeps what it was told of: so a context of its own.
    tls.new_context().load_verify_locations(capath=u'' + tls.CERTS)
    tls.new_context().load_verify_locations(capath=tls.CERTS)


@call
def default_verify_paths():
    fails(TypeError, PLAIN.set_default_verify_paths, 1)
    _ssl.get_default_verify_paths()


@call
def get_ca_certs():
    PLAIN.get_ca_certs()
    PLAIN.get_ca_certs(True)
    PLAIN.cert_store_stats()
    PLAIN.session_stats()


@call
def dh_params():
    fails(EnvironmentError, PLAIN.load_dh_params, MISSING)
    fails(EnvironmentError, PLAIN.load_dh_params, u'' + MISSING)
    fails(ssl.SSLError, PLAIN.load_dh_params, CA)
    fails((TypeError, EnvironmentError), PLAIN.load_dh_params, NOT_A_NUMBER)


@call
def curve():
    PLAIN.set_ecdh_curve('prime256v1')
    fails(ValueError, PLAIN.set_ecdh_curve, 'spam')
    fails(TypeError, PLAIN.set_ecdh_curve, NOT_A_NUMBER)


@call
def servername_callback():
    PLAIN.set_servername_callback(NAMED)
    PLAIN.set_servername_callback(None)
    fails(TypeError, PLAIN.set_servername_callback, NOT_A_NUMBER)


# Connections


@call
def wrap():
    CLIENT.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(),
                    server_hostname='server.test')
    CLIENT.wrap_bio(BIO, BIO, server_hostname=TEXT)
    SERVED.wrap_bio(BIO, BIO, server_side=True)


@call
def wrap_badly():
    for name in ('', 'a' * 70, 'a\0b', NOT_A_NUMBER, u'\xe9' * 80):
        fails((TypeError, ValueError, ssl.SSLError), CLIENT.wrap_bio, BIO,
              BIO, server_hostname=name)
    fails(TypeError, CLIENT.wrap_bio, BIO, None)
    fails(TypeError, CLIENT.wrap_bio, NOT_A_NUMBER, BIO)


@call
def first_flight():
    obj = CLIENT.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
    fails(ssl.SSLWantReadError, obj.do_handshake)
    for each in (DATA, bytearray(DATA), VIEW):
        fails(ssl.SSLWantReadError, obj.write, each)
    fails(ssl.SSLWantReadError, obj.read, 8000)
    fails(ssl.SSLWantReadError, obj.read, 8000, TARGET)


@call
def garbage():
    bio = ssl.MemoryBIO()
    bio.write(b'HTTP/1.1 400 Bad Request\r\n\r\n')
    obj = CLIENT.wrap_bio(bio, ssl.MemoryBIO())
    fails(ssl.SSLError, obj.do_handshake)
    fails(ssl.SSLError, obj.read)
    fails(ssl.SSLError, obj.read, 8000, TARGET)
    for each in (b'x', DATA, bytearray(DATA), VIEW):
        fails(ssl.SSLError, obj.write, each)
    fails((ssl.SSLError, ValueError), obj.unwrap)


@call
def errors_in_turn():
    # The text of the last one may be kept.
    first_flight()
    garbage()


@call
def reason_without_a_name():
    obj = ODD.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
    fails(ssl.SSLError, obj.do_handshake)


@call
def end_of_stream():
    bio = ssl.MemoryBIO()
    bio.write_eof()
    obj = CLIENT.wrap_bio(bio, ssl.MemoryBIO())
    fails(ssl.SSLError, obj.do_handshake)
    fails(ssl.SSLError, obj.read)


def ask(obj):
    """What can be asked for at any time."""
    obj.cipher()
    obj.shared_ciphers()
    obj.version()
    obj.compression()
    obj.pending()
    obj.selected_alpn_protocol()
    obj.selected_npn_protocol()
    obj.get_channel_binding()


@call
def before_the_handshake():
    obj = FRESH.client.obj
    fails(ValueError, obj.getpeercert)
    ask(obj)


@call
def established():
    obj = PAIR.client.obj
    obj.getpeercert()
    obj.getpeercert(True)
    ask(obj)
    fails(ValueError, obj.get_channel_binding, 'spam')
    fails((ValueError, TypeError), obj.getpeercert, 1, 2)
    assert obj.server_side is False and obj.server_hostname
    obj.do_handshake()
    repr(obj)


@call
def established_server():
    obj = PAIR.server.obj
    obj.getpeercert()
    obj.getpeercert(True)
    ask(obj)
    obj.do_handshake()


@call
def exchange_contexts():
    obj = PAIR.server.obj
    obj.context = OTHER
    obj.context = SERVED
    fails((TypeError, AttributeError), setattr, obj, 'context', NOT_A_NUMBER)


@call
def write_and_read():
    assert PAIR.client.obj.write(DATA) == len(DATA)
    PAIR.flush()
    assert PAIR.server.obj.read(8000) == DATA
    assert PAIR.client.obj.write(b'x') == 1
    PAIR.flush()
    assert PAIR.server.obj.read() == b'x'
    fails(ssl.SSLWantReadError, PAIR.server.obj.read)


@call
def write_and_read_in_parts():
    assert PAIR.client.obj.write(VIEW) == len(DATA)
    PAIR.flush()
    assert PAIR.server.obj.read(1) == b's'
    assert PAIR.server.obj.read(100) == DATA[1:101]
    assert len(PAIR.server.obj.read(8000)) == 7899


@call
def write_and_read_buffers():
    assert PAIR.client.obj.write(bytearray(DATA)) == len(DATA)
    PAIR.flush()
    assert PAIR.server.obj.read(8000, TARGET) == 8000
    fails(ssl.SSLWantReadError, PAIR.server.obj.read, 10, TARGET)
    assert PAIR.server.obj.read(0) == b''


@call
def write_and_read_arrays():
    assert PAIR.client.obj.write(ARRAY) == len(DATA)
    PAIR.flush()
    assert PAIR.server.obj.read(8000, ARRAY) == 8000
    fails(ssl.SSLWantReadError, PAIR.server.obj.read, 10, ARRAY)


@call
def write_and_read_badly():
    obj = PAIR.client.obj
    for each in (NOT_A_NUMBER, None):
        fails(TypeError, obj.write, each)
    fails((TypeError, OverflowError), obj.read, 1 << 80)
    fails((TypeError, OverflowError), obj.read, NOT_A_NUMBER)
    fails(ValueError, obj.read, -1)
    fails((TypeError, BufferError, ValueError), obj.read, 10, DATA)
    fails((TypeError, BufferError, ValueError), obj.read, 10, NOT_A_NUMBER)


# What is not of a connection


@call
def certificate():
    _ssl._test_decode_cert(SERVER)
    fails(EnvironmentError, _ssl._test_decode_cert, MISSING)
    fails((EnvironmentError, ssl.SSLError), _ssl._test_decode_cert, __file__)


@call
def random_numbers():
    ssl.RAND_status()
    ssl.RAND_add('spam', 0.0)
    fails(TypeError, ssl.RAND_add, NOT_A_NUMBER, 0.0)


@call
def objects():
    _ssl.txt2obj('1.3.6.1.5.5.7.3.1')
    _ssl.nid2obj(129)
    fails(ValueError, _ssl.txt2obj, 'spam')
    fails(ValueError, _ssl.nid2obj, -1)
    fails(ValueError, _ssl.nid2obj, 1 << 20)


@call
def errors():
    str(ssl.SSLError(1, 'spam'))
    str(ssl.SSLError('spam'))
    repr(ssl.SSLError(1, u'spam'))


@call
def hashes():
    digest = hashlib.new('sha256', DATA)
    digest.copy().hexdigest()
    digest.digest()
    digest.update(b'x')
    assert digest.name and digest.digest_size
    fails(ValueError, hashlib.new, 'spam')
    fails(TypeError, digest.update, NOT_A_NUMBER)


@call
def derived_key():
    hashlib.pbkdf2_hmac('sha1', b'password', b'salt', 1)
    hashlib.pbkdf2_hmac('sha1', b'password', b'salt', 1, 99)
    fails(ValueError, hashlib.pbkdf2_hmac, 'spam', b'password', b'salt', 1)
    for args in ((NOT_A_NUMBER, b'', 1), (b'', NOT_A_NUMBER, 1), (b'', b'', 0),
                 (b'', b'', 1, 0), (b'', b'', NOT_A_NUMBER)):
        fails((TypeError, ValueError), hashlib.pbkdf2_hmac, 'sha1', *args)


# What has to be found
KEPT = []
LEAKS = {'a_block': lambda: KEPT.append(object()),
         'a_reference': lambda: KEPT.append(ssl.MemoryBIO)}


def resident():
    """Bytes of resident memory of this process."""
    with open('/proc/self/statm') as status:
        pages = int(status.read().split()[1])
    return pages * os.sysconf('SC_PAGESIZE')


def references():
    return sum(sys.getrefcount(each) for each in IMMORTAL + GIVEN)


def occupy():
    """Take what is free of the memory that is resident, in blocks of all
    small sizes: what is left behind would find room there.  Returns what has
    to be kept."""
    # Python's own allocator has those of up to 512 bytes, but for a
    # bytearray, whose bytes are malloc()'s.
    return ([make(number) for make in (lambda number: object(), float, complex)
             for number in range(5000)] +
            [b'%*d' % (size, 0) for size in range(2, 480, 8)
             for _ in range(2000)] +
            [bytearray(size) for size in range(8, 1040, 16)
             for _ in range(500)])


def measure(function):
    """(bytes, references) that COUNT calls leave."""
    for _ in range(COUNT // 4):
        function()
    kept = occupy()
    least = [None, None]
    for _ in range(ROUNDS):
        gc.collect()
        before = resident(), references()
        for _ in range(COUNT):
            function()
        gc.collect()
        found = resident() - before[0], references() - before[1]
        least = [new if old is None else min(old, new, key=abs)
                 for old, new in zip(least, found)]
        if least[0] <= 0 and abs(least[1]) < 10:
            break
    del kept
    return least


def main():
    warnings.simplefilter('ignore')
    for name in sys.argv[1:] or sorted(CALLS):
        try:
            found = measure(LEAKS.get(name) or CALLS[name])
        except Exception:
            found = traceback.format_exc()
        print(json.dumps({name: found}))
        sys.stdout.flush()


if __name__ == '__main__':
    if not __debug__:
        sys.exit('what it checks is gone under -O and with PYTHONOPTIMIZE: '
                 'run it without')
    main()
