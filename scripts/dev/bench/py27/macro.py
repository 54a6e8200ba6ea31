"""A benchmark of pyperformance that is measured when it is asked, on 2.7.

Run as "macro.py NAME [ARGUMENT]".  The suite's own script runs, on pyperf;
but instead of starting processes that each measure some values, it answers
to lines on its standard input: to "run COUNT" with the nanoseconds that so
many loops take.  The clock is the CPU time of this process and of those that
it waited for.
"""

from __future__ import print_function

import json
import os
import resource
import runpy
import subprocess
import sys
import time

import pyperf
import pyperformance
from pyperformance import venv

SCRIPTS = os.path.join(os.path.dirname(pyperformance.__file__), 'benchmarks')


def cpu():
    """Seconds of CPU time, with the benchmark's own processes."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF,
                                                resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def installed(name):
    """The path of the program *name*, which pip installed."""
    return os.path.join(os.environ['PYTHONUSERBASE'], 'bin', name)


class Asked(pyperf.Runner):
    """Has what the suite's scripts call of a Runner."""

    #: Where answers go: what a benchmark prints must not get between them.
    answers = None

    def _answer(self, **found):
        self.answers.write(json.dumps(found) + '\n')
        self.answers.flush()

    def bench_time_func(self, name, time_func, *args, **options):
        for line in iter(sys.stdin.readline, ''):
            if not line.startswith('run '):
                self._answer()
                continue
            count = int(line.split()[1])
            begin = time.time()
            taken = time_func(count, *args)
            self._answer(cpu=taken * 1e9, count=count,
                         wall=(time.time() - begin) * 1e9)
        sys.exit()

    def bench_func(self, name, func, *args, **options):
        def time_func(count):
            begin = cpu()
            for _ in range(count):
                func(*args)
            return cpu() - begin

        self.bench_time_func(name, time_func)

    def bench_command(self, name, command):
        self.bench_func(name, lambda: subprocess.check_call(
            command, stdout=sys.stderr))


def main(name, *args):
    Asked.answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    pyperf.Runner = Asked
    pyperf.perf_counter = cpu
    venv.get_venv_program = installed
    # Mercurial's: no settings of the machine or the user.
    os.environ['HGRCPATH'] = ''
    script = os.path.join(SCRIPTS, 'bm_%s.py' % name)
    sys.argv[:] = [script] + list(args)
    runpy.run_path(script, run_name='__main__')


if __name__ == '__main__':
    main(*sys.argv[1:])
