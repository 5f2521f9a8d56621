"""The median of paired ratios, with an interval that needs no assumption about how they are spread; and the verdict."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import comb, inf
from typing import NamedTuple

KEPT, FALLEN, UNDECIDED = "kept", "fallen", "undecided"
_ERROR = 0.05


class Interval(NamedTuple):
    """A median, and between what it lies."""

    median: float
    low: float
    high: float

    @property
    def inverse(self) -> Interval:
        """The same of the ratios turned round."""
        return Interval(1 / self.median, 1 / self.high, 1 / self.low if self.low else inf)

    def __str__(self) -> str:
        return f"{self.median:.3f} ({self.low:.3f} to {self.high:.3f})"


def interval(values: Sequence[float], error: float = _ERROR) -> Interval:
    """Return the sign test's interval of positive values: two of them, as near the middle as the error allows.

    The true median lies outside with at most that probability. Where there are too few values, nothing bounds it.
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
    """Return the error of the first look, the second, the third …: smaller each time, so that all add up to 5 %.

    Who looks again and again until the interval is on one side would otherwise be wrong more often than the interval
    says.
    """
    return _ERROR / (look * (look + 1))


def verdict(found: Interval, limit: float) -> str:
    """Say whether a speed is kept: its whole interval is at the limit or above. Fallen: its whole interval is below."""
    return KEPT if found.low >= limit else FALLEN if found.high < limit else UNDECIDED
