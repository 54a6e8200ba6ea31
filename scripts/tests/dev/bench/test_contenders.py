"""bench: the C programs and the worker, for real but for a moment only."""

import ast
import os
import shutil
import signal
import subprocess
import sys

import pytest

from scripts.build import sslprefix
from scripts.build.variant import Variant
from scripts.dev.bench import (
    compiling,
    contenders,
    limits,
    part_echo,
    part_memory,
    part_programs,
    part_pyperformance,
    part_startup,
    part_threads,
    slices,
    units,
)
from scripts.dev.bench.child import Child, ChildError
from scripts.dev.bench.contenders import CERTS, WORKER
from scripts.dev.bench.part_programs import PROGRAMS
from scripts.dev.bench.session import Session, all_cpus
from scripts.tests import minicheckout

BUILT = Variant().python


class NoProgress:
    """What a part reports its progress to."""

    def __init__(self, *args):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def say(self, text):
        pass

    def tick(self, rounds=1):
        pass


@pytest.fixture(scope='module')
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bench')
    ssl = sslprefix.inspect()
    return {name: compiling.ensure(name, ssl, folder)
            for name in ('tlsbench', 'echoclients')}


def pythons():
    """The interpreters to try: this one, and a patched 2.7 if there is."""
    return [sys.executable] + [str(BUILT)] * BUILT.exists()


@pytest.fixture(params=['C'] + pythons())
def child(request, programs, tmp_path):
    argv = [programs['tlsbench'], CERTS] if request.param == 'C' else \
        [request.param, '-B', WORKER / 'main.py', 'memory', CERTS]
    with Child(argv, tmp_path / 'log') as found:
        yield found


def test_hello(child):
    answer = child.ask('hello')
    assert answer['openssl'].startswith('OpenSSL ')
    assert set(answer) == {'openssl', 'python'}


@pytest.mark.parametrize('request_', [
    'bulk TLSv1.3 64', 'bulk TLSv1.2 16384', 'bulk TLSv1.3 1048576',
    'handshake TLSv1.3 rsa yes', 'handshake TLSv1.3 ecdsa no',
    'handshake TLSv1.2 rsa no', 'handshake TLSv1.2 ecdsa yes',
    'bio 1024', 'backlog 100000 64', 'memcpy 1048576'])
def test_cases(child, request_):
    for _ in range(2):                          # opened again after close
        child.ask('open ' + request_)
        answer = child.ask('run 3')
        assert answer['cpu'] > 0
        assert answer['wall'] > 0
        assert child.ask('close') == {}


def test_writes_keep_the_backlog(child):
    child.ask('open writes 100000 64')
    for _ in range(3):
        answer = child.ask('run 1')
        assert answer['count'] >= 1 and answer['cpu'] > 0


def test_threads(child):
    for work in ('bulk TLSv1.3 1024', 'handshake TLSv1.3 ecdsa no'):
        child.ask('open threads ' + work)
        answer = child.ask('run 20')
        # Two do twice the work.  How fast is not for a test to say.
        assert answer['operations'] == [20, 40]
        assert answer['one'] > 0 and answer['two'] > 0
        child.ask('close')


@pytest.mark.parametrize('python', pythons())
def test_both_ways(python, tmp_path):
    with Child([python, '-B', WORKER / 'main.py', 'socket', CERTS],
               tmp_path / 'log') as child:
        child.ask('open bothways TLSv1.3 100000')
        for _ in range(2):
            answer = child.ask('run 5')
            assert answer['one'] > 0 and answer['two'] > 0
        assert child.ask('close') == {}     # the peer has ended


def test_peer_that_has_failed(monkeypatch):
    """Not a figure, but an error."""
    monkeypatch.syspath_prepend(str(WORKER))
    import bothways
    import socketpair
    case = bothways.BothWays(socketpair, CERTS, 'TLSv1.3', 1000)
    os.kill(case.peer, signal.SIGKILL)
    with pytest.raises((bothways.BenchError, OSError)):
        case.run(1000)
    with pytest.raises(bothways.BenchError, match='the peer has failed'):
        case.close()


@pytest.mark.parametrize('python', pythons())
@pytest.mark.parametrize('way', ['loop', 'imap'])
def test_fairness(python, way, tmp_path):
    with Child([python, '-B', WORKER / 'main.py', 'memory', CERTS],
               tmp_path / 'log') as child:
        child.ask('open fairness {} 16384'.format(way))
        answer = child.ask('run 600')       # in more than one block
        assert answer['longest'] > 0 and answer['wall'] > 0
        assert answer['turns'] >= 0
        assert child.ask('close') == {}


def test_memory(child):
    child.ask('open memory 20 65536')
    answer = child.ask('run 1')
    assert answer['pairs'] == 20
    assert 5000 < answer['idle'] < 500000
    assert answer['after_burst'] > 5000


def quick_session(tmp_path, people):
    """A Session of *people*, {key: kind}; all are this Python."""
    found = Session(type('Options', (), {'quick': True}), [
        contenders.Contender(key, kind, 'python3' if '3' in key else key,
                             key, sys.executable,
                             contenders.worker(kind, sys.executable))
        for key, kind in people.items()], tmp_path, None)
    found.plan = lambda seconds, rounds: slices.Plan(0.004, 3)
    return found


def test_memory_of_both_interfaces(tmp_path, monkeypatch):
    monkeypatch.setattr(part_memory, 'QUICK_PAIRS', 20)
    monkeypatch.setattr(part_memory, 'BURST', 200000)
    found = list(part_memory.run(quick_session(tmp_path, {
        'patched': 'memory', 'python3.11': 'memory', 'socket': 'socket',
        'stock': 'socket'}), NoProgress))
    assert [(row.name, set(row.figures), [goal.text for goal in row.goals])
            for row in found[::3]] == [
        ('idle pair', {'patched', 'python3.11'}, ['KiB <= 36']),
        ('SSLSocket, idle pair', {'socket', 'stock', 'python3.11'},
         ['KiB <= 45'])]
    for row in found:
        assert all(5 < spread.median < 5000
                   for spread in row.figures.values())


def test_threads_in_five_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(part_threads, 'WORK', [
        work for work in part_threads.WORK if work[1] in (
            {'key': 'ecdsa'}, {'size': 64})])
    ecdsa, short, *shared = part_threads.run(quick_session(tmp_path, {
        'c': 'memory', 'patched': 'memory', 'socket': 'socket'}), NoProgress)
    assert ecdsa.figures['patched'].count == 15
    runs = ecdsa.facts['runs']['patched']
    assert len(runs) == 5
    assert ecdsa.goals[0].value == min(runs)
    assert ecdsa.goals[0].text == 'least of 5 runs >= 1.8'
    assert short.figures['patched'].count == 3 and not short.goals
    assert [row.name for row in shared] == [
        'SSLSocket, both ways, 16 KiB', 'SSLSocket, both ways, 64 KiB']
    for row in shared:
        assert row.figures['socket'].count == 3 and not row.goals


def test_warm_up_is_not_timed(monkeypatch):
    """A twentieth and one more, before the clock is looked at."""
    monkeypatch.syspath_prepend(str(WORKER))
    import cases
    done = []
    monkeypatch.setattr(cases.clock, 'cpu', lambda: len(done))
    monkeypatch.setattr(cases.clock, 'wall', lambda: len(done))
    assert cases.timed(lambda count: done.extend(range(count)), 100) == {
        'cpu': 100, 'wall': 100}
    assert len(done) == 106


@pytest.mark.parametrize('request_', [
    'open bulk TLSv1.1 64', 'open dance', 'run 5', 'fly'])
def test_bad_requests(child, request_):
    with pytest.raises(ChildError) as caught:
        child.ask(request_)
    assert request_ in str(caught.value)


def test_two_cases_at_once(child):
    child.ask('open bio 64')
    with pytest.raises(ChildError, match='a case is open'):
        child.ask('open bio 64')


def test_without_certificates(programs, tmp_path):
    for argv in ([programs['tlsbench'], tmp_path],
                 [sys.executable, WORKER / 'main.py', 'memory', tmp_path]):
        with Child(argv, tmp_path / 'log') as child:
            with pytest.raises(ChildError):
                child.ask('open bulk TLSv1.3 64')
        assert child.process.poll() is not None


def test_wrong_authority(programs, tmp_path):
    """The certificate is verified indeed."""
    certs = tmp_path / 'certs'
    shutil.copytree(CERTS, certs)
    shutil.copy(certs / 'wrongca.pem', certs / 'ca.pem')
    for argv in ([programs['tlsbench'], certs],
                 [sys.executable, '-B', WORKER / 'main.py', 'memory', certs],
                 [sys.executable, '-B', WORKER / 'main.py', 'socket',
                  certs]):
        with Child(argv, tmp_path / 'log') as child:
            with pytest.raises(ChildError):
                child.ask('open bulk TLSv1.3 64')


def test_child_that_dies(tmp_path):
    with Child(['sh', '-c', 'read line; echo why >&2; exit 7'],
               tmp_path / 'log') as child:
        with pytest.raises(ChildError, match='status 7 at "hello"'):
            child.ask('hello')
    assert (tmp_path / 'log').read_text() == 'why\n'
    with pytest.raises(ChildError, match='cannot run'):
        Child([tmp_path / 'nothing'], tmp_path / 'log')


def test_child_that_does_not_listen(tmp_path, monkeypatch):
    """It is ended all the same, by its own number."""
    wait = subprocess.Popen.wait
    monkeypatch.setattr(subprocess.Popen, 'wait', lambda self, timeout=None:
                        wait(self, timeout and min(timeout, 0.3)))
    with Child(['sh', '-c', 'trap "" TERM; echo "{}"; while :; do sleep 0.1;'
                            ' done'], tmp_path / 'log') as child:
        child.receive()
    assert child.process.poll() == -9


def test_interleave(programs, tmp_path):
    """C against Python, as a part does it."""
    argv = {'c': [programs['tlsbench'], CERTS],
            'python': [sys.executable, '-B', WORKER / 'main.py', 'memory',
                       CERTS]}
    rounds = []
    with Child(argv['c'], tmp_path / 'c') as one, \
            Child(argv['python'], tmp_path / 'p') as two:
        samples = slices.interleave(
            {'c': one, 'python': two},
            {'c': 'bulk TLSv1.3 64', 'python': 'bulk TLSv1.3 64'},
            slices.Plan(0.004, 5), lambda: rounds.append(1))
    assert len(rounds) == 5
    assert {key: len(values) for key, values in samples.items()} == \
        {'c': 5, 'python': 5}
    # Which one was faster is up to the machine's load as well.
    found = slices.ratio(samples, 'c', 'python')
    assert 0 < found.low <= found.median <= found.high
    assert found.median == pytest.approx(1 / slices.ratio(
        samples, 'python', 'c').median)


def test_compiled_once(programs, tmp_path):
    program = programs['tlsbench']
    before = program.stat().st_mtime_ns
    assert compiling.ensure('tlsbench', sslprefix.inspect(),
                            program.parent) == program
    assert program.stat().st_mtime_ns == before


def test_no_compiler(monkeypatch, capsys):
    monkeypatch.setenv('CC', '/nowhere/cc')
    with pytest.raises(SystemExit):
        sslprefix.inspect()
    assert 'C compiler' in capsys.readouterr().err


def test_echo(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(part_echo, 'QUICK_CONNECTIONS', 40)
    monkeypatch.setattr(part_echo, 'QUICK_SECONDS', 0.3)
    monkeypatch.setattr(compiling, 'ensure',
                        lambda name, ssl: programs[name])
    options = type('Options', (), {'quick': True})
    people = [contenders.Contender('patched', 'memory', 'patched', 'Python',
                                   sys.executable, [])]
    found = list(part_echo.run(Session(options, people, tmp_path, None),
                               NoProgress))
    *figures, last = found
    assert [goal.verdict for goal in last.goals] == ['met'] * 3
    assert last.facts['patched']['closed'] == 40
    assert last.facts['patched']['sent'] > 40
    assert last.figures['patched'].median == 40
    shown = {row.case['figure']: row.figures['patched'].median
             for row in figures}
    assert 0 < shown['p50'] <= shown['p99']
    assert shown['accepts'] > 0 and shown['rss'] > 0
    judged, = [row for row in figures if row.goals]
    assert judged.case['figure'] == 'echo_cpu'
    assert judged.verdict == 'not judged'       # with 40 connections


def test_echo_server_reports_garbage(tmp_path):
    """A client that does not speak TLS is an error that is counted."""
    import socket
    with Child([sys.executable, '-B', WORKER / 'echoserver.py', CERTS],
               tmp_path / 'log') as server:
        port = server.receive()['port']
        with socket.create_connection(('127.0.0.1', port)) as client:
            client.sendall(b'GET / HTTP/1.0\r\n\r\n')
            client.settimeout(10)
            try:
                while client.recv(100):
                    pass
            except ConnectionResetError:
                pass
        figures = server.ask('figures')
    assert figures['errors'] == 1 and figures['held'] == 0
    assert 'SSL' in figures['first_error']


def test_limit_of_files(monkeypatch):
    import resource
    seen = []
    monkeypatch.setattr(resource, 'getrlimit', lambda name: (100, 2000))

    def refuse(name, limits):
        seen.append(limits)
        if limits[1] > 2000:
            raise ValueError('not allowed')

    monkeypatch.setattr(resource, 'setrlimit', refuse)
    # More than allowed: as many as the limit lets.
    assert limits.files(10000) == 1900
    assert seen == [(10100, 10100), (2000, 2000)]
    assert limits.files(1000) == 1000


def test_startup(tmp_path, monkeypatch):
    monkeypatch.setattr(part_startup, 'QUICK_ROUNDS', 3)
    people = [contenders.Contender(key, 'memory', key, key, sys.executable,
                                   []) for key in ('patched', 'stock')]
    time, memory = part_startup.run(Session(
        type('Options', (), {'quick': True}), people, tmp_path, None),
        NoProgress)
    assert time.figures['patched'].median > 0
    assert memory.figures['stock'].median > 0
    assert [len(row.goals) for row in (time, memory)] == [1, 1]


def test_startup_without_ssl(tmp_path):
    program = tmp_path / 'python'
    program.write_text('#!/bin/sh\necho no ssl >&2\n')
    program.chmod(0o755)
    people = [contenders.Contender('stock', 'memory', 'stock', 'stock',
                                   str(program), [])]
    with pytest.raises(ChildError, match='stock: no ssl'):
        list(part_startup.run(Session(
            type('Options', (), {'quick': True}), people, tmp_path, None),
            NoProgress))


#: Programs for this Python in place of those for 2.7.
SERVER = """\
import importlib, sys
sys.path.insert(0, {!r})
peer = importlib.import_module('programpeer')
peer.serve(sys.argv[1])
"""
CLIENT = """\
import importlib, json, sys
sys.path.insert(0, {!r})
peer = importlib.import_module('programpeer')
load = peer.Load(sys.argv[1], 'https', 'tls', sys.argv[2], 1)
for line in iter(sys.stdin.readline, ''):
    load.run(int(line.split()[1]))
    print(json.dumps({{}}), flush=True)
"""


def test_programs(tmp_path, monkeypatch):
    """A server and a client, each with its peer."""
    for name, text in (('server.py', SERVER), ('client.py', CLIENT)):
        (tmp_path / name).write_text(text.format(
            str(part_programs.PEER.parent)))
    ways = {'patched': '', 'pyopenssl': ''}
    monkeypatch.setattr(part_programs, 'PROGRAMS', tmp_path)
    monkeypatch.setattr(part_programs, 'CONNECTIONS', 4)
    monkeypatch.setattr(part_programs, 'environments', lambda session: {
        way: None for way in ways})
    monkeypatch.setattr(part_programs, 'ROWS', (
        part_programs.Program('server', 'server', ('server.py', 'CERTS'),
                              'https', ways),
        part_programs.Program('client', 'client',
                              ('client.py', 'CERTS', 'PORT'), '', ways)))
    people = [contenders.Contender(way, 'memory', way, way, sys.executable,
                                   []) for way in ways]
    session = Session(type('Options', (), {'quick': True}), people, tmp_path,
                      None)
    session.plan = lambda seconds, rounds: slices.Plan(0.004, 3)
    found = list(part_programs.run(session, NoProgress))
    assert [row.case['figure'] for row in found] == ['rate', 'cpu', 'rss'] * 2
    for row in found:
        assert set(row.figures) == set(ways)
        assert all(spread.median > 0 for spread in row.figures.values())


#: A benchmark that takes as long as its argument says.
BENCHMARK = """\
import json, os, sys
with open({!r}, 'a') as file:
    file.write(' '.join(sys.argv[1:]) + '\\n')
if sys.argv[1] == 'broken':
    sys.exit('no such benchmark')
for line in iter(sys.stdin.readline, ''):
    count = int(line.split()[1]) if line.startswith('run ') else 0
    print(json.dumps({{'cpu': 5e6 * count, 'count': count}}), flush=True)
"""


def macro_session(tmp_path, monkeypatch, **quick):
    """A Session for part pyperformance, with a program of its own."""
    program = tmp_path / 'macro.py'
    program.write_text(BENCHMARK.format(str(tmp_path / 'started')))
    monkeypatch.setattr(part_pyperformance, 'PROGRAM', program)
    monkeypatch.setattr(part_pyperformance.packages, 'ensure',
                        lambda *args: None)
    people = [contenders.Contender(key, 'memory', role, key, sys.executable,
                                   []) for key, role in (
        ('patched', 'patched'), ('patched2', 'patched'), ('stock', 'stock'),
        ('c', 'c'))]
    return Session(type('Options', (), dict({'quick': False}, **quick)),
                   people, tmp_path, None)


def test_pyperformance(tmp_path, monkeypatch):
    session = macro_session(tmp_path, monkeypatch)
    monkeypatch.setattr(part_pyperformance, 'ROWS', (
        part_pyperformance.Benchmark('mako'),
        part_pyperformance.Benchmark('sympy', 'sum')))
    session.plan = lambda seconds, rounds: slices.Plan(0.004, 6)
    found = list(part_pyperformance.run(session, NoProgress))
    assert [row.name for row in found] == [
        'pyperformance, mako', 'pyperformance, sympy_sum',
        'pyperformance, geometric mean']
    for row in found:
        assert set(row.figures) == {'patched', 'patched2', 'stock'}
        assert row.figures['patched'].median == pytest.approx(5)
        assert row.ratios['patched2'].median == pytest.approx(1)
        assert row.ratios['patched'].count == 6
        assert [goal.verdict for goal in row.goals] == ['met']
    started = (tmp_path / 'started').read_text().splitlines()
    assert sorted(started) == ['mako'] * 9 + ['sympy sum'] * 9


def test_pyperformance_in_short(tmp_path, monkeypatch):
    session = macro_session(tmp_path, monkeypatch, quick=True)
    found = list(part_pyperformance.run(session, NoProgress))
    names = [row.name for row in part_pyperformance.ROWS if row.short]
    assert 3 < len(names) < len(part_pyperformance.ROWS)
    assert [row.case['benchmark'] for row in found] == names + ['mean']
    assert found[0].ratios['patched'].count == 5


def test_pyperformance_that_does_not_run(tmp_path, monkeypatch):
    session = macro_session(tmp_path, monkeypatch)
    monkeypatch.setattr(part_pyperformance, 'ROWS', (
        part_pyperformance.Benchmark('broken'),))
    with pytest.raises(ChildError, match='ended with status 1'):
        list(part_pyperformance.run(session, NoProgress))


#: As much of the suite as its scripts and macro.py see.
SUITE = {
    'pyperf.py': 'import time\nperf_counter = time.time\n'
                 'class Runner:\n    pass\n',
    'pyperformance/__init__.py': '',
    'pyperformance/venv.py': '',
    'pyperformance/benchmarks/bm_loop.py': """\
import sys
import pyperf
print('this is no answer')

def loop(count):
    begin = pyperf.perf_counter()
    sum(range(count * 100000))
    return pyperf.perf_counter() - begin

def work(one, two):
    sum(range(100000))

runner = pyperf.Runner()
if sys.argv[1] == 'time':
    runner.bench_time_func('loop', loop)
elif sys.argv[1] == 'func':
    runner.bench_func('loop', work, 1, 2)
else:
    runner.bench_command('loop', [sys.executable, '-c', 'print(1)'])
"""}


@pytest.mark.parametrize('kind', ['time', 'func', 'command'])
def test_macro_benchmark(kind, tmp_path):
    minicheckout.write(tmp_path, SUITE)
    with Child([sys.executable, '-B', part_pyperformance.PROGRAM, 'loop',
                kind], tmp_path / 'log',
               dict(os.environ, PYTHONPATH=str(tmp_path))) as child:
        assert child.ask('open x') == {}
        one, four = child.ask('run 1'), child.ask('run 4')
        assert one['count'] == 1 and four['count'] == 4
        assert 0 < one['cpu'] < four['cpu'] and four['wall'] > 0
        assert child.ask('close') == {}
    assert child.process.poll() == 0
    assert 'this is no answer' in (tmp_path / 'log').read_text()


#: As much of httplib and of urllib3 as http_client.py sees of a connection
#: whose certificate is for "here".
URLLIB3 = {
    'httplib.py': '', 'urllib2.py': '', 'urllib3/__init__.py': '',
    'urllib3/contrib/__init__.py': '', 'urllib3/util/__init__.py': '',
    'urllib3/contrib/pyopenssl.py': """\
class Socket:
    getpeercert = staticmethod(lambda: 'here')

class PyOpenSSLContext:
    def __init__(self, protocol):
        pass

    def load_verify_locations(self, path):
        pass

    def wrap_socket(self, sock, server_hostname):
        return Socket()
""",
    'urllib3/util/ssl_match_hostname.py': """\
def match_hostname(certificate, name):
    assert certificate == name, name + ' is not ' + certificate
""",
    'ask.py': """\
import ssl, sys
ssl.PROTOCOL_SSLv23 = ssl.PROTOCOL_TLS
import http_client
http_client.context_of('', 'pyopenssl').wrap_socket(
    None, server_hostname=sys.argv[1])
"""}


def test_pyopenssl_checks_the_host_name(tmp_path):
    """Its time is beside that of others, which do."""
    minicheckout.write(tmp_path, URLLIB3)
    env = dict(os.environ, PYTHONPATH=str(PROGRAMS))
    for name, status in (('here', 0), ('there', 1)):
        done = subprocess.run([sys.executable, '-B', tmp_path / 'ask.py',
                               name], env=env, text=True,
                              capture_output=True)
        assert done.returncode == status, done.stderr
    assert 'there is not here' in done.stderr


def test_peer_compares(tmp_path):
    """What comes back is looked at."""
    import socket
    import threading
    with socket.create_server(('127.0.0.1', 0)) as listening:
        port = listening.getsockname()[1]
        threading.Thread(target=lambda: listening.accept()[0].sendall(
            b'y' * 1024), daemon=True).start()
        with Child([sys.executable, part_programs.PEER, 'load', CERTS,
                    'echo', 'plain', port, 1], tmp_path / 'log') as peer:
            assert peer.receive() == {}
            with pytest.raises(ChildError, match='status 1'):
                peer.ask('run 1')
    assert 'not the bytes' in (tmp_path / 'log').read_text()


def test_rows_have_their_scripts():
    for row in part_programs.ROWS:
        assert (part_programs.PROGRAMS / row.argv[0]).exists()
        assert set(row.ways) <= {'patched', 'stock', 'pyopenssl',
                                 'stock-pyopenssl', 'plain'}


def test_cpu_of_a_process():
    before = part_programs.process_cpu(os.getpid())
    sum(range(200000))
    assert part_programs.process_cpu(os.getpid()) > before
    assert part_programs.process_rss(os.getpid()) > units.MIB


def test_worker_is_plain_python():
    """It is read by 2.7, too: ASCII, and none of 3's new syntax."""
    files = sorted([*WORKER.glob('*.py'), *PROGRAMS.glob('*.py')])
    assert len(files) > 5
    for path in files:
        tree = ast.parse(path.read_bytes().decode('ascii'))
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.JoinedStr, ast.AnnAssign, ast.YieldFrom,
                            ast.NamedExpr, ast.Nonlocal}, path


def test_cpus():
    assert slices.home_cpu() <= all_cpus()
