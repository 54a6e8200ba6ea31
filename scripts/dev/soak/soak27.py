"""All that connections can do, at once, in one process.

    python2.7 soak27.py LIB_TESTS SECONDS SEED [MISCHIEF]

Threads play scenes, each a connection of its own, chosen at random; the main
thread takes signals, has certificates loaded anew and forks.  A scene checks
every byte.  Each line of the output is JSON: a sample, {"seconds", "memory",
"descriptors", "connections"}, or, in the end, {"scenes", "bytes", ...}.
"memory" is in bytes: {"resident"} or, of AddressSanitizer, {"allocated"}.

MISCHIEF is done on purpose: "lose" a byte, "double" a write, "leak" memory
and descriptors.
"""

from __future__ import print_function

import ctypes
import gc
import json
import os
import random
import re
import signal
import sys
import threading
import time
import traceback

sys.path.insert(0, sys.argv[1])

from scenes27 import MemoryScene, Scene  # noqa: E402
from shared27 import PATIENCE, Contexts, Gate, Tally  # noqa: E402
from sockets27 import SocketScene  # noqa: E402

WORKERS = 4
SAMPLES = 60            # in a short run; a long one has one each second
SCENES = [(kind, name) for kind in (MemoryScene, SocketScene)
          for name in kind.NAMES]
TRIM = getattr(ctypes.CDLL(None), 'malloc_trim', int)   # glibc only
#: Of AddressSanitizer: what it keeps for its reports is resident, too, and
#: grows with each new way to a malloc().
IN_USE = getattr(ctypes.CDLL(None), '__sanitizer_get_current_allocated_bytes',
                 None)


class Worker(threading.Thread):

    def __init__(self, contexts, tally, gate, seed, stop):
        threading.Thread.__init__(self)
        self.daemon = True
        self.contexts = contexts
        self.tally = tally
        self.gate = gate
        self.rng = random.Random(seed)
        self.stop = stop

    def play(self, kind, name):
        try:
            getattr(kind(self.contexts, self.tally, self.rng), name)()
        except Exception:
            self.tally.error()
        self.tally.scene(name)

    def run(self):
        while not self.stop.is_set():
            with self.gate.scene():
                self.play(*self.rng.choice(SCENES))


def in_child(contexts, tally, seed):
    """A forked child has new connections like any other process.  Returns
    the exit status."""
    # Rather than to wait for ever.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)
    try:
        MemoryScene(contexts, tally, random.Random(seed)).talk()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def fork(contexts, tally, seed):
    """With no other thread inside of OpenSSL, whose locks the child could
    not get otherwise."""
    pid = os.fork()
    if pid == 0:
        os._exit(in_child(contexts, tally, seed))
    status = end_of(pid)
    if status is None:
        tally.errors.append('a forked child had to be killed: it had no end, '
                            'and not even its alarm ended it')
    elif status:
        tally.errors.append('a forked child ended with {0}'.format(status))
    tally.scene('fork')


def end_of(pid):
    """What waitpid() has to say of *pid*, or None if it had to be killed."""
    limit = time.time() + 2 * PATIENCE
    while time.time() < limit:
        try:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                return status
            time.sleep(0.002)
        except EnvironmentError:        # a signal
            pass
    os.kill(pid, signal.SIGKILL)
    while True:
        try:
            os.waitpid(pid, 0)
            return None
        except OSError:
            pass


def memory():
    if IN_USE is not None:
        IN_USE.restype = ctypes.c_size_t
        return {'allocated': IN_USE()}
    TRIM(0)                     # what is free goes back to the system
    # The kernel's own counts in statm lag behind, by thread.
    with open('/proc/self/smaps_rollup') as stream:
        size = int(re.search(r'Rss: +(\d+) kB', stream.read()).group(1))
    return {'resident': size * 1024}


def sample(begin, tally):
    """What is in use between the scenes."""
    gc.collect()
    print(json.dumps({
        'seconds': round(time.time() - begin, 1), 'memory': memory(),
        'descriptors': len(os.listdir('/proc/self/fd')),
        'connections': tally.connections}))
    sys.stdout.flush()
    if Scene.mischief == 'leak':
        os.dup(0)


def main(seconds, seed, mischief=None):
    Scene.mischief = mischief
    tally = Tally()
    contexts = Contexts(tally)
    gate = Gate()

    def count(*args):
        tally.signals += 1
    signal.signal(signal.SIGALRM, count)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    stop = threading.Event()
    workers = [Worker(contexts, tally, gate, seed + number, stop)
               for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    rng = random.Random(seed - 1)
    begin = last = time.time()
    number = 0
    while time.time() - begin < seconds:
        number += 1
        try:
            MemoryScene(contexts, tally, rng).talk()
            tally.scene('talk under signals')
            contexts.reload(number)
            tally.scene('reload')
            if number % 10 == 0:
                with gate.alone():
                    fork(contexts, tally, rng.random())
            if time.time() - last >= min(1.0, seconds / SAMPLES):
                last = time.time()
                with gate.alone():
                    sample(begin, tally)
        except Exception:
            tally.error()
    stop.set()
    for worker in workers:
        worker.join(PATIENCE)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps({
        'scenes': tally.scenes, 'bytes': tally.bytes,
        'refused': tally.refused, 'signals': tally.signals,
        'stuck': sum(worker.is_alive() for worker in workers),
        'errors': tally.errors}))


if __name__ == '__main__':
    main(float(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
