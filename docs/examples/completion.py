"""TLSStreams over completion-style I/O: ask for bytes, be told when they came.

The interface of Windows' completion ports, made of threads: an operation is
started, and its result arrives in one queue.  Each thread makes one blocking
recv() or send() at a time and sees nothing but bytes; all TLS and all of the
application run in the thread that called run().  The words "Gotcha N" refer
to the list in docs/examples.md.
"""

import socket
import threading
import time

try:
    import queue
except ImportError:             # Python 2
    import Queue as queue

CHUNK = 65536                   # bytes moved at once


class Workers(object):
    """Threads that make the blocking calls.  Gotcha 9: a TLS connection and
    its two BIOs are for one thread at a time, so these get neither."""

    def __init__(self):
        self.calls, self.results = queue.Queue(), queue.Queue()
        self.pending, self.threads = 0, []

    def start(self, done, function, *args):
        """Have *function* called; *done* will get (result, error)."""
        self.pending += 1
        if self.pending > len(self.threads):  # no call waits for another one
            thread = threading.Thread(target=self._work)
            thread.daemon = True
            self.threads.append(thread)
            thread.start()
        self.calls.put((done, function, args))

    def _work(self):
        for done, function, args in iter(self.calls.get, None):
            self.results.put((done,) + self._call(function, args))
            # A socket of Python 2 stays open as long as anybody, waiting
            # for the next call, refers to its recv().
            del done, function, args

    @staticmethod
    def _call(function, args):
        try:
            return function(*args), None
        except socket.error as error:
            return None, error

    def wait(self):
        """Wait for the end of one call and hand on its result."""
        # With a timeout, or Python 2 could not be interrupted by Ctrl-C.
        done, result, error = self.results.get(True, 1e6)
        self.pending -= 1
        done(result, error)

    def stop(self):
        """End the threads."""
        for _ in self.threads:
            self.calls.put(None)
        if not self.pending:        # otherwise one could still be waiting
            for thread in self.threads:     # Python 2 ends noisily before
                thread.join()


class Connection(object):
    """A socket, its TLSStream and what is under way: at most one call that
    receives and one that sends."""

    def __init__(self, proactor, sock, stream):
        self.workers, self.idle = proactor.workers, proactor.idle
        self.sock, self.stream = sock, stream
        self.unsent, self.active = b'', time.time()
        self.receiving = self.sending = self.eof = self.shut = False

    def proceed(self):
        """Start what can be started.  False if the connection is done."""
        if not self.sending and not self.shut:
            # Gotcha 1: after a failure, too, for the alert.
            self.unsent = self.unsent or self.stream.take(CHUNK)
            if self.unsent:
                self.sending = True
                self.workers.start(self._sent, self.sock.send, self.unsent)
            elif self.stream.over:
                self.workers.start(self._was_shut, self.sock.shutdown,
                                   socket.SHUT_WR)
                self.sending = self.shut = True
        if not (self.receiving or self.eof) and self.stream.wants_input:
            self.receiving = True
            self.workers.start(self._received, self.sock.recv, CHUNK)
        return self.sending or self.receiving or not (self.shut and self.eof)

    def _sent(self, count, error):
        self.sending = False
        if error:
            self._lost(error)
        else:
            # Gotcha 1: it may be less than all.  Keep the rest.
            self.unsent = self.unsent[count:]

    def _was_shut(self, _, error):
        self.sending = False
        if error:
            self._lost(error)

    def _received(self, data, error):
        self.receiving = False
        if error:
            self._lost(error)
        else:
            self.eof = not data
            self.stream.feed(data)
        if not self.stream.failed:      # its end must come in time
            self.active = time.time()
        elif time.time() - self.active > self.idle:
            self.eof = True

    def _lost(self, error):
        self.eof = self.shut = True
        self.stream.lost(error)


class Proactor(object):
    """The loop.  *idle*: seconds after which a silent peer is dropped, also
    one that does not finish its handshake.  *limit*: how many connections
    there may be at once, each of which takes up to two threads."""

    def __init__(self, idle=60, limit=100):
        self.idle, self.limit = idle, limit
        self.workers, self.connections = Workers(), []
        self.listening = []

    def connect(self, host, port, stream):
        """Connect *stream* to *port* (int) of *host* (str)."""
        self.workers.start(
            lambda sock, error: (stream.lost(error) if error else
                                 self.add(sock, stream)),
            socket.create_connection, (host, port), self.idle)

    def listen(self, sock, make_stream):
        """Serve those who connect to *sock*, which listens: *make_stream*
        makes a TLSStream for each."""
        sock.settimeout(None)
        self.listening.append((sock, make_stream))

    def add(self, sock, stream):
        """Serve *stream* over the connected socket *sock*."""
        sock.settimeout(self.idle)
        self.connections.append(Connection(self, sock, stream))

    def _accept(self):
        """Start to accept where nothing is under way and there is room."""
        for entry in list(self.listening):
            if len(self.connections) < self.limit:
                self.listening.remove(entry)
                self.workers.start(
                    lambda result, error, entry=entry:
                    self._accepted(entry, result, error), entry[0].accept)

    def _accepted(self, entry, result, error):
        self.listening.append(entry)
        if not error:                   # otherwise the peer is gone already
            self.add(result[0], entry[1]())

    def run(self):
        """Until there is nothing left to serve."""
        try:
            while True:
                self._accept()
                # All of them: one stream's app may have written to another.
                for connection in list(self.connections):
                    if not connection.proceed():
                        connection.sock.close()
                        self.connections.remove(connection)
                if not self.workers.pending and not self.connections:
                    return
                self.workers.wait()
        finally:
            self.workers.stop()
