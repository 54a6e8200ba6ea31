"""TLS without a socket: what ssl.MemoryBIO and SSLContext.wrap_bio are for.

Runs on the patched Python 2.7 (and on Python 3.6 or later).  First a client
and a server in this process, which exchange their bytes by hand; then a
client whose bytes travel over a non-blocking socket to "openssl s_server".
Ends with a message and status 1 if a step does not happen.
"""

from __future__ import print_function

import errno
import os
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

HOST = 'localhost'
LINE = b'hello over TLS\n'
PATIENCE = 15.0     # seconds for each step over the network
VERSION = 'TLSv1.3' if getattr(ssl, 'HAS_TLSv1_3', False) else 'TLSv1.2'


class Failure(Exception):
    """A step of the demo did not happen."""


def check(condition, step):
    """Failure unless *condition* holds."""
    if not condition:
        raise Failure(step)


def say(text=''):
    print(text)
    sys.stdout.flush()


def openssl(folder, *args):
    """Run the openssl program in *folder*."""
    process = subprocess.Popen(('openssl',) + args, cwd=folder,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    output = process.communicate()[0].decode('utf-8', 'replace')
    check(process.returncode == 0,
          'openssl {} failed:\n{}'.format(args[0], output))


def make_certificates(folder):
    """ca.pem, and cert.pem with key.pem for localhost, in *folder*."""
    for name, lines in (
            ('ca.cnf', ['[req]', 'distinguished_name=dn', 'prompt=no',
                        'x509_extensions=ext', '[dn]', 'CN=demo CA', '[ext]',
                        'basicConstraints=critical,CA:TRUE',
                        'keyUsage=critical,keyCertSign,cRLSign',
                        'subjectKeyIdentifier=hash']),
            ('leaf.cnf', ['[req]', 'distinguished_name=dn', 'prompt=no',
                          '[dn]', 'CN=' + HOST, '[ext]',
                          'basicConstraints=CA:FALSE',
                          'subjectKeyIdentifier=hash',
                          'authorityKeyIdentifier=keyid',
                          'subjectAltName=DNS:' + HOST])):
        with open(os.path.join(folder, name), 'w') as config:
            config.write('\n'.join(lines) + '\n')
    openssl(folder, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
            '-sha256', '-days', '2', '-config', 'ca.cnf',
            '-keyout', 'ca.key', '-out', 'ca.pem')
    openssl(folder, 'req', '-newkey', 'rsa:2048', '-nodes', '-sha256',
            '-config', 'leaf.cnf', '-keyout', 'key.pem', '-out', 'leaf.csr')
    openssl(folder, 'x509', '-req', '-sha256', '-days', '2', '-set_serial',
            '1', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
            '-extfile', 'leaf.cnf', '-extensions', 'ext', '-out', 'cert.pem')


def client_context(folder):
    """A context that trusts the demo's authority alone."""
    return ssl.create_default_context(
        cafile=os.path.join(folder, 'ca.pem'))


def server_context(folder):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.path.join(folder, 'cert.pem'),
                            os.path.join(folder, 'key.pem'))
    return context


class End(object):
    """One end of a TLS connection in memory."""

    def __init__(self, name, context, **options):
        self.name = name
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **options)

    def attempt(self, operation, *args):
        """(True, result) of *operation*, or (False, None) where it has to
        wait for bytes of the other end."""
        try:
            return True, operation(*args)
        except ssl.SSLWantReadError:
            return False, None


def carry(source, target):
    """Move what *source* wants to send to *target*; tells of the flight."""
    data = source.outgoing.read()
    if not data:
        return False
    say('  {:>6} -> {:<6} {:5d} bytes'.format(source.name, target.name,
                                              len(data)))
    target.incoming.write(data)
    return True


def together(step, client, server, client_call, server_call):
    """Run one operation on each end until both are done.

    Returns the two results.  Failure if the ends wait for each other.
    """
    results = {}
    while True:
        moved = False
        for end, other, call in ((client, server, client_call),
                                 (server, client, server_call)):
            if end.name not in results:
                done, result = end.attempt(*call)
                if done:
                    results[end.name] = result
            moved |= carry(end, other)
        if len(results) == 2 and not moved:
            return results[client.name], results[server.name]
        check(moved, step + ': both ends wait for each other')


def describe(tls):
    """Say and check what was negotiated."""
    check(tls.version() == VERSION, '{} was not negotiated, but {}'.format(
        VERSION, tls.version()))
    name, version, bits = tls.cipher()
    say('  cipher         {}, {} bits ({})'.format(name, bits, version))
    certificate = tls.getpeercert()
    check(certificate, 'the server showed no certificate')
    names = [value for kind, value in certificate['subjectAltName']
             if kind == 'DNS']
    check(tls.server_hostname in names,
          'the certificate is for {}, not for {}'.format(
              names, tls.server_hostname))
    say('  verified name  {}'.format(tls.server_hostname))


def in_memory(folder):
    say('Client and server in one process, no socket:')
    client = End('client', client_context(folder), server_hostname=HOST)
    server = End('server', server_context(folder), server_side=True)
    say(' handshake')
    together('handshake', client, server, (client.tls.do_handshake,),
             (server.tls.do_handshake,))
    describe(client.tls)
    check(server.tls.version() == client.tls.version(),
          'the two ends differ in the version')

    say(' echo')
    written, heard = together('echo', client, server,
                              (client.tls.write, LINE),
                              (server.tls.read, 1024))
    check(written == len(LINE) and heard == LINE,
          'the server read {!r}'.format(heard))
    _, answer = together('echo', server, client, (server.tls.write, heard),
                         (client.tls.read, 1024))
    check(answer == LINE, 'the client read {!r}'.format(answer))
    say('  echoed         {}'.format(answer.decode('ascii').rstrip()))

    say(' close')
    together('close', client, server, (client.tls.unwrap,),
             (server.tls.unwrap,))
    for end in (client, server):
        check(end.outgoing.pending == 0 and end.incoming.pending == 0,
              'bytes are left over after the close')
    say('  closed by both ends, nothing left over')


def free_port():
    probe = socket.socket()
    try:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
    finally:
        probe.close()


class Wire(object):
    """A client End whose bytes travel over a non-blocking socket."""

    def __init__(self, end, port):
        self.end = end
        self.counts = {'sent': 0, 'received': 0}
        self.socket = socket.create_connection(('127.0.0.1', port), PATIENCE)
        self.socket.setblocking(False)
        self.pending = b''

    def call(self, step, operation, *args):
        """The result of *operation*, however many flights it takes."""
        deadline = time.time() + PATIENCE
        while True:
            done, result = self.end.attempt(operation, *args)
            self.flush(step, deadline)
            if done:
                return result
            self.receive(step, deadline)

    def wait(self, step, deadline, reading, writing):
        ready = select.select(reading, writing, [],
                              max(0, deadline - time.time()))
        check(ready[0] or ready[1],
              '{}: nothing happened for {:.0f} s'.format(step, PATIENCE))

    def flush(self, step, deadline):
        """Send all that the end has to say."""
        self.pending += self.end.outgoing.read()
        while self.pending:
            self.wait(step, deadline, [], [self.socket])
            try:
                sent = self.socket.send(self.pending)
            except socket.error as error:
                if error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                    continue
                raise Failure('{}: {}'.format(step, error))
            self.pending = self.pending[sent:]
            self.counts['sent'] += sent
            say('  client -> socket {:5d} bytes'.format(sent))

    def receive(self, step, deadline):
        self.wait(step, deadline, [self.socket], [])
        try:
            data = self.socket.recv(65536)
        except socket.error as error:
            if error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                return
            raise Failure('{}: {}'.format(step, error))
        if not data:
            self.end.incoming.write_eof()
            return
        self.counts['received'] += len(data)
        say('  socket -> client {:5d} bytes'.format(len(data)))
        self.end.incoming.write(data)


def start_server(folder, log):
    """(process, port) of an s_server that sends each line back reversed."""
    port = free_port()
    process = subprocess.Popen(
        ['openssl', 's_server', '-accept', '127.0.0.1:{}'.format(port),
         '-cert', 'cert.pem', '-key', 'key.pem', '-rev', '-naccept', '1',
         {'TLSv1.3': '-tls1_3', 'TLSv1.2': '-tls1_2'}[VERSION]],
        cwd=folder, stdin=subprocess.PIPE, stdout=log,
        stderr=subprocess.STDOUT)
    return process, port


def connect(process, port, end):
    """A Wire to the server, as soon as that listens."""
    deadline = time.time() + PATIENCE
    while True:
        check(process.poll() is None, 'openssl s_server ended at once')
        try:
            return Wire(end, port)
        except socket.error:
            check(time.time() < deadline, 'openssl s_server did not listen')
            time.sleep(0.05)


def over_a_socket(folder):
    say('The same against openssl s_server, over a socket with select():')
    log_name = os.path.join(folder, 's_server.log')
    with open(log_name, 'wb') as log:
        process, port = start_server(folder, log)
        try:
            try:
                converse(process, port, folder)
            finally:
                if process.poll() is None:
                    process.terminate()
                process.stdin.close()
                process.wait()
        except Exception:
            with open(log_name) as text:
                say('s_server said:\n' + text.read())
            raise


def converse(process, port, folder):
    end = End('client', client_context(folder), server_hostname=HOST)
    wire = connect(process, port, end)
    try:
        say(' handshake with process {} on port {}'.format(process.pid, port))
        wire.call('handshake', end.tls.do_handshake)
        describe(end.tls)

        say(' echo (s_server -rev turns the line round)')
        wire.call('write', end.tls.write, LINE)
        answer = b''
        while not answer.endswith(b'\n'):
            piece = wire.call('read', end.tls.read, 1024)
            check(piece, 'the connection ended before the answer')
            answer += piece
        check(answer == LINE[:-1][::-1] + b'\n',
              'the answer is {!r}'.format(answer))
        say('  answered       {}'.format(answer.decode('ascii').rstrip()))

        say(' close')
        # A line "CLOSE" makes s_server -rev send its close_notify first.
        wire.call('write', end.tls.write, b'CLOSE\n')
        try:
            data = wire.call('read', end.tls.read, 1024)
        except ssl.SSLEOFError:
            # That of OpenSSL 1.1.1 only hangs up.
            version = subprocess.check_output(['openssl', 'version'])
            check(version.startswith(b'OpenSSL 1.'),
                  's_server hung up without a close_notify')
            say('  s_server of OpenSSL 1 hangs up without a close_notify:')
            say('  an SSLEOFError, and no end of the stream')
            return
        check(data == b'', 's_server sent no close_notify')
        wire.call('close', end.tls.unwrap)
        say('  closed by both ends; {sent} bytes sent, {received} received'
            .format(**wire.counts))
    finally:
        wire.socket.close()


def main():
    say('Python {}, {}'.format(sys.version.split()[0], ssl.OPENSSL_VERSION))
    check(hasattr(ssl, 'MemoryBIO') and
          hasattr(ssl.SSLContext, 'wrap_bio'),
          'this Python has no ssl.MemoryBIO and SSLContext.wrap_bio')
    if VERSION != 'TLSv1.3':
        say('This OpenSSL is too old for TLS 1.3: shown with TLS 1.2.')
    folder = tempfile.mkdtemp(prefix='demo-')
    try:
        make_certificates(folder)
        in_memory(folder)
        say()
        over_a_socket(folder)
    finally:
        shutil.rmtree(folder)
    say()
    say('All steps happened.')


if __name__ == '__main__':
    try:
        main()
    except (Failure, ssl.SSLError, EnvironmentError) as failure:
        sys.stdout.flush()
        print('demo failed: {}'.format(failure), file=sys.stderr)
        sys.exit(1)
