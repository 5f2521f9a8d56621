"""How long the server takes to make answers."""

from __future__ import annotations

from collections.abc import Iterator

from ..clock import SECOND

EVERY = 11
"""One request of so many is timed, because two looks at a clock cost a poll about 2 %. It is a prime number, because
requests often come in turns."""
_FIRST, _LAST = 14, 33
"""The bounds that are shown: 2¹⁴ ns, which is 16 µs, to 2³³ ns, which is 9 s."""


class HandlingTimes:
    """A histogram of times. Its bounds are powers of two, because the place of a time is then its length in bits."""

    def __init__(self) -> None:
        self._counts = [0] * 65
        self.nanoseconds = 0
        """The sum of all times."""

    def add(self, nanoseconds: int) -> None:
        """Count a time."""
        self._counts[nanoseconds.bit_length()] += 1
        self.nanoseconds += nanoseconds

    def buckets(self) -> Iterator[tuple[float, int]]:
        """Yield each bound in seconds, with the number of times below it; the last bound is infinity."""
        for bits in range(_FIRST, _LAST + 1):
            yield 2**bits / SECOND, sum(self._counts[: bits + 1])
        yield float("inf"), sum(self._counts)
