"""soak's scenes: what they notice.  They play with Python 3's own ssl, but for
those that it has other answers to: several threads, data behind an end, and a
reset after the handshake."""

import importlib
import random
import threading
import time
import types

import pytest

from scripts.base import paths
from scripts.dev.soak import command


@pytest.fixture(scope='module')
def soak():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(paths.LIB_TESTS)
        patch.syspath_prepend(command.PROGRAM.parent)
        yield types.SimpleNamespace(**{
            name: importlib.import_module(name + '27')
            for name in ('shared', 'scenes', 'sockets')})


@pytest.fixture
def make(soak):
    """make(kind, seed): a Scene whose contexts have no callbacks."""
    tally = soak.shared.Tally()
    contexts = soak.shared.Contexts(tally)
    for context in contexts.servers.values():
        context.sni_callback = None

    def make(kind, seed=0):
        return kind(contexts, tally, random.Random(seed))
    make.tally = tally
    yield make
    assert tally.errors == []


@pytest.mark.parametrize('name', ['talk', 'tamper', 'drop'])
@pytest.mark.parametrize('seed', range(8))
def test_memory(soak, make, name, seed):
    getattr(make(soak.scenes.MemoryScene, seed), name)()
    assert make.tally.connections == 1


@pytest.mark.parametrize('name', ['echo', 'refuse'])
@pytest.mark.parametrize('seed', range(8))
def test_sockets(soak, make, name, seed):
    getattr(make(soak.sockets.SocketScene, seed), name)()


def test_reset(soak, make):
    scene = make(soak.sockets.SocketScene)
    scene.payload = lambda: b''
    scene.reset()
    assert make.tally.refused == {'ConnectionResetError': 1}


def test_sizes(soak, make):
    scene = make(soak.scenes.Scene)
    sizes = {len(scene.payload()) for _ in range(300)}
    assert {1, 100, 1023, 1024, 5000, 16384, 16385} <= sizes


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('mischief, text', [
    ('lose', 'other bytes than were written'), ('double', 'bytes too many')])
def test_mischief(soak, make, monkeypatch, mischief, text, seed):
    monkeypatch.setattr(soak.scenes.Scene, 'mischief', mischief)
    with pytest.raises(soak.shared.Wrong, match=text):
        make(soak.scenes.MemoryScene, seed).talk()


def test_bytes_that_are_left(soak, make):
    """Without an outgoing record: nothing that read() would see."""
    scene = make(soak.scenes.MemoryScene)
    scene.connection.established()
    scene.quiet()
    scene.client.incoming.write(b'\x17')
    scene.client.obj = types.SimpleNamespace(
        read=scene.server.obj.read, pending=lambda: 0)
    with pytest.raises(soak.shared.Wrong, match='bytes are left'):
        scene.quiet()


def test_an_end_that_has_no_effect(soak, make):
    scene = make(soak.scenes.MemoryScene)
    scene.client.incoming = types.SimpleNamespace(
        write=scene.client.incoming.write, write_eof=lambda: None, pending=0)
    scene.damage = lambda stream: ('cut', stream[:-1], 0)
    with pytest.raises(soak.shared.Wrong, match='no end after cut'):
        scene.tamper()


def test_bytes_before_the_damage(soak, make):
    """All of a record that is not damaged arrives."""
    scene = make(soak.scenes.MemoryScene)
    scene.payload = lambda: b'x' * 40000
    scene.damage = lambda stream: ('cut', stream[:16500], 2)
    with pytest.raises(soak.shared.Wrong, match='bytes are missing before'):
        scene.tamper()


def test_where_the_damage_is(soak, make):
    scene = make(soak.scenes.MemoryScene)
    record = b'\x17\x03\x03\x00\x0a0123456789'
    scene.rng = types.SimpleNamespace(
        randrange=lambda *args: 30, choice=lambda words: 'cut')
    assert scene.damage(record * 3) == ('cut', record * 2, 2)
    scene.rng.randrange = lambda *args: 29
    assert scene.damage(record * 3) == ('cut', (record * 2)[:-1], 1)


@pytest.mark.parametrize('change', [
    lambda a, b: a[:5] + [a[9]] + a[6:] + b,        # lost, another one doubled
    lambda a, b: a[:-1] + b,
    lambda a, b: a + b + b[-1:],
    lambda a, b: a + b + [b'c' * 700],
    lambda a, b: [a[1], a[0]] + a[2:] + b,
    lambda a, b: [a[0][:350] + b[0][350:]] + a[1:] + [
        b[0][:350] + a[0][350:]] + b[1:]])
def test_account(soak, change):
    """Each write of share() arrives once, whole, and in its turn."""
    a, b = ([soak.scenes.numbered(letter, number) for number in range(30)]
            for letter in 'ab')
    account = soak.scenes.MemoryScene.account
    account(b''.join(b[:10] + a + b[10:]), 30)
    with pytest.raises(soak.shared.Wrong):
        account(b''.join(change(a, b)), 30)


def test_a_server_that_fails(soak, make):
    """It is noticed, and nobody waits for it."""
    scene = make(soak.sockets.SocketScene)
    scene.TIMEOUTS = [None]
    scene.answer = lambda server, texts: server.no_such_name
    with pytest.raises(OSError):
        scene.echo()
    assert 'no_such_name' in make.tally.errors.pop()


def test_a_client_that_fails(soak, make):
    scene = make(soak.sockets.SocketScene)
    scene.TIMEOUTS = [None]
    with pytest.raises(ZeroDivisionError):
        with scene.client(scene.answer, [b'x']) as client:
            client.do_handshake()
            raise ZeroDivisionError
    assert make.tally.errors.pop()


def test_bytes_too_many_for_a_server(soak, make):
    scene = make(soak.sockets.SocketScene)
    scene.rng.choice = lambda values: values[-1]
    with pytest.raises(OSError):
        with scene.client(scene.answer, [b'x']) as client:
            client.do_handshake()
            client.sendall(b'xx')
            while True:
                client.recv(1)
    assert 'bytes too many' in make.tally.errors.pop()


def test_a_stranger_who_is_let_in(soak, make):
    scene = make(soak.sockets.SocketScene)
    scene.contexts.strangers = scene.contexts.clients
    with pytest.raises(soak.shared.Wrong, match='with a stranger'):
        scene.refuse()
    assert 'with a stranger' in make.tally.errors.pop()


def test_an_end_instead_of_a_reset(soak, make):
    scene = make(soak.sockets.SocketScene)
    scene.payload = lambda: b'x'
    scene.rng.choice = lambda values: values[-1]
    scene.vanish = lambda server, data: (server.do_handshake(),
                                         server.unwrap())
    with pytest.raises(soak.shared.Wrong, match='a clean end'):
        scene.reset()
    make.tally.errors.clear()


def test_gate(soak):
    """Whoever is alone is alone; the others go on afterwards."""
    gate, inside, played = soak.shared.Gate(), [], []
    stop = threading.Event()

    def play():
        while not stop.is_set():
            with gate.scene():
                inside.append(1)
                time.sleep(0.001)
                inside.pop()
                played.append(1)
    threads = [threading.Thread(target=play) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            with gate.alone():
                assert not inside
                before = len(played)
                time.sleep(0.003)
                assert len(played) == before and not inside
            while len(played) == before:
                time.sleep(0.001)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_scene_that_does_not_end(soak, monkeypatch):
    monkeypatch.setattr(soak.shared, 'PATIENCE', 0.01)
    gate = soak.shared.Gate()
    with gate.scene(), pytest.raises(soak.shared.Wrong, match='not end'):
        with gate.alone():
            pass
    with gate.scene():
        pass
