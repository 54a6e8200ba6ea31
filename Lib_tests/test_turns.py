"""When threads that make no calls get the GIL, and what it costs."""

import collections
import itertools
import os
import shlex
import ssl
import subprocess
import sys
import sysconfig
import threading
import time

import pytest

import tls

try:
    import thread
except ImportError:             # Python 3
    thread = None

imap = getattr(itertools, 'imap', map)
HERE = os.path.dirname(os.path.abspath(__file__))

# The interpreters share the GIL.  A thread of the first one counts its turns
# while the other one writes short messages in a loop that is C's alone.
PROGRAM = """
import ctypes, os, sys, thread, time

def turns():
    while True:
        count.value += 1
        time.sleep(0)

count = ctypes.c_long()
thread.start_new_thread(turns, ())
os._exit(ctypes.PyDLL(sys.argv[1]).run('''
import ctypes, itertools, sys
sys.path.insert(0, %r)
import tls
connection = tls.Connection()
connection.handshake()
calls = itertools.imap(connection.client.obj.write,
                       itertools.repeat('x', 100 * 2048))
count = ctypes.c_long.from_address(%d)
sys.setcheckinterval(2 ** 30)
before = count.value
list(calls)
turns = count.value - before
if turns < 20:
    raise SystemError('%%d turns' %% turns)
''' % (sys.argv[2], ctypes.addressof(count))) != 0)
"""


def test_turns_of_another_thread(pair):
    # The loop is C's alone, so that 2.7 gives no turn by its bytecodes.
    turns, done = [], []

    def count():
        while not done:
            turns.append(None)
            time.sleep(0)

    counter = threading.Thread(target=count)
    counter.start()
    calls = imap(pair.client.obj.write, itertools.repeat(b'x', 100 * 2048))
    try:
        before = len(turns)
        collections.deque(calls, 0)
        found = len(turns) - before
    finally:
        done.append(True)
        counter.join()
    assert found >= 20


@pytest.mark.skipif(not tls.PERFORMANCE, reason='belongs to group performance')
@pytest.mark.parametrize('cut', [5, 1500], ids=['header', 'middle'])
def test_record_in_two_pieces(pair, cut):
    """Without another record behind it, it is read with the GIL."""
    client, server = pair.client, pair.server
    turns, done = [], threading.Lock()

    def count():
        turns.append(None)
        done.release()

    def send(size):
        client.obj.write(b'x' * size)
        data = client.outgoing.read()
        server.incoming.write(data[:cut])
        server.incoming.write(data[cut:])
        assert server.obj.read(size) == b'x' * size

    # A long call, from which short ones are counted.
    send(16384)
    done.acquire()
    interval = sys.getcheckinterval()
    sys.setcheckinterval(2 ** 30)
    try:
        # Unlike that of threading, it does not wait for the thread.
        thread.start_new_thread(count, ())
        # 2048 calls in a row are the most without a turn.
        for _ in range(1000):
            send(3000)
        assert not turns
    finally:
        sys.setcheckinterval(interval)
        done.acquire()


LOAD = """
import array, fcntl, os, signal, ssl, sys, termios, thread, time

def write():
    os.write(pipe, data)
    # If nobody else had opened it by then, the data would be gone.
    size = array.array('i', [1])
    while size[0]:
        time.sleep(0.01)
        fcntl.ioctl(pipe, termios.FIONREAD, size)
    os.close(pipe)

path, name, source = sys.argv[1:]
with open(source) as stream:
    data = stream.read()
context = ssl.SSLContext(ssl.PROTOCOL_TLS)
os.mkfifo(path)
# Opening it does not wait then, but reading does.
pipe = os.open(path, os.O_RDWR)
signal.alarm(30)
sys.setcheckinterval(2 ** 30)
thread.start_new_thread(write, ())
try:
    getattr(context, name)(path)
except ssl.SSLError as error:
    # There are no parameters in it.
    if (name, error.reason) != ('load_dh_params', 'NO_START_LINE'):
        raise
"""


@pytest.mark.skipif(not tls.PY2, reason='the program is for Python 2')
@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='needs POSIX')
@pytest.mark.parametrize('name', ['load_verify_locations', 'load_dh_params'])
def test_file_that_takes_its_time(tmpdir, name):
    """Another thread goes on, which has to bring the contents."""
    if not hasattr(ssl.SSLContext, name):
        pytest.skip('OpenSSL has no DH')
    child = subprocess.Popen(
        [sys.executable, '-c', LOAD, str(tmpdir.join('pipe')), name,
         tls.cert('ca')], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = child.communicate()[0]
    assert child.returncode == 0, output


def build(folder):
    """Compile subinterpreter.c into *folder* (str); the library's path."""
    library = os.path.join(folder, 'subinterpreter.so')
    compiler = shlex.split(os.environ.get('CC') or
                           sysconfig.get_config_var('CC') or 'cc')
    try:
        child = subprocess.Popen(
            compiler + ['-shared', '-fPIC', '-o', library,
                        os.path.join(HERE, 'subinterpreter.c')],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        pytest.skip('no C compiler (%s): %s' % (compiler[0], error))
    output = child.communicate()[0]
    assert child.returncode == 0, output
    return library


@pytest.mark.skipif(not tls.PY2, reason="it is about 2.7's GIL")
def test_turns_of_another_interpreter(tmpdir):
    child = subprocess.Popen(
        [sys.executable, '-c', PROGRAM, build(str(tmpdir)), HERE],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = child.communicate()[0]
    assert child.returncode == 0, output


@pytest.mark.skipif(not tls.PERFORMANCE, reason='each call lets go of the GIL')
def test_idle_threads_cost_little(version):
    # A thread that waits for a lock wants no turn.  That is found out a few
    # times, by four sleeps each; then it is one in 2,048 calls.
    pytest.importorskip('resource')
    program = """if 1:
        import resource, sys, thread
        sys.path.insert(0, %r)
        import tls
        connection = tls.Connection(%r)
        connection.handshake()
        lock = thread.allocate_lock()
        lock.acquire()
        started = thread.allocate_lock()
        started.acquire()

        def wait():
            started.release()
            lock.acquire()

        thread.start_new_thread(wait, ())
        started.acquire()
        sys.setcheckinterval(2 ** 30)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
        for _ in xrange(100):
            for _ in xrange(2048):
                connection.client.obj.write('x')
            connection.client.outgoing.read()
        print resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before
        """ % (HERE, version)
    waits = int(subprocess.check_output([sys.executable, '-c', program]))
    # Some may be the system's; without the limit they are 400.
    assert 100 <= waits <= 250
