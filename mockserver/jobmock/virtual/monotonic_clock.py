"""The monotonic clock of one test: nanoseconds that never go back, even if the namespace's clock is set back."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import SECOND
from ..clock_protocol import DrivenClock
from . import real


class MonotonicClock:
    """The clock behind `time.monotonic` and event loops. It begins at a whole second, so that floats are exact.

    When the namespace's clock is set back, as by a reset, this clock continues, and `on_set_back` is called with the
    nanoseconds.
    """

    def __init__(self, clock: DrivenClock, on_set_back: Callable[[int], None]) -> None:
        self._clock, self._on_set_back, self._mutex = clock, on_set_back, real.Mutex()
        began = real.monotonic_ns()
        self.initial_lead = -began % SECOND
        """The nanoseconds by which this clock was ahead of the real one when it began."""
        self._last = clock.now(), began + self.initial_lead - clock.now()
        """The last reading of the namespace's clock, and how far this clock is ahead of it. The two are always set as a
        pair."""
        self._ended: int | None = None

    def now(self) -> int:
        """Return the reading. After the end, it continues in real time."""
        last, lead = self._last
        if self._ended is not None:
            return last + lead + real.monotonic_ns() - self._ended
        if self._clock.now() == last:
            return last + lead
        self.update()
        last, lead = self._last
        return last + lead

    def to_clock(self, reading: int) -> int:
        """Return the reading of the namespace's clock at a reading of this one."""
        return reading - self._last[1]

    def update(self) -> int:
        """Follow the namespace's clock; return its reading, or the last one after the end."""
        if self._ended is None and self._clock.now() != self._last[0]:
            with self._mutex:
                last, lead = self._last
                now = self._clock.now()
                back = max(0, last - now)
                self._last = now, lead + back
                if back:
                    self._on_set_back(back)
        return self._last[0]

    def follow(self, clock: DrivenClock, reading: int) -> None:
        """Go on from a reading of this clock with another namespace's clock."""
        with self._mutex:
            now = clock.now()
            self._clock, self._last = clock, (now, reading - now)

    def end(self) -> int:
        """Continue in real time; return the last reading of the namespace's clock."""
        with self._mutex:
            self.update()
            self._ended = real.monotonic_ns()
            return self._last[0]
