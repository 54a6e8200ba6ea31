"""What is to be reached, and the judgement of what was.

goals_page.py makes the table of docs/performance.md of these numbers.
"""

from scripts.dev.bench.results import at_least, at_most, true, unjudged
from scripts.dev.bench.slices import ratio
from scripts.dev.bench.units import KIB, MIB

#: By size of the message: as part of C, (goal, floor or None).
BULK_OF_C = {64: (0.60, None), KIB: (0.80, None), 16 * KIB: (1.00, 0.95),
             64 * KIB: (1.00, 0.95), MIB: (0.95, None)}
KIB_OF_C_TLS12 = 0.78           # for 1 KiB with TLS 1.2
BULK_OF_PYOPENSSL = 3.5         # for 64 B and 1 KiB
HANDSHAKES_OF_C = 0.97
ECDSA_FLOOR = 0.95              # of C; RSA has no floor
HANDSHAKES_PYTHON = '3.13'      # not to be slower than
NAME_OF_NAMELESS = 0.99         # what the check of the host name may cost
THREADS = {16 * KIB: 1.0, 64 * KIB: 1.3, MIB: 1.6}
THREADS_HANDSHAKES = 1.8
THREADS_RUNS = 5                # of ECDSA handshakes; each is to reach it
BIO_SIZE, BIO_OF_MEMCPY = 16 * KIB, 0.9
BACKLOG_FACTOR = 1.2
SOCKET_OF_STOCK = 0.99
SOCKET_IDLE_KIB = 45
IDLE_KIB = 36
BURST_FACTOR = 1.05
ECHO_CONNECTIONS = 10000
ECHO_PYTHON = '3.11'            # whose echo is not to take less CPU time
FAIRNESS_FACTOR = 2.0           # of the longest wait without performance
PROGRAM_OF_PYOPENSSL = 1.5
STARTUP_OF_STOCK = 1.02
# Of a benchmark of pyperformance: what its own spread lets nobody see, from
# what the places of things in memory make up to what still says something;
# of their mean, where that averages out.
MACRO_NOISE = (0.01, 0.03)
MACRO_MEAN_OF_STOCK = 0.99


def _python3(session, version):
    """The key of the Python 3 of that *version* (str), None without one."""
    for item in session.python3s:
        if item.title.split()[:2] == ['Python', version]:
            return item.key
    return None


def bulk(session, samples, size, version):
    """The Judgements of the patched 2.7 for messages of *size*."""
    goal, floor = BULK_OF_C[size]
    if size == KIB and version == 'TLSv1.2':
        goal = KIB_OF_C_TLS12
    found = [at_least('C',
                      ratio(samples, 'c', 'patched').median, goal, floor)]
    if size != MIB:
        for item in session.python3s:
            found.append(at_least(
                item.title.replace('Python ', ''),
                ratio(samples, item.key, 'patched').median, 1.0))
    if size < 16 * KIB:
        found.append(at_least(
            'pyOpenSSL', ratio(samples, 'pyopenssl', 'patched').median,
            BULK_OF_PYOPENSSL))
    return found


def handshakes(session, samples, key):
    """samples: with key "nameless" where the host name is checked: the
    patched 2.7 without that check.  key: rsa or ecdsa."""
    found = [at_least('C', ratio(samples, 'c', 'patched').median,
                      HANDSHAKES_OF_C,
                      ECDSA_FLOOR if key == 'ecdsa' else None)]
    other = _python3(session, HANDSHAKES_PYTHON)
    found.append(at_least(HANDSHAKES_PYTHON,
                          ratio(samples, other, 'patched').median, 1.0)
                 if other else unjudged(HANDSHAKES_PYTHON, '>=', 1.0))
    if 'nameless' in samples:
        found.append(at_least('no name',
                              ratio(samples, 'nameless', 'patched').median,
                              NAME_OF_NAMELESS))
    return found


def bio(samples, size):
    if size != BIO_SIZE:
        return []
    return [at_least('memcpy', ratio(samples, 'memcpy', 'patched').median,
                     BIO_OF_MEMCPY)]


def backlog(samples, first):
    """samples, first: ns behind a backlog, and behind one of 1 KiB."""
    cost = ratio({'this': samples['patched'], 'first': first['patched']},
                 'this', 'first').median
    return [at_most('behind 1 KiB', cost, BACKLOG_FACTOR)]


def sslsocket(samples):
    return [at_least('stock', ratio(samples, 'stock', 'socket').median,
                     SOCKET_OF_STOCK)]


def instructions(found):
    """found: {key: instructions}."""
    return [at_least('stock', found['stock'] / found['socket'],
                     SOCKET_OF_STOCK)]


def threads(runs, case):
    """runs: medians of the patched 2.7, one a run."""
    goal = THREADS_HANDSHAKES if 'key' in case else THREADS.get(
        case.get('size'))
    if goal is None:
        return []
    return [at_least('least of {} runs'.format(len(runs))
                     if len(runs) > 1 else '', min(runs), goal)]


def fairness(values):
    """values: {key: longest waits}, as they were measured in turn."""
    name = 'without the group'
    if 'without' not in values:
        return [unjudged(name, '<=', FAIRNESS_FACTOR)]
    return [at_most(name, 1 / ratio(values, 'without', 'patched').median,
                    FAIRNESS_FACTOR)]


def memory(found, moment):
    """found: bytes of a pair by moment (dict)."""
    if moment == 'idle':
        return [at_most('KiB', found['idle'] / KIB, IDLE_KIB)]
    if moment == 'after_burst':
        return [at_most('idle', found['after_burst'] / found['idle'],
                        BURST_FACTOR)]
    return []


def socket_memory(found, moment):
    """The same for pairs of SSLSocket."""
    if moment != 'idle':
        return []
    return [at_most('KiB', found['idle'] / KIB, SOCKET_IDLE_KIB)]


def echo(found, wanted, count):
    """found: figures of the echo server (dict); count: as many as the
    limit of open files let; wanted: as many as there should be."""
    goals = [true('all held', found['held'] == found['connected'] == count),
             true('no error', found['errors'] == 0),
             true('no byte lost',
                  found['bytes_sent'] == found['server_in'] ==
                  found['server_out'] == found['bytes_back'] > 0)]
    if count < wanted:
        goals.append(true('limit of files: {} not {}'.format(
            count, wanted), False))
    return goals


def echo_cpu(session, costs, count):
    """costs: {key: CPU time of an echo} with *count* connections."""
    other = _python3(session, ECHO_PYTHON)
    if other is None or count < ECHO_CONNECTIONS:
        return [unjudged(ECHO_PYTHON, '<=', 1.0)]
    return [at_most(ECHO_PYTHON, costs['patched'] / costs[other], 1.0)]


def programs(samples):
    """samples: ns of a request."""
    if 'pyopenssl' not in samples:      # as of trollius, which cannot use it
        return []
    return [at_least('pyOpenSSL',
                     ratio(samples, 'pyopenssl', 'patched').median,
                     PROGRAM_OF_PYOPENSSL)]


def startup(samples):
    """samples: ns or bytes of "import ssl"."""
    return [at_most('stock', 1 / ratio(samples, 'stock', 'patched').median,
                    STARTUP_OF_STOCK)]


def pyperformance(samples):
    """samples: ns of a loop of one benchmark."""
    spread = ratio(samples, 'stock', 'patched')
    least, most = MACRO_NOISE
    noise = min(max((spread.high - spread.low) / 2, least), most)
    return [at_least('stock', spread.median, round(1 - noise, 3))]


def pyperformance_mean(samples):
    """samples: the mean of all, by round."""
    return [at_least('stock', ratio(samples, 'stock', 'patched').median,
                     MACRO_MEAN_OF_STOCK)]
