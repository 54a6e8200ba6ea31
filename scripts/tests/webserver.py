"""A web server on 127.0.0.1 whose faults can be chosen."""

import contextlib
import http.server
import threading


class Site:
    """What the server answers with, and what it was asked.

    body: bytes.  cut: after so many bytes the connection is closed, once.
    ranges: whether ranges are served.  status: to be sent instead of 200.
    stall: an Event to wait for before the body.
    """

    def __init__(self, body):
        self.body = body
        self.cut = None
        self.ranges = True
        self.status = None
        self.stall = None
        self.requests = []
        self.url = None


def _handler(site):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            asked = self.headers.get('Range')
            site.requests.append((self.path, asked))
            if site.status:
                self.send_error(site.status)
                return
            if self.path.endswith('.asc'):
                self.send_error(404)
                return
            body = site.body
            if asked and site.ranges:
                start = int(asked.split('=')[1].rstrip('-'))
                if start >= len(body):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header('Content-Range', 'bytes {}-{}/{}'.format(
                    start, len(body) - 1, len(body)))
                body = body[start:]
            else:
                self.send_response(200)
            self.end_headers()
            if site.stall:
                self.wfile.flush()
                site.stall.wait(10)
            if site.cut is not None:
                body, site.cut = body[:site.cut], None
            with contextlib.suppress(OSError):
                self.wfile.write(body)
    return Handler


@contextlib.contextmanager
def serve(body):
    """Serve *body* under every path; gives the Site."""
    site = Site(body)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                             _handler(site))
    site.url = 'http://127.0.0.1:{}/source.tgz'.format(server.server_port)
    thread = threading.Thread(target=server.serve_forever,
                              kwargs={'poll_interval': 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
