"""An echo server on one thread that holds thousands of connections."""

import contextlib
import time

from scripts.dev.bench import compiling, contenders, goals, limits
from scripts.dev.bench.child import Child, ChildError
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import all_cpus
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import KIB

TITLE = 'echo server'
CONNECTIONS, QUICK_CONNECTIONS = 10000, 1000
PROCESSES = 2           # of clients
CONNECTING = 32         # handshakes at once in each of them
WINDOW = 32             # messages on the way in each of them
SIZE = KIB              # of a message
SECONDS, QUICK_SECONDS = 10, 3
PATIENCE = 20           # seconds for the server to see all connections end

#: (what to show, its name, its unit)
FIGURES = (('accepts', 'connections accepted', 'a second'),
           ('echoes', 'echoes of 1 KiB', 'a second'),
           ('p50', 'echo, p50', 'ms'), ('p99', 'echo, p99', 'ms'),
           ('rss', 'RSS of a connection', 'KiB'),
           ('accept_cpu', 'CPU time of a connection', 'us'),
           ('echo_cpu', 'CPU time of an echo', 'us'))


def run(session, progress):
    """Yields a Result for each of FIGURES, and one for what must hold."""
    servers = session.having('patched', 'python3')
    quick = session.options.quick
    wanted = QUICK_CONNECTIONS if quick else CONNECTIONS
    count = min(wanted, limits.files(wanted))
    found = {}
    with progress(TITLE, len(servers) * 3) as bar:
        for item in servers:
            found[item.key] = _measure(
                session, item, count, QUICK_SECONDS if quick else SECONDS,
                bar)
    for key, name, unit in FIGURES:
        result = Result('echo', name, {'figure': key, 'connections': count},
                        unit, {item: Spread.of([one[key]])
                               for item, one in found.items()})
        if key == 'echo_cpu':
            result.goals = goals.echo_cpu(
                session, {item: one[key] for item, one in found.items()},
                count)
        yield result
    result = Result('echo', '{:,} connections held'.format(count),
                    {'connections': count}, 'connections',
                    {item: Spread.of([one['held']])
                     for item, one in found.items()}, facts=found)
    result.goals = goals.echo(found['patched'], wanted, count)
    yield result


def _all(clients, request):
    """The answers of all *clients*, which work at the same time."""
    for client in clients:
        client.send(request)
    return [client.receive(request) for client in clients]


def _measure(session, item, count, seconds, bar):
    """Run one server; returns its figures (dict)."""
    logs = session.log_dir
    program = compiling.ensure('echoclients', session.ssl)
    argv = [item.python, '-B', contenders.WORKER / 'echoserver.py',
            contenders.CERTS]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Child(
            argv, logs / ('echo-{}.log'.format(item.key)), item.env))
        server.pin(all_cpus())
        start = server.receive()
        clients = [stack.enter_context(Child(
            [program, contenders.CERTS, start['port']],
            logs / 'echoclients.log')) for _ in range(PROCESSES)]
        bar.say(item.title + ', connecting')
        shares = [count // PROCESSES] * PROCESSES
        shares[0] += count - sum(shares)
        begin = time.monotonic()
        for client, share in zip(clients, shares):
            client.send('connect {} {}'.format(share, CONNECTING))
        connected = sum(client.receive('connect')['connected']
                        for client in clients)
        connecting = time.monotonic() - begin
        idle = server.ask('figures')
        bar.tick()
        bar.say(item.title + ', echoing')
        answers = _all(clients, 'echo {} {} {}'.format(seconds, SIZE,
                                                       WINDOW))
        after = server.ask('figures')
        bar.tick()
        bar.say(item.title + ', closing')
        _all(clients, 'close')
        end = _until_closed(server, count)
        bar.tick()
    echoes = sum(answer['echoes'] for answer in answers)
    return {
        'wanted': count, 'connected': connected, 'held': after['held'],
        'errors': end['errors'], 'first_error': end['first_error'],
        'accepts': connected / connecting,
        'echoes': echoes / max(answer['seconds'] for answer in answers),
        # Of both processes: the mean, and the worse one.
        'p50': sum(answer['p50_ms'] for answer in answers) / len(answers),
        'p99': max(answer['p99_ms'] for answer in answers),
        'rss': (idle['rss'] - start['rss']) / count / KIB,
        'rss_after': (after['rss'] - start['rss']) / count / KIB,
        'accept_cpu': idle['cpu'] / count / 1e3,
        'echo_cpu': (after['cpu'] - idle['cpu']) / max(echoes, 1) / 1e3,
        'sent': sum(answer['sent'] for answer in answers),
        'bytes_sent': sum(answer['sent'] for answer in answers) * SIZE,
        'bytes_back': sum(answer['bytes'] for answer in answers),
        'server_in': after['bytes_in'], 'server_out': after['bytes_out'],
        'closed': end['closed']}


def _until_closed(server, count):
    """The server's figures when all connections have ended."""
    end = time.monotonic() + PATIENCE
    while True:
        figures = server.ask('figures')
        if figures['closed'] >= count:
            return figures
        if time.monotonic() > end:
            raise ChildError('the echo server still holds {} connections'
                             .format(figures['held']))
        time.sleep(0.1)
