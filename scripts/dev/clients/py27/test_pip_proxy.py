"""pip installs a package from an HTTPS index, through a proxy that is spoken
to over TLS itself, in a bare virtual environment.

It runs where pip's source distribution was unpacked and patched, with
docs/examples and Lib_tests/certs of the project.  INSTALLED_PYTHON is the
interpreter; virtualenv is on its path.  Index and proxy are on 127.0.0.1.
"""

import contextlib
import io
import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest

import BaseHTTPServer

WORK = os.getcwd()
EXAMPLES = os.path.join(WORK, 'docs', 'examples')
sys.path.insert(0, EXAMPLES)
PATIENCE = 120          # seconds, for each step
#: Variables that lead elsewhere.
_LEADING = re.compile('^(PYTHON|PIP_|SSL_CERT_)|_CA_BUNDLE$|_proxy$', re.I)
SETUP = (b"from distutils.core import setup\n"
         b"setup(name='spam543', version='1.0', py_modules=['spam543'])\n")


def cert(name):
    return os.path.join(WORK, 'Lib_tests', 'certs', name + '.pem')


def distribution():
    """A source distribution (bytes)."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode='w:gz') as tar:
        for name, content in (
                ('setup.py', SETUP), ('spam543.py', b'answer = 42\n'),
                ('PKG-INFO', b'Metadata-Version: 1.0\nName: spam543\n'
                             b'Version: 1.0\n')):
            info = tarfile.TarInfo('spam543-1.0/' + name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return data.getvalue()


class Handler(BaseHTTPServer.BaseHTTPRequestHandler):
    """An index with one package."""

    def do_GET(self):
        self.server.seen.append(self.path)
        pages = {'/simple/spam543/': b'<a href="/spam543-1.0.tar.gz">'
                                     b'spam543-1.0.tar.gz</a>',
                 '/spam543-1.0.tar.gz': self.server.archive}
        body = pages.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header('Content-Type', 'text/html' if self.path.endswith(
            '/') else 'application/octet-stream')
        self.send_header('Content-Length', str(len(body or b'')))
        self.end_headers()
        self.wfile.write(body or b'')

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def index(name):
    """An HTTPS server with the certificate *name*."""
    server = BaseHTTPServer.HTTPServer(('127.0.0.1', 0), Handler)
    server.handle_error = lambda *args: None    # clients that refuse it
    server.seen, server.archive = [], distribution()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert(name))
    accept = server.get_request

    def get_request():
        sock, address = accept()
        sock.settimeout(PATIENCE)
        try:
            return context.wrap_socket(sock, server_side=True), address
        except ssl.SSLError as error:
            sock.close()
            raise error         # which the server passes over
    server.get_request = get_request
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def proxy(name, allowed):
    """The proxy, as a process: its port.  It connects to *allowed* only."""
    process = subprocess.Popen(
        [sys.executable, '-B', os.path.join(EXAMPLES, 'tls_proxy.py'),
         '--cert', cert(name), '--allow', allowed],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watchdog = threading.Timer(5 * PATIENCE, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline()
        match = re.match(r'listening on port (\d+)$', line.strip())
        assert match, line + process.stdout.read()
        yield int(match.group(1))
    finally:
        process.terminate()
        process.communicate()
        watchdog.cancel()


def call(argv, **variables):
    """(status, output and errors) of a command.  Nothing of the environment
    tells it where to look for packages or whom to trust."""
    environ = dict((name, value) for name, value in os.environ.items()
                   if not _LEADING.search(name))
    environ.update(variables, PIP_CONFIG_FILE=os.devnull,
                   PIP_NO_PYTHON_VERSION_WARNING='1',
                   PIP_DISABLE_PIP_VERSION_CHECK='1')
    process = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        output = process.communicate()[0]
    finally:
        watchdog.cancel()
    return process.returncode, output


class Through(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.env = os.path.join(cls.folder, 'env')
        cls.python = os.path.join(cls.env, 'bin', 'python')
        installed = os.environ['INSTALLED_PYTHON']
        for argv, variables in (
                ([installed, '-m', 'virtualenv', '--no-pip',
                  '--no-setuptools', '--no-wheel', '--no-download', cls.env],
                 {'PYTHONUSERBASE': os.environ['PYTHONUSERBASE']}),
                ([cls.python, '-m', 'ensurepip'], {}),
                # Its own "pip install" would need wheel there.
                ([cls.python, '-m', 'pip', 'uninstall', '-y', 'pip'], {}),
                ([cls.python, 'setup.py', 'install', '--record',
                  os.path.join(cls.folder, 'record'),
                  '--single-version-externally-managed'], {})):
            status, output = call(argv, **variables)
            if status:
                raise RuntimeError('{}: {}'.format(' '.join(argv), output))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def install(self, server, of_proxy='server', cafile='ca',
                source=None):
        """(status, output) of pip."""
        allowed = 'localhost:{}'.format(server.server_port)
        with proxy(of_proxy, allowed) as port:
            variables = {'PYTHONPATH': source} if source else {}
            return call(
                [self.python, '-m', 'pip', 'install', '--no-cache-dir',
                 '--retries', '0', '--cert', cert(cafile),
                 '--proxy', 'https://localhost:{}'.format(port),
                 '--index-url', 'https://{}/simple/'.format(allowed),
                 '--target', os.path.join(self.folder, 'target'),
                 'spam543==1.0'], **variables)

    def assertRefused(self, found, server, words):
        status, output = found
        self.assertNotEqual(status, 0, output)
        self.assertRegexpMatches(output, words)
        self.assertEqual(server.seen, [])

    def test_install(self):
        with index('server') as server:
            status, output = self.install(server)
        self.assertEqual(status, 0, output)
        self.assertEqual(server.seen, ['/simple/spam543/',
                                       '/spam543-1.0.tar.gz'])
        self.assertEqual(call(
            [self.python, '-c', 'import spam543; print(spam543.answer)'],
            PYTHONPATH=os.path.join(self.folder, 'target')), (0, '42\n'))

    def test_nothing_compiled(self):
        import bootstrap
        self.assertEqual(bootstrap.compiled_files(self.env), [])
        status, output = call([self.python, '-m', 'pip', '--version'])
        self.assertIn('pip 20.3.4 from ' + self.env, output)

    def test_a_proxy_that_is_not_trusted(self):
        with index('server') as server:
            self.assertRefused(self.install(server, of_proxy='untrusted'),
                               server, 'CERTIFICATE_VERIFY_FAILED')

    def test_an_index_that_is_not_trusted(self):
        with index('untrusted') as server:
            self.assertRefused(self.install(server), server,
                               'CERTIFICATE_VERIFY_FAILED')

    def test_an_index_with_another_name(self):
        with index('other') as server:
            self.assertRefused(self.install(server), server,
                               'CERTIFICATE_VERIFY_FAILED|match')

    def test_without_the_patch(self):
        source = os.path.join(self.folder, 'unpatched')
        shutil.copytree(os.path.join(WORK, 'src'), source)
        done = call(['patch', '-R', '-p1', '-d', os.path.join(
            source, 'pip', '_vendor', 'urllib3'), '-i', os.path.join(
                EXAMPLES, 'urllib3-1.26.20.patch')])
        self.assertEqual(done[0], 0, done[1])
        with index('server') as server:
            self.assertRefused(self.install(server, source=source), server,
                               'AttributeError|not supported in Python 2')


if __name__ == '__main__':
    unittest.main()
