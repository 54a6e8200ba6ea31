"""Messages on one verified connection in one process."""

from scripts.dev.bench import goals, slices
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import compare
from scripts.dev.bench.units import KIB, MIB, size_text

TITLE = 'bulk transfer'
SIZES = (64, KIB, 16 * KIB, 64 * KIB, MIB)
VERSIONS = ('TLSv1.3', 'TLSv1.2')


def convert(size):
    """(unit, function from ns a message to it) for messages of *size*."""
    if size < 16 * KIB:
        return 'us a message', lambda ns: ns / 1e3
    return 'MiB/s', lambda ns: size / MIB / (ns / 1e9)


def run(session, progress):
    """Yields a Result for each version and size."""
    contenders = session.having('c', 'patched', 'python3', 'pyopenssl',
                                'socket')
    plan = session.plan(0.04, 60)
    with progress(TITLE, len(SIZES) * len(VERSIONS) * plan.rounds) as bar, \
            session.children(contenders) as children:
        for version in VERSIONS:
            for size in SIZES:
                name = '{}, {}'.format(size_text(size), version)
                bar.say(name)
                request = 'bulk {} {}'.format(version, size)
                samples = slices.interleave(
                    children, {item.key: request for item in contenders},
                    plan, bar.tick)
                unit, function = convert(size)
                result = Result('bulk', name,
                                {'version': version, 'size': size}, unit, {})
                compare(result, samples, 'c', function)
                result.goals = goals.bulk(session, samples, size,
                                           version)
                yield result
