"""One HTTP request over a TLSStream, without I/O.

Get is what the examples that fetch something have in common.  The words
"Gotcha N" refer to the list in docs/examples.md.
"""

import tlsstream

PROTOCOL = 'http/1.1'           # for ALPN
LARGEST = 64 * 1024 * 1024      # bytes of an answer


class Get(tlsstream.App):
    """Ask *host* (str) for *path* (str), over TLS made by *context*.

    Attributes for afterwards: error, None if the answer is complete; status
    (int), headers (dict, names in lower case) and body (bytes)."""

    def __init__(self, context, host, path='/'):
        self.context, self.host, self.path = context, host, path
        self.error = 'the answer is incomplete'
        self.status, self.headers, self.body = None, {}, b''
        self._answer = bytearray()

    def begin(self, stream):
        """To be called when *stream* has a transport."""
        stream.start_tls(self.context, server_hostname=self.host)

    def secured(self, stream):
        # 1.0: no chunks, and the server closes the connection at the end.
        stream.write('GET {} HTTP/1.0\r\nHost: {}\r\n\r\n'.format(
            self.path, self.host).encode('ascii'))

    def wants_input(self, stream):
        return True

    def received(self, stream, data):
        self._answer += data
        if len(self._answer) > LARGEST:
            stream.lost(ValueError('more than {} bytes'.format(LARGEST)))
        elif self._complete(stream):
            stream.end()

    def ended(self, stream):
        # close_notify: without a Content-Length this is what tells the end.
        self._complete(stream, all_came=True)
        stream.end()

    def failed(self, stream, error):
        # Gotcha 4: many servers omit close_notify.  That is harmless if the
        # length is known and all is there, and only then.
        if self.error:
            self.error = error

    def _complete(self, stream, all_came=False):
        """Whether all of the answer is there; takes it apart, then."""
        if self.status is None:
            end = self._answer.find(b'\r\n\r\n')
            if end < 0:
                return False
            head = bytes(self._answer[:end]).decode('latin-1')
            del self._answer[:end + 4]
            if not self._parse(head):
                stream.lost(ValueError('not HTTP: {!r}'.format(head[:80])))
                return False
        length = self.headers.get('content-length')
        if not (all_came if length is None
                else len(self._answer) >= int(length)):
            return False
        self.error, self.body = None, bytes(self._answer)
        return True

    def _parse(self, head):
        """Take the status line and the headers apart.  False if they are
        none."""
        lines = head.split('\r\n')
        words = lines[0].split()
        if len(words) < 2 or not words[1].isdigit():
            return False
        for line in lines[1:]:
            name, _, value = line.partition(':')
            self.headers[name.strip().lower()] = value.strip()
        self.status = int(words[1])
        return self.headers.get('content-length', '0').isdigit()
