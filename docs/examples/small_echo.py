"""The command line of small_reactor.py: an echo server and its client.

    python small_echo.py server --pem server.pem
    python small_echo.py client --pem ca.pem --port PORT
"""

from __future__ import print_function

import argparse
import socket
import sys

import completion
import contexts
import small_reactor


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('role', choices=('server', 'client'))
    parser.add_argument('--io', choices=('select', 'completion'),
                        default='select',
                        help='who moves the bytes (default: %(default)s)')
    parser.add_argument('--pem', metavar='FILE', required=True,
                        help='server: certificate and key; client: whom to '
                             'trust')
    parser.add_argument('--port', type=int, default=0,
                        help='default for a server: any free one')
    parser.add_argument('--name', default='localhost',
                        help='client: name in the server\'s certificate '
                             '(default: %(default)s)')
    parser.add_argument('--size', type=int, default=100000, metavar='BYTES',
                        help='client: how much to send (default: %(default)s)')
    options = parser.parse_args(argv)
    if options.role == 'client' and (options.port < 1 or options.size < 1):
        parser.error('a client needs --port, and a --size of at least 1')
    loop, tasks = completion.Proactor(), {}

    if options.role == 'server':
        context = contexts.server_context(options.pem)
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.bind(('127.0.0.1', options.port))
        sock.listen(128)

        def make_stream():
            return small_reactor.Stream(context, server_side=True)

        loop.listen(sock, make_stream)
        tasks[sock] = small_reactor.accept(sock, make_stream, tasks)
        print('listening on port', sock.getsockname()[1])
        sys.stdout.flush()
    else:
        stream = small_reactor.Client(contexts.client_context(options.pem),
                                      server_hostname=options.name)
        line = b''.join(('%07d ' % number).encode('ascii')
                        for number in range(options.size // 8 + 1))
        stream.data = line[:options.size]
        sock = socket.create_connection(('127.0.0.1', options.port))
        loop.add(sock, stream)
        tasks[sock] = small_reactor.move(sock, stream)

    if options.io == 'select':
        sock.setblocking(False)
        small_reactor.run(tasks)
    else:
        tasks.clear()       # a connection closes when nobody refers to it
        loop.run()
    if stream.failed:
        return 'failed: {}'.format(stream.failed)
    print('{} bytes came back'.format(stream.echoed))


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        pass
