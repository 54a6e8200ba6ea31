"""Two threads, each with a connection of its own, against one thread."""

import threading

import clock


class Runner(threading.Thread):
    """Does *case*'s operations whenever it is told to."""

    def __init__(self, case):
        threading.Thread.__init__(self)
        self.daemon = True
        self.case = case
        self.count = self.operations = 0
        self.error = None
        # Locks, since waiting for one neither polls nor takes CPU time.
        self._go, self._done = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._done.acquire()
        self.start()

    def run(self):
        while True:
            self._go.acquire()
            if not self.count:
                return
            try:
                self.case.operate(self.count)
                self.operations = self.count
            except Exception as error:
                self.error = error
            self._done.release()

    def begin(self, count):
        self.count, self.operations = count, 0
        self._go.release()

    def finish(self):
        """Wait until it has done them; returns how many that were."""
        self._done.acquire()
        if self.error is not None:
            raise self.error
        return self.operations


class Threads(object):
    """*cases*: two cases that have an operate(); they share contexts as the
    threads of a server do."""

    def __init__(self, cases):
        self.runners = [Runner(case) for case in cases]

    def run(self, count):
        """Wall-clock ns of *count* operations in one thread, and of that
        many in each of two; the operations that were done for each."""
        one, one_done = self._time(self.runners[:1], count)
        two, two_done = self._time(self.runners, count)
        return {'one': one, 'two': two, 'operations': [one_done, two_done]}

    def _time(self, runners, count):
        start = clock.wall()
        for runner in runners:
            runner.begin(count)
        done = sum([runner.finish() for runner in runners])
        return clock.wall() - start, done

    def close(self):
        for runner in self.runners:
            runner.begin(0)
            runner.join()
