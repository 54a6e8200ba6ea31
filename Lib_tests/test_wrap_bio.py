# -*- coding: utf-8 -*-
"""SSLContext.wrap_bio(): its arguments and the object that it makes."""

import ssl
import subprocess
import sys
import textwrap

import pytest

import errorqueue
import tls
from differences import differs

# 255 characters is the most that a server name may have in TLS.
LONGEST = '.'.join(['a' * 49] * 5) + '.' + 'a' * 5
assert len(LONGEST) == 255


def wrap(context=None, **options):
    """wrap_bio() with two new BIOs."""
    context = tls.client_context() if context is None else context
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), **options)


def client_hello(server_hostname):
    """The first flight of a client that was given *server_hostname*."""
    end = tls.End(tls.client_context(), server_hostname=server_hostname)
    with pytest.raises(ssl.SSLWantReadError):
        end.obj.do_handshake()
    return end.outgoing.read()


def sent_name(server_hostname):
    """The name in the server_name extension, or None without one."""
    extension = tls.hello_extensions(client_hello(server_hostname)).get(0)
    if extension is None:
        return None
    # Lengths of the list and of the name, and the type 0, host_name.
    assert len(extension) > 5 and extension[2:3] == b'\0'
    return extension[5:].decode('ascii')


class TestResult(object):
    def test_is_an_sslobject(self):
        context = tls.client_context()
        obj = wrap(context)
        assert type(obj) is ssl.SSLObject
        assert obj.context is context

    def test_keywords(self):
        obj = tls.client_context().wrap_bio(
            incoming=ssl.MemoryBIO(), outgoing=ssl.MemoryBIO(),
            server_side=False, server_hostname='server.test', session=None)
        assert obj.server_hostname == 'server.test'

    def test_positional(self):
        obj = tls.client_context().wrap_bio(
            ssl.MemoryBIO(), ssl.MemoryBIO(), False, 'server.test')
        assert obj.server_side is False
        assert obj.server_hostname == 'server.test'

    def test_defaults(self):
        obj = wrap()
        assert obj.server_side is False
        assert obj.server_hostname is None

    def test_writes_nothing_by_itself(self):
        for options in ({'server_hostname': 'server.test'},
                        {'server_side': True}):
            end = tls.End(tls.server_context(), **options)
            assert end.outgoing.pending == 0

    def test_incoming_is_the_one_read_from(self):
        connection = tls.Connection()
        tls_hello = client_hello(None)
        connection.server.incoming.write(tls_hello)
        with pytest.raises(ssl.SSLWantReadError):
            connection.server.obj.do_handshake()
        assert connection.server.incoming.pending == 0
        assert connection.server.outgoing.pending > 0


class TestBIOs(object):
    @pytest.mark.parametrize('wrong', [None, b'', b'x', 0, object(), [],
                                       ssl.MemoryBIO])
    def test_wrong_type(self, wrong):
        context = tls.client_context()
        for pair in ((wrong, ssl.MemoryBIO()), (ssl.MemoryBIO(), wrong),
                     (wrong, wrong)):
            with pytest.raises(TypeError):
                context.wrap_bio(*pair)

    def test_missing(self):
        context = tls.client_context()
        for bios in ((), (ssl.MemoryBIO(),)):
            with pytest.raises(TypeError):
                context.wrap_bio(*bios)

    def test_bio_at_eof_is_accepted(self):
        incoming = ssl.MemoryBIO()
        incoming.write_eof()
        obj = tls.client_context().wrap_bio(incoming, ssl.MemoryBIO())
        assert obj.version() is None


class TestServerSide(object):
    def check(self, value):
        end = tls.End(tls.server_context(), server_side=value)
        assert end.obj.server_side is bool(value)
        with pytest.raises(ssl.SSLWantReadError):
            end.obj.do_handshake()
        # Only a client speaks first.
        assert (end.outgoing.pending == 0) is bool(value)

    @pytest.mark.parametrize('value', [True, False, 0, 1])
    def test_decides_the_role(self, value):
        self.check(value)

    @pytest.mark.parametrize('value', [2, -1])
    def test_other_integers(self, value):
        if differs('server-side-truth', py2=True, py3=False):
            self.check(value)
        else:
            assert wrap(server_side=value).server_side is False

    @pytest.mark.parametrize('value', ['yes', '', [], [0], None, 0.5,
                                       2 ** 70])
    def test_any_truth(self, value):
        if differs('server-side-truth', py2=True, py3=False):
            self.check(value)
        else:
            with pytest.raises(
                    OverflowError if value == 2 ** 70 else TypeError):
                wrap(server_side=value)

    def test_read_only(self):
        obj = wrap()
        with pytest.raises(AttributeError):
            obj.server_side = True
        assert obj.server_side is False

    @pytest.mark.parametrize('name', ['server.test', u'server.test',
                                      '127.0.0.1'])
    def test_with_a_host_name(self, name):
        context = tls.server_context()
        if differs('server-side-with-name', py2=True, py3=False):
            with pytest.raises(ValueError):
                wrap(context, server_side=True, server_hostname=name)
        else:
            obj = wrap(context, server_side=True, server_hostname=name)
            assert obj.server_side is True


class TestServerHostname(object):
    @pytest.mark.parametrize('name', ['server.test', 'localhost', 'a_b',
                                      'SERVER.test', 'server.test.',
                                      LONGEST],
                             ids=lambda name: name[:20])
    def test_is_kept_and_sent(self, name):
        for each in (name, u'' + name, name.encode('ascii')):
            obj = wrap(server_hostname=each)
            assert obj.server_hostname == name
            assert type(obj.server_hostname) is str
            assert sent_name(each) == name

    def test_none(self):
        assert wrap(server_hostname=None).server_hostname is None
        assert sent_name(None) is None

    @pytest.mark.parametrize('name', ['127.0.0.1', '::1', '2001:db8::a',
                                      '255.255.255.255'])
    def test_ip_address_is_not_sent(self, name):
        for each in (name, u'' + name):
            assert wrap(server_hostname=each).server_hostname == name
            assert sent_name(each) is None
            assert name.encode('ascii') not in client_hello(each)
        assert errorqueue.is_empty()

    @pytest.mark.parametrize('name, expected', [
        (u'b\xfccher.test', 'xn--bcher-kva.test'),
        (u'B\xdcCHER.test', 'xn--bcher-kva.test'),
        (u'\u65e5\u672c.test', 'xn--wgv71a.test'),
        (u'server\u3002test', 'server.test'),
        (u'xn--bcher-kva.test', 'xn--bcher-kva.test'),
        ('xn--bcher-kva.test', 'xn--bcher-kva.test'),
        (u'server\u2024test', 'server.test')])
    def test_idn_becomes_the_a_label(self, name, expected):
        obj = wrap(server_hostname=name)
        assert obj.server_hostname == expected
        assert type(obj.server_hostname) is str
        assert sent_name(name) == expected

    def test_ip_address_in_other_digits(self):
        name = u'\uff11\uff12\uff17.0.0.\uff11'
        assert wrap(server_hostname=name).server_hostname == '127.0.0.1'
        assert sent_name(name) is None

    def test_read_only(self):
        obj = wrap(server_hostname='server.test')
        with pytest.raises(AttributeError):
            obj.server_hostname = 'other.test'
        assert obj.server_hostname == 'server.test'

    @pytest.mark.parametrize('name', [
        '', '.', '.server.test', 'a..b', 'a' * 64, 'a' * 64 + '.test',
        'server.' + 'b' * 64], ids=lambda name: repr(name[:10]))
    def test_bad_names(self, name):
        errorqueue.clear()
        for each in (name, u'' + name):
            # UnicodeError is a ValueError.
            with pytest.raises(ValueError):
                wrap(server_hostname=each)
            assert errorqueue.is_empty()

    @pytest.mark.parametrize('name', [u'.b\xfccher.test', u'b\xfc..test',
                                      u'\xfc' * 64, u'\ufffe.test',
                                      u'\u2024test'],
                             ids=['dot', 'dots', 'long', 'nonchar',
                                  'mapped-dot'])
    def test_bad_idn(self, name):
        errorqueue.clear()
        with pytest.raises(ValueError):
            wrap(server_hostname=name)
        assert errorqueue.is_empty()

    @pytest.mark.parametrize('name, encoded', [
        (u'a\u2024\u2024b', 'a..b'),
        (u'server\u2024\u2024test', 'server..test')], ids=['short', 'long'])
    def test_label_that_idna_makes_empty(self, name, encoded):
        if differs('hidden-empty-label', py2=True, py3=False):
            with pytest.raises(UnicodeError):
                wrap(server_hostname=name)
        else:
            assert wrap(server_hostname=name).server_hostname == encoded

    def test_bytes_outside_ascii(self):
        for name in (b'b\xfccher.test', b'b\xc3\xbccher.test'):
            with pytest.raises(ValueError):
                wrap(server_hostname=name)

    @pytest.mark.parametrize('name', [LONGEST + 'a', LONGEST + '.test',
                                      '.'.join(['a' * 60] * 20)],
                             ids=['256', '260', '1219'])
    def test_over_255_characters(self, name):
        errorqueue.clear()
        for each in (name, u'' + name):
            with pytest.raises(ssl.SSLError) as info:
                wrap(server_hostname=each)
            # OpenSSL 4 calls it by another name.
            prefix = 'TLS' if ssl.OPENSSL_VERSION_INFO >= (4, ) else 'SSL3'
            assert info.value.reason == prefix + '_EXT_INVALID_SERVERNAME'
            assert info.value.library == 'SSL'
            assert errorqueue.is_empty()

    @pytest.mark.parametrize('name', ['\0', 'server.test\0', 'a\0b',
                                      u'a\0b', '127.0.0.1\0'],
                             ids=lambda name: repr(name))
    def test_embedded_nul(self, name):
        with pytest.raises(TypeError):
            wrap(server_hostname=name)

    @pytest.mark.parametrize('name', [1, 0, 1.5, 0.0, ['a'], [], {}, (),
                                      True, False, object()],
                             ids=lambda name: type(name).__name__)
    def test_wrong_type(self, name):
        with pytest.raises(differs('hostname-type', py2=TypeError,
                                   py3=AttributeError)):
            wrap(server_hostname=name)

    @pytest.mark.skipif(not tls.PY2, reason='Python 3 imports it')
    @pytest.mark.parametrize('name', ["'server.test'", "u'server.test'"])
    def test_ascii_needs_no_codec(self, name):
        """The one for other names is slow, and is not imported for it."""
        subprocess.check_call([sys.executable, '-c', textwrap.dedent("""
            import ssl, sys
            before = set(sys.modules)
            ssl.SSLContext(ssl.PROTOCOL_TLS).wrap_bio(
                ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname={})
            sys.exit('encodings.idna' in set(sys.modules) - before)
            """).format(name)])

    def test_bytearray(self):
        name = bytearray(b'server.test')
        if differs('hostname-bytearray', py2=True, py3=False):
            with pytest.raises(TypeError):
                wrap(server_hostname=name)
        else:
            assert wrap(server_hostname=name).server_hostname == 'server.test'

    def test_errors_leave_the_context_usable(self, version):
        context = tls.client_context(version)
        for name, error in (('', ValueError), ('a..b', ValueError),
                            (LONGEST + 'a', ssl.SSLError),
                            ('a\0b', TypeError)):
            with pytest.raises(error):
                wrap(context, server_hostname=name)
        connection = tls.Connection(version, client=context,
                                    server_hostname='server.test')
        connection.established()
        assert connection.send(connection.client, b'spam') == b'spam'


class TestCheckHostname(object):
    @pytest.mark.parametrize('options', [
        {}, {'server_hostname': None}, {'server_side': True}],
        ids=['missing', 'none', 'server'])
    @pytest.mark.filterwarnings(
        'ignore:check_hostname requires:DeprecationWarning')
    def test_without_a_name(self, options):
        context = tls.client_context(check_hostname=True)
        if differs('check-hostname-without-name', py2=True, py3=False):
            with pytest.raises(ValueError):
                wrap(context, **options)
        else:
            assert wrap(context, **options).server_hostname is None

    @pytest.mark.parametrize('name', ['', u''])
    def test_with_an_empty_name(self, name):
        with pytest.raises(ValueError):
            wrap(tls.client_context(check_hostname=True),
                 server_hostname=name)

    def test_with_a_name(self):
        obj = wrap(tls.client_context(check_hostname=True),
                   server_hostname='server.test')
        assert obj.server_hostname == 'server.test'


class TestSession(object):
    def test_none(self):
        assert isinstance(wrap(session=None), ssl.SSLObject)
        if differs('no-sessions', py2=False, py3=True):
            assert wrap().session is None
            assert wrap().session_reused is False
        else:
            assert not hasattr(wrap(), 'session')
            assert not hasattr(wrap(), 'session_reused')

    @pytest.mark.parametrize('value', [1, 0, False, '', 'x', object(), []],
                             ids=repr)
    def test_anything_else(self, value):
        with pytest.raises(TypeError):
            wrap(session=value)


class TestSSLObjectClass(object):
    def test_default(self):
        assert ssl.SSLContext.sslobject_class is ssl.SSLObject

    def test_assigned_to_the_class(self, monkeypatch):
        class Sub(ssl.SSLObject):
            pass

        def wrap():
            return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())

        context = ssl.SSLContext(ssl.PROTOCOL_TLS)
        monkeypatch.setattr(ssl.SSLContext, 'sslobject_class', Sub)
        assert type(wrap()) is Sub
        if differs('sslobject-class-of-the-class', py2=True, py3=False):
            with pytest.raises(AttributeError):
                context.sslobject_class = ssl.SSLObject
        else:
            context.sslobject_class = ssl.SSLObject
            assert type(wrap()) is ssl.SSLObject

    def test_hook(self, version):
        class Sub(ssl.SSLObject):
            def __init__(self, *args, **kwargs):
                raise AssertionError('__init__ called')

            def extra(self):
                return self.server_hostname

        class Context(ssl.SSLContext):
            sslobject_class = Sub

        context = Context(ssl.PROTOCOL_TLS)
        obj = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(),
                               server_hostname='server.test')
        assert type(obj) is Sub
        assert obj.extra() == 'server.test'
        assert obj.context is context
        connection = tls.Connection(version, client=context)
        assert type(connection.client.obj) is Sub
        connection.established()
        assert connection.send(connection.client, b'spam') == b'spam'
        assert type(tls.Connection().client.obj) is ssl.SSLObject
