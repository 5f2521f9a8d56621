"""The steady clock of one world: nanoseconds that never go back, whatever happens to the namespace's clock."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import SECOND, Clock
from . import real


class MonotonicClock:
    """What `time.monotonic` and event loops tell; it begins at a whole second, so that readings are exact floats.

    Where the namespace's clock is set back, as by a reset, this one goes on, and `set_back` is called with how far.
    """

    def __init__(self, clock: Clock, on_set_back: Callable[[int], None]) -> None:
        self._clock, self._on_set_back, self._mutex = clock, on_set_back, real.Mutex()
        began = real.monotonic_ns()
        self.initial_lead = -began % SECOND
        """By how many nanoseconds it was ahead of the real one when it began."""
        self._last = clock.now(), began + self.initial_lead - clock.now()
        """What the namespace's clock read last, and by how much this one is ahead of it: always as a pair."""
        self._ended: int | None = None

    def now(self) -> int:
        """Return the reading; after the end, real time goes on from there."""
        last, lead = self._last
        if self._ended is not None:
            return last + lead + real.monotonic_ns() - self._ended
        if self._clock.now() == last:
            return last + lead
        self.update()
        last, lead = self._last
        return last + lead

    def to_clock(self, reading: int) -> int:
        """Return what the namespace's clock reads at a reading of this one."""
        return reading - self._last[1]

    def update(self) -> int:
        """Return the namespace's clock's reading; after the end, the last one."""
        if self._ended is None and self._clock.now() != self._last[0]:
            with self._mutex:
                last, lead = self._last
                now = self._clock.now()
                back = max(0, last - now)
                self._last = now, lead + back
                if back:
                    self._on_set_back(back)
        return self._last[0]

    def end(self) -> int:
        """Let real time go on from here, and return the last reading of the namespace's clock."""
        with self._mutex:
            self.update()
            self._ended = real.monotonic_ns()
            return self._last[0]
