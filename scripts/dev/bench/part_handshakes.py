"""Full handshakes, with and without the check of the host name."""

import dataclasses

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
    # What the check of the host name costs: measured in turn, like the rest.
    nameless = dataclasses.replace(session.having('patched')[0],
                                   key='nameless')
    with progress(TITLE, len(CASES) * plan.rounds) as bar, \
            session.children(everyone + [nameless]) as children:
        for version, key, host in CASES:
            name = '{}, {}{}'.format(KEYS[key], version,
                                     ', host name' if host else '')
            bar.say(name)
            request = 'handshake {} {} '.format(version, key)
            # pyOpenSSL has no check of the host name.
            requests = {item.key: request + ('yes' if host else 'no')
                        for item in everyone
                        if not (host and item.role == 'pyopenssl')}
            if host:
                requests[nameless.key] = request + 'no'
            samples = slices.interleave(children, requests, plan, bar.tick)
            result = Result(
                'handshakes', name,
                {'version': version, 'key': key, 'host': host}, 'a second',
                {})
            result.goals = goals.handshakes(session, samples, key)
            samples.pop(nameless.key, None)
            compare(result, samples, 'c', lambda ns: 1e9 / ns)
            yield result
