"""A package index on this machine, over HTTPS."""

import contextlib
import functools
import http.server
import shutil
import ssl
import threading

from scripts.dev.overlay import trial


class _Quiet(http.server.SimpleHTTPRequestHandler):

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving(folder, files):
    """Serve *files* (Paths, of one package) out of *folder* (Path, new).
    Yields the address (str) of the index and the file (Path) with the
    certificate to trust."""
    package = folder / 'simple' / 'ssl-overlay'
    package.mkdir(parents=True)
    for path in files:
        shutil.copy(path, package)
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trial.CERTS / 'server.pem')
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ('https://localhost:{}/simple/'.format(server.server_port),
               trial.CERTS / 'ca.pem')
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
