# -*- coding: utf-8 -*-
"""The server name callback: what it gets, what it may do, how it fails."""

import contextlib
import ssl
import sys

import pytest

import errorqueue
import tls
from differences import differs
from expect import ssl_error, want_read
from test_errors import alert


@contextlib.contextmanager
def unraisable():
    """Collect what a callback's exceptions print: a list of str."""
    found = []
    if tls.PY2:
        class Stream(object):
            def write(self, text):
                found.append(str(text))

        old, sys.stderr = sys.stderr, Stream()
        try:
            yield found
        finally:
            sys.stderr = old
    else:
        old = sys.unraisablehook
        sys.unraisablehook = lambda info: found.append(repr(info.exc_value))
        try:
            yield found
        finally:
            sys.unraisablehook = old


class Recorder(object):
    """A callback that keeps its arguments and returns *result*."""

    def __init__(self, result=None):
        self.calls = []
        self.result = result

    def __call__(self, *args):
        self.calls.append(args)
        return self.result


def connect(version, callback, host='server.test', **options):
    """A connection, before the handshake, whose server has *callback*."""
    context = tls.server_context(version)
    context.set_servername_callback(callback)
    return tls.Connection(version, server=context, server_hostname=host,
                          **options)


def fail(connection):
    """Run the handshake until an end fails: (the server's error, the
    client's error)."""
    errors = {}
    ends = [('client', connection.client), ('server', connection.server)]
    for _ in range(tls.ROUNDS):
        for name, end in ends:
            if name not in errors:
                try:
                    connection.step(end, end.obj.do_handshake)
                    if end.obj.version():
                        connection.step(end, end.obj.read)
                except ssl.SSLError as error:
                    errors[name] = error
        if len(errors) == 2:
            return errors['server'], errors['client']
    raise AssertionError('no failure: %r' % errors)


class TestArguments(object):
    @pytest.mark.parametrize('call', ['do_handshake', 'read'])
    def test_are_object_name_context(self, version, call):
        callback = Recorder()
        connection = connect(version, callback)
        for _ in range(tls.ROUNDS):
            for end in (connection.client, connection.server):
                connection.step(end, getattr(end.obj, call))
            if connection.server.obj.version():
                break
        (obj, name, context), = callback.calls
        assert obj is connection.server.obj
        assert type(obj) is ssl.SSLObject
        assert name == 'server.test'
        assert type(name) is differs('sni-name', py2=tls.text_type, py3=str)
        assert context is connection.server.obj.context

    def test_no_name(self, version):
        for host in (None, '127.0.0.1', '::1'):
            callback = Recorder()
            connection = connect(version, callback, host).established()
            (obj, name, context), = callback.calls
            assert obj is connection.server.obj
            assert name is None

    @pytest.mark.parametrize('host', [u'b\xfccher.test',
                                      'xn--bcher-kva.test'])
    def test_idn(self, version, host):
        callback = Recorder()
        connect(version, callback, host).established()
        (_, name, _), = callback.calls
        assert name == differs('sni-name', py2=u'b\xfccher.test',
                               py3='xn--bcher-kva.test')

    def test_subclass(self, version):
        class Sub(ssl.SSLObject):
            pass

        class Context(ssl.SSLContext):
            sslobject_class = Sub

        context = Context(ssl.PROTOCOL_TLS)
        context.load_cert_chain(tls.cert('server'))
        callback = Recorder()
        context.set_servername_callback(callback)
        connection = tls.Connection(version, server=context).established()
        assert callback.calls[0][0] is connection.server.obj
        assert type(callback.calls[0][0]) is Sub

    def test_each_connection_has_its_own(self, version):
        context = tls.server_context(version)
        callback = Recorder()
        context.set_servername_callback(callback)
        connections = [tls.Connection(version, server=context,
                                      server_hostname='n%d.test' % i)
                       for i in range(5)]
        for connection in reversed(connections):
            connection.established()
        assert [(c[0], c[1]) for c in callback.calls] == [
            (connection.server.obj, 'n%d.test' % i)
            for i, connection in reversed(list(enumerate(connections)))]

    def test_state_in_the_callback(self, version):
        """What may be looked at there; the handshake is under way."""
        seen = []

        def callback(obj, name, context):
            seen.append((obj.server_side, obj.server_hostname, obj.version(),
                         obj.pending(), obj.context is context))
            with pytest.raises(ValueError):
                obj.getpeercert()

        connect(version, callback).established()
        assert seen == [(True, None, None, 0, True)]


class TestSetting(object):
    def test_remove(self, version):
        callback = Recorder()
        connection = connect(version, callback)
        connection.server.obj.context.set_servername_callback(None)
        connection.established()
        assert callback.calls == []

    def test_removed_is_as_none_at_all(self, version):
        """The client gets no other answer: its name is not acknowledged."""
        def answer(*callbacks):
            context = tls.server_context(version)
            for callback in callbacks:
                context.set_servername_callback(callback)
            connection = tls.Connection(version, server=context,
                                        server_hostname='server.test')
            for end in (connection.client, connection.server):
                connection.step(end, end.obj.do_handshake)
            return [len(record) for record in tls.records(
                connection.client.incoming.read())]

        plain = answer()
        assert answer(Recorder(), None) == plain
        if tls.is_openssl():
            assert answer(Recorder()) != plain

    @pytest.mark.parametrize('value', [1, 'x', object()])
    def test_not_callable(self, version, value):
        context = tls.server_context(version)
        with pytest.raises(TypeError):
            context.set_servername_callback(value)
        tls.Connection(version, server=context,
                       server_hostname='server.test').established()

    def test_client_context(self, version):
        """OpenSSL calls that of a client too, when the server answers."""
        context = tls.client_context(version)
        callback = Recorder()
        context.set_servername_callback(callback)
        connection = tls.Connection(
            version, client=context,
            server_hostname='server.test').established()
        for obj, name, argument in callback.calls:
            assert obj is connection.client.obj
            assert name == 'server.test'
            assert argument is context
        assert callback.calls


class TestSwap(object):
    @pytest.mark.parametrize('host, subject', [
        ('server.test', 'server.test'), ('other.test', 'other.test')])
    def test_context_decides_the_certificate(self, version, host, subject):
        other = tls.server_context(version, 'other')

        def callback(obj, name, context):
            if name == 'other.test':
                obj.context = other
                assert obj.context is other

        client = tls.client_context(version, check_hostname=True)
        connection = connect(version, callback, host, client=client)
        original = connection.server.obj.context
        connection.established()
        cert = connection.client.obj.getpeercert()
        assert (('commonName', subject),) in cert['subject']
        assert (connection.server.obj.context is other) is \
            (host == 'other.test')
        assert (connection.server.obj.context is original) is \
            (host == 'server.test')
        assert connection.send(connection.client, b'spam') == b'spam'
        assert connection.send(connection.server, b'eggs') == b'eggs'
        connection.close()

    def test_callback_gets_the_original_context(self, version):
        """The new context's own callback is not called for the same hello,
        and the argument stays the context that the callback was set on."""
        other = tls.server_context(version, 'other')
        not_called = Recorder()
        other.set_servername_callback(not_called)
        seen = []

        def callback(obj, name, context):
            seen.append(context)
            obj.context = other

        connection = connect(version, callback)
        original = connection.server.obj.context
        connection.established()
        assert seen == [original]
        assert not_called.calls == []

    @pytest.mark.parametrize('own', [False, True])
    def test_swapped_before_the_handshake(self, version, own):
        """Which callback runs is OpenSSL's decision: that of the new
        context or, if it has none, of the original one.  Each gets the
        context that it was set on."""
        original, other = Recorder(), Recorder()
        connection = connect(version, original)
        context = connection.server.obj.context
        new = tls.server_context(version, 'other')
        if own:
            new.set_servername_callback(other)
        connection.server.obj.context = new
        connection.established()
        expected = [(connection.server.obj, 'server.test',
                     new if own else context)]
        called = differs('callback-of-a-replaced-context', py2=not own,
                         py3=False)
        assert original.calls == (expected if called else [])
        assert other.calls == (expected if own else [])
        assert connection.server.obj.context is new
        assert connection.client.obj.getpeercert()['subjectAltName'] == (
            ('DNS', 'other.test'),)

    def test_swapped_twice(self, version):
        contexts = [tls.server_context(version, name)
                    for name in ('other', 'ecdsa')]

        def callback(obj, name, context):
            for each in contexts:
                obj.context = each

        connection = connect(version, callback).established()
        assert connection.server.obj.context is contexts[-1]
        cert = connection.client.obj.getpeercert()
        assert (('commonName', 'ecdsa.test'),) in cert['subject']


class TestReturnValue(object):
    def test_none_goes_on(self, version):
        connect(version, Recorder(None)).established()

    @pytest.mark.parametrize('description, name', [
        (ssl.ALERT_DESCRIPTION_ACCESS_DENIED, 'ACCESS_DENIED'),
        (ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME, 'UNRECOGNIZED_NAME'),
        (ssl.ALERT_DESCRIPTION_INTERNAL_ERROR, 'INTERNAL_ERROR'),
        (ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE, 'HANDSHAKE_FAILURE')])
    def test_alert(self, version, description, name):
        connection = connect(version, Recorder(description))
        server, client = fail(connection)
        assert server.errno == client.errno == ssl.SSL_ERROR_SSL
        assert server.reason == 'CALLBACK_FAILED'
        assert client.reason in alert(name) + ('TLSV1_' + name,)

    @pytest.mark.parametrize('value', ['x', object(), []])
    def test_wrong_type(self, version, value):
        with unraisable() as printed:
            server, client = fail(connect(version, Recorder(value)))
        assert server.reason == 'CALLBACK_FAILED'
        assert client.reason in alert('INTERNAL_ERROR')
        assert printed

    def test_exception(self, version):
        def callback(obj, name, context):
            raise ZeroDivisionError('in the callback')

        connection = connect(version, callback)
        with unraisable() as printed:
            server, client = fail(connection)
        assert server.reason == 'CALLBACK_FAILED'
        assert client.reason in alert('HANDSHAKE_FAILURE')
        assert 'ZeroDivisionError' in ''.join(printed)
        # It fails for good.
        with pytest.raises(ssl.SSLError):
            connection.server.obj.do_handshake()
        with pytest.raises(ssl.SSLError):
            connection.server.obj.read()

    @pytest.mark.skipif(not tls.HARDENING, reason='belongs to group security')
    def test_errors_left_in_openssl(self, version):
        """Other code that the callback calls may leave them.  OpenSSL clears
        its queue for the certificate, but not if the server first asks for a
        second ClientHello."""
        calls = []

        def callback(*args):
            errorqueue.plant()
            calls.append(args)

        context = tls.server_context(version)
        context.set_servername_callback(callback)
        if ssl.HAS_ECDH:
            context.set_ecdh_curve('secp384r1')
        connection = tls.Connection(version, server=context,
                                    server_hostname='server.test')
        for end in (connection.client, connection.server):
            connection.step(end, end.obj.do_handshake)
        connection.established()
        assert calls
        assert errorqueue.is_empty()
        assert connection.send(connection.client, b'spam') == b'spam'

    def test_wrong_signature(self, version):
        with unraisable() as printed:
            server, client = fail(connect(version, lambda: None))
        assert client.reason in alert('HANDSHAKE_FAILURE')
        assert 'TypeError' in ''.join(printed)

    def test_name_that_is_no_idn(self, version):
        """A name that cannot be decoded is passed as it is or, without group
        hardening, fails the handshake."""
        callback = Recorder()
        context = tls.server_context(version)
        context.set_servername_callback(callback)
        connection = tls.Connection(version, server=context,
                                    server_hostname='xn--a.test')
        with unraisable() as printed:
            try:
                connection.handshake()
            except ssl.SSLError as error:
                assert error.reason in (('CALLBACK_FAILED',) +
                                        alert('INTERNAL_ERROR'))
                assert callback.calls == [] and printed
                assert not tls.HARDENING
                assert differs('sni-name', py2=True, py3=False)
            else:
                assert differs('sni-name', py2=tls.HARDENING, py3=True)
                assert callback.calls[0][1] == 'xn--a.test'
                assert not printed


def orphan(version, context):
    """The bare C object of a server whose SSLObject is gone, and the BIOs:
    (object, outgoing).  A ClientHello waits for it."""
    connection = tls.Connection(version, server=context,
                                server_hostname='server.test')
    with pytest.raises(ssl.SSLWantReadError):
        connection.client.obj.do_handshake()
    connection.flush()
    raw = connection.server.obj._sslobj
    connection.server.obj = None
    return raw, connection


def without_owner(version, context):
    """The same, for an object that has never had an owner."""
    connection = tls.Connection(version, server=context,
                                server_hostname='server.test')
    with pytest.raises(ssl.SSLWantReadError):
        connection.client.obj.do_handshake()
    connection.flush()
    raw = context._wrap_bio(connection.server.incoming,
                            connection.server.outgoing, True)
    connection.server.obj = None
    return raw, connection


@pytest.mark.parametrize('make', [orphan, without_owner])
class TestOwner(object):
    """The callback's first argument is held weakly, and may be gone."""

    def owner_is_needed(self, make):
        if make is without_owner:
            return differs('no-owner', py2=True, py3=False)
        if differs('owner-gone', py2=False, py3=True):
            pytest.skip('this Python crashes here')
        return True

    def test_handshake_fails_cleanly(self, version, make):
        callback = Recorder()
        context = tls.server_context(version)
        context.set_servername_callback(callback)
        raw, connection = make(version, context)
        if not self.owner_is_needed(make):
            with want_read():
                raw.do_handshake()
            assert callback.calls == [(raw, 'server.test', context)]
            return
        with ssl_error(ssl.SSLError, 'CALLBACK_FAILED'):
            raw.do_handshake()
        assert callback.calls == []
        connection.server.flush_to(connection.client)
        with ssl_error(ssl.SSLError, alert('INTERNAL_ERROR')):
            connection.client.obj.do_handshake()

    def test_references(self, version, make):
        self.owner_is_needed(make)
        callback = Recorder()
        context = tls.server_context(version)
        context.set_servername_callback(callback)

        def once():
            raw, connection = make(version, context)
            with pytest.raises(ssl.SSLError):
                raw.do_handshake()
            del callback.calls[:]

        once()
        tls.forget_errors()
        watched = (None, callback, context)
        before = [sys.getrefcount(each) for each in watched]
        for _ in range(100):
            once()
        tls.forget_errors()
        after = [sys.getrefcount(each) for each in watched]
        # Caches of Python itself may move a few references to None.
        assert abs(after[0] - before[0]) < 50
        assert after[1:] == before[1:]

    def test_no_callback_no_owner_needed(self, version, make):
        raw, connection = make(version, tls.server_context(version))
        with want_read():
            raw.do_handshake()
        assert connection.server.outgoing.pending > 0


class TestReferences(object):
    def test_of_successful_callbacks(self, version):
        callback = Recorder()
        context = tls.server_context(version)
        context.set_servername_callback(callback)
        other = tls.server_context(version, 'other')
        swapping = Recorder()

        def swap(obj, name, ctx):
            obj.context = other
            swapping(obj, name, ctx)

        def once(function):
            context.set_servername_callback(function)
            tls.Connection(version, server=context,
                           server_hostname='server.test').established()
            del callback.calls[:], swapping.calls[:]

        for function in (callback, swap):
            once(function)
        tls.forget_errors()
        watched = (None, callback, context, other, swap)
        before = [sys.getrefcount(each) for each in watched]
        for _ in range(60):
            for function in (callback, swap):
                once(function)
        tls.forget_errors()
        after = [sys.getrefcount(each) for each in watched]
        assert abs(after[0] - before[0]) < 50
        assert after[1:] == before[1:]

    def test_of_failing_callbacks(self, version):
        def callback(obj, name, context):
            raise ZeroDivisionError

        context = tls.server_context(version)
        context.set_servername_callback(callback)

        def once():
            fail(tls.Connection(version, server=context,
                                server_hostname='server.test'))

        with unraisable():
            once()
            tls.forget_errors()
            watched = (None, callback, context)
            before = [sys.getrefcount(each) for each in watched]
            for _ in range(100):
                once()
            tls.forget_errors()
            after = [sys.getrefcount(each) for each in watched]
        assert abs(after[0] - before[0]) < 50
        assert after[1:] == before[1:]
