"""The median of paired ratios with an interval that assumes no distribution, and the verdict."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import comb, inf
from typing import NamedTuple

KEPT, FALLEN, UNDECIDED = "kept", "fallen", "undecided"
_ERROR = 0.05


class Interval(NamedTuple):
    """A median, and the interval that contains it."""

    median: float
    low: float
    high: float

    @property
    def inverse(self) -> Interval:
        """The interval of the inverse ratios."""
        return Interval(1 / self.median, 1 / self.high, 1 / self.low if self.low else inf)

    def __str__(self) -> str:
        return f"{self.median:.3f} ({self.low:.3f} to {self.high:.3f})"


def interval(values: Sequence[float], error: float = _ERROR) -> Interval:
    """Return the median and the sign test's interval: two of the values, as near the middle as the error allows.

    The true median is outside with at most that probability. With too few values the interval is from 0 to infinity.
    """
    ordered, median = sorted(values), statistics.median(values)
    cut, outside = 0, 2.0 ** (1 - len(ordered))
    while outside <= error:
        cut += 1
        outside += comb(len(ordered), cut) * 2.0 ** (1 - len(ordered))
    if not cut:
        return Interval(median, 0.0, inf)
    return Interval(median, ordered[cut - 1], ordered[-cut])


def error_of(look: int) -> float:
    """Return the error of the n-th look at the interval: smaller each time, so that all together are at most 5 %.

    Otherwise, repeated looks until the interval is on one side would be wrong more often than 5 %.
    """
    return _ERROR / (look * (look + 1))


def verdict(found: Interval, limit: float) -> str:
    """Return kept if the whole interval is at or above the limit, fallen if it is below, and undecided otherwise."""
    return KEPT if found.low >= limit else FALLEN if found.high < limit else UNDECIDED
