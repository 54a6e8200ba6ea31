"""How far it is: a bar on a terminal, a line now and then elsewhere."""

import sys

from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from scripts.base import console


class PartProgress:
    """Progress of one part, of *total* rounds.  A context manager; call
    say(text) for each piece of work and tick() after each round."""

    def __init__(self, title, total):
        self.title = title
        self.total = total
        self.done = 0
        self.text = ''
        self._bar = self._task = self._lines = None

    def __enter__(self):
        if sys.stdout.isatty():
            self._bar = Progress(
                TextColumn('    {task.description}'), BarColumn(None),
                TextColumn('{task.percentage:>3.0f} %'),
                TimeElapsedColumn(), TimeRemainingColumn(), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self.title, total=self.total)
        else:
            self._lines = console.Progress(self.title)
            self._lines.__enter__()
        return self

    def __exit__(self, *exc_info):
        if self._bar is not None:
            self._bar.stop()
        else:
            self._lines.__exit__(*exc_info)

    def say(self, text):
        """Name what is being done."""
        self.text = text
        if self._bar is not None:
            self._bar.update(self._task, description='{}: {}'.format(
                self.title, text))
        else:
            self._show()

    def tick(self, rounds=1):
        self.done += rounds
        if self._bar is not None:
            self._bar.advance(self._task, rounds)
        else:
            self._show()

    def _show(self):
        self._lines.update('{}, {:.0f} %'.format(
            self.text, 100 * self.done / self.total))
