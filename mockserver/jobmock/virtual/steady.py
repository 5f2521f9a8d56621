"""The steady clock of one world: nanoseconds that never go back, whatever happens to the namespace's clock."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import SECOND, Clock
from . import real


class SteadyClock:
    """What `time.monotonic` and event loops tell; it begins at a whole second, so that readings are exact floats.

    Where the namespace's clock is set back, as by a reset, this one goes on, and `set_back` is called with how far.
    """

    def __init__(self, clock: Clock, set_back: Callable[[int], None]) -> None:
        self._clock, self._set_back, self._mutex = clock, set_back, real.Mutex()
        began = real.monotonic_ns()
        self.ahead = -began % SECOND
        """By how many nanoseconds it was ahead of the real one when it began."""
        self._lead, self._last = began + self.ahead - clock.now(), clock.now()
        self._ended: int | None = None

    def now(self) -> int:
        """Return the reading; after the end, real time goes on from there."""
        with self._mutex:
            if self._ended is not None:
                return self._last + self._lead + real.monotonic_ns() - self._ended
            return self.follow() + self._lead

    def of_clock(self, reading: int) -> int:
        """Return what the namespace's clock reads at a reading of this one."""
        return reading - self._lead

    def follow(self) -> int:
        """Return the namespace's clock's reading."""
        with self._mutex:
            now = self._clock.now()
            if back := max(0, self._last - now):
                self._lead += back
                self._set_back(back)
            self._last = now
            return now

    def end(self) -> int:
        """Let real time go on from here, and return the last reading of the namespace's clock."""
        with self._mutex:
            self.follow()
            self._ended = real.monotonic_ns()
            return self._last
