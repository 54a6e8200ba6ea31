"""What make bench was asked for."""

import os
from dataclasses import dataclass

from scripts import options
from scripts.base.option import Programs


@dataclass(frozen=True)
class Options:
    """parts: names out of options.BENCH.  quick: fewer rounds.  python27s:
    absolute paths of patched interpreters to measure instead of the built
    one, () for that; python3s: of the Python 3s to compare with."""

    parts: tuple
    quick: bool
    python27s: tuple
    python3s: tuple

    @property
    def complete(self):
        """True if this run's figures are those to be published."""
        return not self.quick and not self.python27s and \
            set(self.parts) >= set(options.BENCH.read({}))

    @property
    def counts(self):
        """True if it only counts instructions, which says the same on a busy
        machine and replaces no other figure: published, too."""
        return not self.quick and not self.python27s and \
            self.parts == options.BENCH.special


def from_env(environ=os.environ):
    """The Options in BENCH, QUICK, PYTHON27S and PYTHON3S."""
    named = options.PYTHON3S if options.PYTHON3S.raw(environ) else \
        Programs('PYTHON3', '')
    python3 = dict({'PYTHON3': 'python3'}, **environ)
    return Options(tuple(options.BENCH.read(environ)),
                   options.QUICK.read(environ),
                   options.PYTHON27S.read(environ), named.read(python3))
