"""import ssl, in a new interpreter each time, patched and unpatched."""

import json
import subprocess

from scripts.dev.bench import goals, slices
from scripts.dev.bench.child import ChildError
from scripts.dev.bench.results import Result
from scripts.dev.bench.session import compare
from scripts.dev.bench.stats import Spread
from scripts.dev.bench.units import KIB

TITLE = 'start-up'
ROUNDS, QUICK_ROUNDS = 200, 30
#: RUSAGE_SELF's sum of user and system time has microseconds.  The collector
#: is off: whether it runs within the import depends on all that was before.
_LOOK = """\
import gc, json, resource

def look():
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open('/proc/self/statm') as file:
        pages = int(file.read().split()[1])
    return [(used[0] + used[1]) * 1e9, pages * resource.getpagesize()]

gc.disable()
look()
before = look()
import ssl
print(json.dumps([before, look()]))
"""


def _once(item):
    """((ns of CPU, bytes of RSS) before and after the import)."""
    done = subprocess.run([item.python, '-c', _LOOK], env=item.env,
                          text=True, capture_output=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise ChildError('{}: {}'.format(
            item.title, done.stderr.strip())) from None


def run(session, progress):
    """Yields a Result for the time and one for the memory of the import."""
    contenders = {item.key: item for item in session.having('patched',
                                                            'stock')}
    rounds = QUICK_ROUNDS if session.options.quick else ROUNDS
    times = {key: [] for key in contenders}
    memory = {key: [] for key in contenders}
    for item in contenders.values():
        _once(item)                 # which compiles what is imported
    with progress(TITLE, rounds) as bar:
        bar.say('import ssl')
        for number in range(rounds):
            for key in slices.order(list(contenders), number):
                before, after = _once(contenders[key])
                times[key].append(after[0] - before[0])
                memory[key].append(after[1] - before[1])
            bar.tick()
    result = Result('startup', 'import ssl, CPU time', {'figure': 'cpu'},
                    'ms', {})
    compare(result, times, 'stock', lambda ns: ns / 1e6)
    result.goals = goals.startup(times)
    yield result
    result = Result('startup', 'import ssl, memory', {'figure': 'rss'},
                    'KiB', {}, base='stock')
    for key, values in memory.items():
        result.figures[key] = Spread.of([value / KIB for value in values])
    result.goals = goals.startup(memory)
    yield result
