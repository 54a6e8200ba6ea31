"""pytest plugin: BaseHTTPServer sends status and headers in one write.

So does Python 3.  In 2.7 each line is a write, and with TLS a record, of its
own; a test that takes one read for all headers cannot work then.
"""

import BaseHTTPServer

_Handler = BaseHTTPServer.BaseHTTPRequestHandler
_send_response = _Handler.send_response
_end_headers = _Handler.end_headers


class _Kept(object):
    """Stands for the file *file* and keeps what is written to it."""

    def __init__(self, file):
        self.file = file
        self.pieces = []

    def write(self, data):
        self.pieces.append(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


def send_response(self, *args, **kwargs):
    if not isinstance(self.wfile, _Kept):
        self.wfile = _Kept(self.wfile)
    _send_response(self, *args, **kwargs)


def end_headers(self):
    _end_headers(self)
    if isinstance(self.wfile, _Kept):
        kept, self.wfile = self.wfile, self.wfile.file
        self.wfile.write(''.join(kept.pieces))


_Handler.send_response = send_response
_Handler.end_headers = end_headers
