"""What is to be reached, and the judgement of what was."""

from scripts.dev.bench.results import at_least, at_most, true
from scripts.dev.bench.slices import ratio
from scripts.dev.bench.units import KIB, MIB

#: By size of the message: as part of C, (goal, floor or None).
BULK_OF_C = {64: (0.60, None), KIB: (0.75, None), 16 * KIB: (1.00, 0.95),
             64 * KIB: (1.00, 0.95), MIB: (0.95, None)}
BULK_OF_PYOPENSSL = 3.5         # for 64 B and 1 KiB
HANDSHAKES_OF_C = 0.97
NAME_OF_NAMELESS = 0.99         # what the check of the host name may cost
THREADS = {16 * KIB: 1.0, 64 * KIB: 1.3, MIB: 1.6}
THREADS_HANDSHAKES = 1.8
BIO_SIZE, BIO_OF_MEMCPY = 16 * KIB, 0.9
BACKLOG_FACTOR = 1.2
SOCKET_OF_STOCK = 0.99
IDLE_KIB = 36
BURST_FACTOR = 1.05
FAIRNESS_FACTOR = 2.0           # of the longest wait without performance
PROGRAM_OF_PYOPENSSL = 1.5
NO_PROGRAM_GOAL = 'urllib2'     # a handshake each: OpenSSL's time
STARTUP_OF_STOCK = 1.02
# Of a benchmark of pyperformance: what its own spread lets nobody see, from
# what the places of things in memory make up to what still says something;
# of their mean, where that averages out.
MACRO_NOISE = (0.01, 0.03)
MACRO_MEAN_OF_STOCK = 0.99


def bulk(session, samples, size):
    """The Judgements of the patched 2.7 for messages of *size*."""
    goal, floor = BULK_OF_C[size]
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


def handshakes(samples):
    """samples: with key "nameless" where the host name is checked: the
    patched 2.7 without that check."""
    found = [at_least('C', ratio(samples, 'c', 'patched').median,
                      HANDSHAKES_OF_C)]
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
    """found: {key: {group: instructions}}."""
    if 'stock' not in found:
        return []
    return [at_least('stock', found['stock']['all'] / found['socket']['all'],
                     SOCKET_OF_STOCK)]


def threads(result, case):
    goal = THREADS_HANDSHAKES if 'key' in case else THREADS.get(
        case.get('size'))
    if goal is None:
        return []
    return [at_least('', result.figures['patched'].median, goal)]


def fairness(values):
    """values: {key: longest waits}, as they were measured in turn."""
    if 'without' not in values:
        return []
    return [at_most('without the group',
                    1 / ratio(values, 'without', 'patched').median,
                    FAIRNESS_FACTOR)]


def memory(found, moment):
    """found: bytes of a pair by moment (dict)."""
    if moment == 'idle':
        return [at_most('KiB', found['idle'] / KIB, IDLE_KIB)]
    if moment == 'after_burst':
        return [at_most('idle', found['after_burst'] / found['idle'],
                        BURST_FACTOR)]
    return []


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


def programs(program, samples):
    """samples: ns of a request of *program* (str)."""
    if program == NO_PROGRAM_GOAL or 'pyopenssl' not in samples:
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
