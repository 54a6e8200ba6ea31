"""The other end of the programs, for Python 3; driven over a pipe.

    python3 programpeer.py load CERTS echo|https tls|plain PORT COUNT
    python3 programpeer.py serve CERTS tls|plain

load holds COUNT connections to PORT and answers "run N": it makes N requests,
several connections at once; plain is without TLS.  serve is an HTTP
server, and says its port.
"""

import json
import os
import socket
import socketserver
import ssl
import sys

SIZE = 1024
WINDOW = 50             # connections with a request on its way
REQUEST = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'


def say(answer):
    print(json.dumps(answer), flush=True)


class Load:
    """Connections that send *message* and wait for an answer with SIZE bytes
    of body."""

    def __init__(self, certs, what, tls, port, count):
        self.http = what == 'https'
        self.message = REQUEST if self.http else b'x' * SIZE
        context = ssl.create_default_context(
            cafile=os.path.join(certs, 'ca.pem'))
        self.streams = []
        for _ in range(int(count)):
            sock = socket.create_connection(('127.0.0.1', int(port)), 60)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls == 'tls':
                sock = context.wrap_socket(sock, server_hostname='localhost')
            self.streams.append((sock, sock.makefile('rb')))
        self.next = 0

    def check(self, stream):
        """Read one answer."""
        if self.http:
            if b' 200 ' not in stream.readline():
                raise ValueError('not status 200')
            while stream.readline().strip():
                pass
        if stream.read(SIZE) != b'x' * SIZE:
            raise ValueError('not the bytes that were expected')

    def run(self, count):
        while count:
            chosen = [self.streams[(self.next + number) % len(self.streams)]
                      for number in range(min(
                          WINDOW, count, len(self.streams)))]
            self.next += len(chosen)
            count -= len(chosen)
            for sock, _ in chosen:
                sock.sendall(self.message)
            for _, stream in chosen:
                self.check(stream)


class Handler(socketserver.StreamRequestHandler):
    """Answers each request of a connection with the same page."""

    answer = 'HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n'.format(
        SIZE).encode('ascii') + b'x' * SIZE

    def handle(self):
        keep = True
        while keep and self.rfile.readline():
            for line in iter(self.rfile.readline, b'\r\n'):
                if line.lower().startswith(b'connection: close'):
                    keep = False
            self.wfile.write(self.answer)


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 128
    daemon_threads = True
    context = None

    def get_request(self):
        plain, address = super().get_request()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is None:
            return plain, address
        return self.context.wrap_socket(
            plain, server_side=True, do_handshake_on_connect=False), address


def serve(certs, tls='tls'):
    server = Server(('127.0.0.1', 0), Handler)
    if tls == 'tls':
        server.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.context.load_cert_chain(os.path.join(certs, 'server.pem'))
    say({'port': server.server_address[1]})
    server.serve_forever()


def main(role, *words):
    if role == 'serve':
        serve(*words)
    load = Load(*words)
    say({})
    for line in iter(sys.stdin.readline, ''):
        load.run(int(line.split()[1]))
        say({})


if __name__ == '__main__':
    main(*sys.argv[1:])
