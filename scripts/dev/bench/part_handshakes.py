"""Full handshakes, with and without the check of the host name."""

from scripts.dev.bench import goals, slices
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import compare

TITLE = 'handshakes'
KEYS = {'rsa': 'RSA-2048', 'ecdsa': 'ECDSA P-256'}
CASES = [(version, key, host) for version in ('TLSv1.3', 'TLSv1.2')
         for key in KEYS for host in (False, True)]


def run(session, progress):
    """Yields a Result for each of CASES."""
    plan = session.plan(0.06, 40)
    everyone = session.having('c', 'patched', 'python3', 'pyopenssl',
                              'socket')
    with progress(TITLE, len(CASES) * plan.rounds) as bar, \
            session.children(everyone) as children:
        for version, key, host in CASES:
            name = '{}, {}{}'.format(KEYS[key], version,
                                     ', host name' if host else '')
            bar.say(name)
            request = 'handshake {} {} {}'.format(
                version, key, 'yes' if host else 'no')
            # pyOpenSSL has no check of the host name.
            samples = slices.interleave(
                children, {item.key: request for item in everyone
                           if not (host and item.role == 'pyopenssl')},
                plan, bar.tick)
            result = Result(
                'handshakes', name,
                {'version': version, 'key': key, 'host': host}, 'a second',
                {})
            compare(result, samples, 'c', lambda ns: 1e9 / ns)
            result.goals = goals.handshakes(samples)
            yield result
