"""SSLSocket: what the patches cost those who do not use MemoryBIO."""

from scripts.dev.bench import goals, slices
from scripts.dev.bench.part_bulk import convert
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import compare
from scripts.dev.bench.units import KIB, size_text

TITLE = 'SSLSocket'
SIZES = (64, KIB, 16 * KIB, 64 * KIB)


def _cases():
    for size in SIZES:
        unit, function = convert(size)
        yield (size_text(size) + ', TLSv1.3', {'size': size},
               'bulk TLSv1.3 {}'.format(size), unit, function)
    yield ('handshake RSA-2048, TLSv1.3', {'key': 'rsa'},
           'handshake TLSv1.3 rsa yes', 'a second', lambda ns: 1e9 / ns)


def run(session, progress):
    """Yields a Result for each size, and one for handshakes."""
    contenders = session.having('socket', 'stock')
    # One percent is to be seen: more rounds than elsewhere.
    plan = session.plan(0.05, 160)
    cases = list(_cases())
    with progress(TITLE, len(cases) * plan.rounds) as bar, \
            session.children(contenders) as children:
        for name, case, request, unit, function in cases:
            bar.say(name)
            samples = slices.interleave(
                children, {item.key: request for item in contenders}, plan,
                bar.tick)
            result = Result('sslsocket', 'SSLSocket, ' + name, case, unit,
                            {})
            compare(result, samples, 'stock', function)
            result.goals = goals.sslsocket(samples)
            yield result
