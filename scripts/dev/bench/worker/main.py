"""A Python contender of "make bench"; runs unchanged on 2.7 and 3.

    python main.py KIND CERTS

KIND is memory (ssl.MemoryBIO), socket (ssl.SSLSocket) or pyopenssl; CERTS is
the folder with the certificates.  Requests are lines of words on standard
input, each is answered by one line of JSON.  tlsbench.c, which speaks the
same protocol, has the list.
"""

import importlib
import json
import sys
import traceback

import bothways
import cases
import fairness
from common import BenchError
from twothreads import Threads

KINDS = {'memory': 'memorypair', 'socket': 'socketpair',
         'pyopenssl': 'pyopensslpair'}


class Server(object):
    """Answers requests; holds at most one open case."""

    def __init__(self, kind, certs):
        if kind not in KINDS:
            raise BenchError('unknown kind: %s' % (kind,))
        self.kind = importlib.import_module(KINDS[kind])
        self.certs = certs
        self.case = None

    def hello(self):
        return {'python': sys.version.split()[0],
                'openssl': self.kind.VERSION}

    def open(self, name, *words):
        if self.case is not None:
            raise BenchError('a case is open')
        self.case = self._make(name, words)
        return {}

    def _make(self, name, words):
        if name == 'bulk':
            return cases.Bulk(self.kind, self.certs, *words)
        if name == 'handshake':
            return cases.Handshake(self.kind, self.certs, *words)
        if name == 'bio':
            return cases.Bio(0, *words)
        if name == 'backlog':
            return cases.Bio(*words)
        if name == 'writes':
            return cases.Writes(*words)
        if name == 'memcpy':
            return cases.Memcpy(*words)
        if name == 'memory':
            return cases.Memory(self.kind, self.certs, *words)
        if name == 'fairness':
            return fairness.Fairness(self.kind, self.certs, *words)
        if name == 'bothways':
            return bothways.BothWays(self.kind, self.certs, *words)
        if name == 'threads':
            return self._threads(words)
        raise BenchError('unknown case: %s' % (name,))

    def _threads(self, words):
        one, two = self._make(words[0], words[1:]), \
            self._make(words[0], words[1:])
        two.contexts = one.contexts
        if hasattr(two, 'pair'):
            two.pair = one.contexts.connect()
            two.pair.settle(one.contexts.work)
        return Threads([one, two])

    def run(self, count):
        if self.case is None:
            raise BenchError('nothing is open')
        return self.case.run(int(count))

    def close(self):
        if hasattr(self.case, 'close'):
            self.case.close()
        self.case = None
        return {}

    def answer(self, line):
        """The answer (dict) to the request *line* (str)."""
        words = line.split()
        if not words or words[0] not in ('hello', 'open', 'run', 'close'):
            raise BenchError('what is %r?' % (line,))
        return getattr(self, words[0])(*words[1:])


def main(argv):
    server = None
    # Not "for line in sys.stdin": 2.7 reads ahead there.
    try:
        server = Server(*argv)
        for line in iter(sys.stdin.readline, ''):
            sys.stdout.write(json.dumps(server.answer(line)) + '\n')
            sys.stdout.flush()
    except Exception as error:
        traceback.print_exc()
        sys.stdout.write(json.dumps({'error': '%s: %s' % (
            type(error).__name__, error)}) + '\n')
        sys.stdout.flush()
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
