"""A contender's process, driven over a pipe: one line each way."""

import json
import os
import subprocess


class ChildError(Exception):
    """A contender ended, or said that it cannot do what was asked."""


class Child:
    """A process that answers requests.  Use it as a context manager.

    argv, env: how it is started.  log: Path, gets its standard error.
    """

    def __init__(self, argv, log, env=None):
        self.argv = [str(arg) for arg in argv]
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, 'ab') as errors:
            try:
                self.process = subprocess.Popen(
                    self.argv, env=env, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=errors, text=True,
                    start_new_session=True)
            except OSError as error:
                raise ChildError('cannot run {}: {}'.format(
                    self.argv[0], error.strerror)) from None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.end()

    def send(self, request):
        """Write a line; its answer is still to be received."""
        try:
            self.process.stdin.write(request + '\n')
            self.process.stdin.flush()
        except OSError:
            self._died(request)

    def receive(self, request=''):
        """The next answer, a dict."""
        line = self.process.stdout.readline()
        if not line.endswith('\n'):
            self._died(request)
        try:
            answer = json.loads(line)
        except ValueError:
            raise ChildError('{} said {!r}'.format(
                self.argv[0], line)) from None
        if 'error' in answer:
            raise ChildError('{}: {}'.format(request, answer['error'])
                             if request else answer['error'])
        return answer

    def ask(self, request):
        """The answer (dict) to the line *request*; ChildError if none."""
        self.send(request)
        return self.receive(request)

    def pin(self, cpus):
        """Let it run on these *cpus* (set of int) only."""
        os.sched_setaffinity(self.process.pid, cpus)

    def _died(self, request):
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            status = None
        raise ChildError('{} {} at "{}"; see {}'.format(
            self.argv[0], 'closed its output' if status is None
            else 'ended with status {}'.format(status), request, self.log))

    def end(self):
        """Close its input, which ends it; harder if that does not do."""
        for stop in (self.process.stdin.close, self.process.terminate,
                     self.process.kill):
            try:
                stop()
            except OSError:
                pass            # it is gone, and what was written with it
            try:
                self.process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process.stdout.close()
