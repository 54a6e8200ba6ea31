"""The table of goals in docs/performance.md, of the numbers in goals.py."""

from scripts.dev.bench import goals
from scripts.dev.bench.units import KIB, MIB, size_text


def _rows():
    of_c = {size: '{:.2f} of C'.format(goal)
            for size, (goal, _) in goals.BULK_OF_C.items()}
    for size in (16 * KIB, 64 * KIB):
        yield 'bulk ' + size_text(size), \
            '{} ({:.2f}: above the floor), and 1.00 of each Python 3'.format(
                of_c[size], goals.BULK_OF_C[size][1])
    yield 'bulk 1 MiB', of_c[MIB]
    short = ', 1.00 of each Python 3, {} of pyOpenSSL'.format(
        goals.BULK_OF_PYOPENSSL)
    yield 'bulk 64 B', of_c[64] + short
    yield 'bulk 1 KiB', '{} with TLS 1.3, {:.2f} with TLS 1.2{}'.format(
        of_c[KIB], goals.KIB_OF_C_TLS12, short)
    yield 'handshakes', (
        '{:.2f} of C ({:.2f} with ECDSA: above the floor), and 1.00 of '
        'Python {}, in every row; with the host name checked, {:.2f} of '
        'those without, which are measured in turn with them').format(
            goals.HANDSHAKES_OF_C, goals.ECDSA_FLOOR,
            goals.HANDSHAKES_PYTHON, goals.NAME_OF_NAMELESS)
    yield 'two threads', 'handshakes {}, with ECDSA in each of {} runs' \
        .format(goals.THREADS_HANDSHAKES, goals.THREADS_RUNS) + ''.join(
            '; {} {}'.format(size_text(size), goal)
            for size, goal in goals.THREADS.items())
    yield 'write + read of ' + size_text(goals.BIO_SIZE), \
        '{} of `memcpy` twice'.format(goals.BIO_OF_MEMCPY)
    yield 'write after 8 MiB, 256 MiB', \
        'at most {} times the cost after 1 KiB'.format(goals.BACKLOG_FACTOR)
    yield 'fairness', ('the longest wait at most {:g} times that without '
                       'group performance').format(goals.FAIRNESS_FACTOR)
    yield 'memory', ('idle pair at most {} KiB, of SSLSocket {} KiB; after '
                     'a burst at most {} times the idle pair').format(
        goals.IDLE_KIB, goals.SOCKET_IDLE_KIB, goals.BURST_FACTOR)
    yield 'SSLSocket', '{} of the unpatched one, in time and instructions' \
        .format(goals.SOCKET_OF_STOCK)
    yield 'echo server', (
        'all held, no error, no byte lost; with {:,} connections the CPU '
        "time of an echo at most Python {}'s").format(
            goals.ECHO_CONNECTIONS, goals.ECHO_PYTHON)
    yield 'whole programs', (
        '{} times the requests a second of the same program on pyOpenSSL, '
        'both on the patched interpreter; trollius cannot use pyOpenSSL, '
        'and has no goal').format(goals.PROGRAM_OF_PYOPENSSL)
    yield '`import ssl`', ('at most {} times the CPU time and the memory of '
                           'the unpatched one').format(goals.STARTUP_OF_STOCK)
    yield 'pyperformance', (
        'each benchmark within its noise of the unpatched one: half the '
        'distance of the quartiles, at least {:.0%} and at most {:.0%}; '
        'their geometric mean {}').format(
            *goals.MACRO_NOISE, goals.MACRO_MEAN_OF_STOCK).replace('%', ' %')


def markdown():
    """The table (str)."""
    return '\n'.join(['| work | at least |', '|---|---|',
                      *['| {} | {} |'.format(*row) for row in _rows()]]) + '\n'
