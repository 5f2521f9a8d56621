"""The clock as a test sees it, in seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jobmock.clock import SECOND


class Nanoseconds(Protocol):
    """A clock that counts nanoseconds, here or on another server."""

    def now(self) -> int:
        """Return the reading."""

    def advance(self, nanoseconds: int) -> None:
        """Move forward."""

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the clock's start."""


class TestClock:
    """The clock of a test's mocks. `excuse` is told of seconds before the test moves it by them."""

    __test__ = False

    def __init__(self, clock: Nanoseconds, excuse: Callable[[int], None] = lambda nanoseconds: None) -> None:
        self._clock, self._excuse = clock, excuse

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
        self._excuse(nanoseconds)
        try:
            self._clock.advance(nanoseconds)
        except BaseException:
            self._excuse(-nanoseconds)
            raise
