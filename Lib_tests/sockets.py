"""Connected sockets, and a peer in a thread."""

import contextlib
import socket
import struct
import threading

TIMEOUT = 20


@contextlib.contextmanager
def connected():
    """(client, server): two ends of one TCP connection."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server = None
    try:
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)
        for each in (listener, client):
            each.settimeout(TIMEOUT)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        server.settimeout(TIMEOUT)
        yield client, server
    finally:
        for each in (listener, client, server):
            if each is not None:
                each.close()


@contextlib.contextmanager
def unix_pair():
    """(client, server): the same without TCP, whose buffers move on."""
    pair = [sock if isinstance(sock, socket.socket) else
            socket.socket(_sock=sock)       # 2.7's are of the inner type
            for sock in socket.socketpair()]
    try:
        for each in pair:
            each.settimeout(TIMEOUT)
        yield pair
    finally:
        for each in pair:
            each.close()


class Peer(threading.Thread):
    """Runs *function* in a thread; leaving the block waits for its end and
    raises what it raised.  The result is in *result*."""

    def __init__(self, function, *args):
        threading.Thread.__init__(self)
        self.daemon = True
        self.function = function
        self.args = args
        self.result = self.error = None

    def run(self):
        try:
            self.result = self.function(*self.args)
        except Exception as error:
            self.error = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *details):
        self.join(TIMEOUT)
        assert not self.is_alive(), 'the peer does not end'
        if self.error is not None and details[0] is None:
            raise self.error


def hang_up(sock):
    """Close the connection of an SSLSocket, whoever else refers to it."""
    raw = getattr(sock, '_sock', None)      # Python 2 counts references
    sock.close()
    if raw is not None:
        raw.close()


def reset_on_close(sock):
    """close() sends a RST instead of a FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
