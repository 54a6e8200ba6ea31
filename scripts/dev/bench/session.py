"""What the parts share: contenders, their processes, options."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from scripts.dev.bench import slices
from scripts.dev.bench.stats import Spread


@dataclass
class Session:
    """options: request.Options; contenders: list of Contender;
    log_dir: Path; ssl: sslprefix.OpenSSL of the C programs."""

    options: object
    contenders: list
    log_dir: Path
    ssl: object

    def having(self, *roles):
        """The contenders in these *roles*."""
        return [item for item in self.contenders if item.role in roles]

    @property
    def python3s(self):
        return self.having('python3')

    def plan(self, seconds, rounds):
        """The Plan for a complete run, or its quick version."""
        if self.options.quick:
            return slices.Plan(max(seconds / 6, 0.004), max(5, rounds // 10))
        return slices.Plan(seconds, rounds)

    @contextlib.contextmanager
    def children(self, contenders, cpus=None):
        """{key: Child} of *contenders*, for as long as the block runs.
        cpus: set of CPU numbers; default: one and the same for all."""
        with contextlib.ExitStack() as stack:
            found = {}
            for item in contenders:
                found[item.key] = stack.enter_context(
                    item.start(self.log_dir))
                found[item.key].pin(cpus or slices.home_cpu())
            yield found


def all_cpus():
    return os.sched_getaffinity(0)


def compare(result, samples, base, convert):
    """Fill *result* with figures and with ratios to *base*.

    samples: {key: ns of an operation, by round}; convert: function from
    ns to the result's unit.
    """
    result.base = base
    for key, values in samples.items():
        result.figures[key] = Spread.of([convert(value) for value in values])
        if key != base:
            result.ratios[key] = slices.ratio(samples, base, key)
    return result
