"""The clock of a test's mocks, in seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jobmock.clock import SECOND


class NanosecondClock(Protocol):
    """A clock that counts nanoseconds, here or on another server."""

    def now(self) -> int:
        """Return the reading."""

    def advance(self, nanoseconds: int) -> None:
        """Move forward."""

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the clock's start."""


class MockClock:
    """The clock of a test's mocks.

    `before_advance` is called with the nanoseconds by which the test is about to move the clock. It is called again
    with their negative if the clock can't be moved.
    """

    def __init__(
        self, clock: NanosecondClock, before_advance: Callable[[int], None] = lambda nanoseconds: None
    ) -> None:
        self._clock, self._before_advance = clock, before_advance

    def now(self) -> float:
        """Return the reading, in seconds since the Unix epoch."""
        return self._clock.now() / SECOND

    @property
    def elapsed(self) -> float:
        """Seconds since the test began, or since the last reset."""
        return self._clock.elapsed / SECOND

    def advance(self, seconds: float) -> None:
        """Move forward, by 0 seconds to a year. Raises UsageError."""
        nanoseconds = round(seconds * SECOND)
        self._before_advance(nanoseconds)
        try:
            self._clock.advance(nanoseconds)
        except BaseException:
            self._before_advance(-nanoseconds)
            raise
