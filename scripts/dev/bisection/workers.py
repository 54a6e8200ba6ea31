"""Several trees at once, each in a process of its own."""

import multiprocessing
import os
import time

from scripts.base import console, files
from scripts.dev.bisection.walker import Walker

#: Steps that are worth a tree of their own, which has to be built first.
_WORTH = 4
_POLL = 0.2             # seconds


def shares(numbers, jobs):
    """*numbers* (list) for *jobs* workers at most: a list of lists, each of
    which is a piece of it."""
    count = max(1, min(jobs, len(numbers) // _WORTH))
    size, more = divmod(len(numbers), count)
    found, end = [], 0
    for index in range(count):
        begin, end = end, end + size + (index < more)
        found.append(numbers[begin:end])
    return found


def _work(walker, numbers, log):
    """What a worker does."""
    # An interrupt from the terminal is for the parent, which ends this.
    os.setsid()
    with open(log, 'w') as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    console.interruptible(lambda: walker.walk(numbers))


def _watch(steps, waiting, workers):
    """Tell of the steps *waiting* (list) as they are done, until the
    *workers* are, or one fails."""
    total = len(waiting)
    with console.Progress('testing after each patch') as progress:
        while waiting:
            # Those who are done have kept all, so look at that afterwards.
            ended = [worker.exitcode for worker in workers]
            for number in list(waiting):
                if steps.known(number):
                    waiting.remove(number)
                    console.note('{} of {}: {}'.format(
                        total - len(waiting), total, steps.name(number)))
            if any(ended) or None not in ended:
                return
            progress.update('{} of {}'.format(total - len(waiting), total))
            time.sleep(_POLL)


def run(steps, jobs):
    """Test all *steps* (Steps) that are not known, up to *jobs* of them at
    once.  Ends the program if one cannot be."""
    waiting = steps.unknown()
    if not waiting:
        console.note('nothing changed since the last run')
        return
    context = multiprocessing.get_context('fork')
    workers, logs = [], []
    pieces = shares(waiting, jobs)
    for index, numbers in enumerate(pieces, 1):
        folder = steps.folder / 'tree{}'.format(index)
        folder.mkdir(parents=True, exist_ok=True)
        logs.append(folder / 'worker.log')
        workers.append(context.Process(target=_work, args=(
            Walker(steps, folder, max(1, jobs // len(pieces))), numbers,
            logs[-1])))
        console.step('{} to {}, in {}'.format(
            steps.name(numbers[0]), steps.name(numbers[-1]), folder))
    try:
        for worker in workers:
            worker.start()
        _watch(steps, waiting, workers)
        failed = [log for worker, log in zip(workers, logs)
                  if worker.exitcode]
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
        for worker in workers:
            worker.join()
    if failed:
        console.fail(files.read(failed[0]).partition('error: ')[2].strip()
                     or console.tail(failed[0]),
                     'all of it is in {}'.format(failed[0]))
