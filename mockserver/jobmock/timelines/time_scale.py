"""Where moments are on the axis of time: in percent of its width, so that a picture fits any screen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from ..clock import SECOND

COLUMNS = 1000
"""The places on the axis. Marks of one kind on the same place are drawn once."""
_MILLISECOND = SECOND // 1000
_MOST_TICKS = 5
_STEPS = tuple(
    chain(
        (part * scale * _MILLISECOND for scale in (1, 10, 100) for part in (1, 2, 5)),
        (part * SECOND for part in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)),
        (part * 3600 * SECOND for part in (1, 2, 3, 6, 12, 24, 48, 120, 240, 24_000, 240_000)),
    )
)


class TimeScale(NamedTuple):
    """An axis from `begin` to `end`, whose times are shown relative to `zero`. All are nanoseconds."""

    begin: int
    end: int
    zero: int

    def column(self, moment: int) -> int:
        """Return the place of a moment, from 0 to COLUMNS. Others are at the ends."""
        within = min(max(moment, self.begin), self.end)
        return (within - self.begin) * COLUMNS // max(1, self.end - self.begin)

    def ticks(self) -> Iterator[int]:
        """Yield at most six moments, at round times."""
        step = next((step for step in _STEPS if (self.end - self.begin) / step <= _MOST_TICKS), _STEPS[-1])
        first = -((self.zero - self.begin) // step) * step + self.zero
        yield from (moment for moment in range(first, self.end + 1, step) if moment >= self.begin)


def percent(column: float) -> str:
    """Return a place as a percentage of the width."""
    return f"{column * 100 / COLUMNS:.4g}%"
