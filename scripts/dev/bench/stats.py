"""Median and spread of what was measured."""

import math
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """median; low and high: the quartiles, between which half of the values
    lie; count: the number of values."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values):
        """The Spread of *values* (numbers, at least one)."""
        values = sorted(values)
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        low, median, high = statistics.quantiles(values, n=4,
                                                 method='inclusive')
        return cls(median, low, high, len(values))

    def as_json(self):
        return {'median': rounded(self.median), 'q1': rounded(self.low),
                'q3': rounded(self.high), 'rounds': self.count}


def rounded(value, digits=5):
    """*value* with so many significant digits, as a number."""
    if not value or not math.isfinite(value):
        return value
    return float('{:.{}g}'.format(value, digits))
