"""What the types written in C do not do: an operation that they lack is an
error of Python's, or does what every object does."""

import operator
import ssl
import weakref

import pytest

import tls

pytestmark = pytest.mark.skipif(not tls.PY2, reason="about 2.7's types")

OBJECTS = {'MemoryBIO': ssl.MemoryBIO(),
           '_SSLContext': ssl._ssl._SSLContext(ssl.PROTOCOL_TLS),
           '_SSLSocket': tls.Connection().client.obj._sslobj}
if tls.PERFORMANCE:
    OBJECTS['_direct_method'] = ssl.SSLObject.__dict__['read']

NUMBERS = [operator.add, operator.sub, operator.mul, operator.div,
           operator.truediv, operator.floordiv, operator.mod, divmod, pow,
           operator.lshift, operator.rshift, operator.and_, operator.or_,
           operator.xor, operator.concat, operator.contains,
           operator.getitem, operator.delitem, operator.iadd, operator.isub,
           operator.imul, operator.idiv, operator.ipow] if tls.PY2 else []
UNARY = [iter, next, len, int, float, complex, operator.neg, operator.pos,
         operator.abs, operator.invert, operator.index, reversed, oct, hex,
         memoryview, bytearray]


@pytest.fixture(params=sorted(OBJECTS))
def thing(request):
    return OBJECTS[request.param]


@pytest.mark.parametrize('operation', UNARY, ids=lambda each: each.__name__)
def test_unary(thing, operation):
    with pytest.raises(TypeError):
        operation(thing)


@pytest.mark.parametrize('operation', NUMBERS, ids=lambda each: each.__name__)
def test_binary(thing, operation):
    for args in (thing, 1), (thing, 'x'), (thing, thing), (1, thing):
        with pytest.raises(TypeError):
            operation(*args)


def test_as_any_object(thing, tmpdir):
    kind = type(thing)
    assert hash(thing) == object.__hash__(thing)
    assert bool(thing)
    assert thing == thing and not thing != thing and thing != object()
    assert cmp(thing, thing) == 0                   # noqa: F821
    assert kind.__name__ in repr(thing)
    assert repr(thing) == str(thing) == u'%s' % (thing,)
    # What print uses for a file of C's.
    with open(str(tmpdir.join('printed')), 'w+') as stream:
        exec('print >> stream, thing')
        stream.seek(0)
        assert stream.read().strip() == repr(thing)
    assert not hasattr(thing, 'spam') and not hasattr(thing, '__dict__')
    with pytest.raises(AttributeError):
        thing.spam = 1
    with pytest.raises(AttributeError):
        del thing.spam
    with pytest.raises(TypeError):
        thing()
    with pytest.raises(TypeError):
        buffer(thing)                               # noqa: F821
    with pytest.raises(TypeError):
        thing[0] = 1
    with pytest.raises(TypeError):
        thing[0:1]


def test_in_a_class(thing):
    class Owner(object):
        spam = thing

    owner = Owner()
    if type(thing).__name__ != '_direct_method':
        assert owner.spam is thing is Owner.spam
    owner.spam = 1
    assert owner.spam == 1


def test_no_weak_references(thing):
    with pytest.raises(TypeError):
        weakref.ref(thing)
