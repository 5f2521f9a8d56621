"""One clock for each namespace: real, scaled, manual or jumping, which differ in their speed and in how they wait.

A reading is wall time in integer nanoseconds since the Unix epoch. It grows by `speed` × real time, and by `advance`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .errors import UsageError

SECOND = 1_000_000_000
MODES = ("real", "scaled", "manual", "jumping")
_LONGEST = 366 * 86_400 * SECOND


class Clock:
    """A clock that can be read, advanced and set to another speed.

    A `jumping` clock is a manual one that goes forward by itself instead of making anybody wait: right where its only
    client is the one that waits. `start` is the first reading, wall time if absent; `source` counts real nanoseconds.
    """

    def __init__(
        self, mode: str = "real", speed: float = 1.0, *, start: int | None = None,
        source: Callable[[], int] = time.monotonic_ns,
    ) -> None:  # fmt: skip
        self._source, self._start = source, start
        self._listeners: dict[Callable[[], None], int | None] = {}
        self.speed = 0.0
        self.restart()
        self.set(mode, speed)

    def set(self, mode: str, speed: float = 1.0) -> None:
        """Go on from the present reading as `mode`; `speed` counts in `scaled` only and is above 0."""
        if mode not in MODES:
            raise UsageError(f"Unknown clock mode {mode!r}. Allowed: {', '.join(MODES)}.")
        if mode == "scaled" and not 0 < speed <= 1_000_000:
            raise UsageError(f"A scaled clock's speed is above 0 and at most 1000000, not {speed!r}.")
        self._base, self._anchor = self.now(), self._source()
        self.mode = mode
        self.speed = float(speed) if mode == "scaled" else float(mode == "real")
        self._changed()

    def now(self) -> int:
        """Return the present reading in nanoseconds."""
        if self.speed == 0.0:
            return self._base
        passed = self._source() - self._anchor
        return self._base + (passed if self.speed == 1.0 else int(passed * self.speed))

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the clock's start."""
        return self.now() - self.started

    def advance(self, nanoseconds: int) -> None:
        """Move forward, in any mode, by 0 nanoseconds to a year."""
        if not 0 <= nanoseconds <= _LONGEST:
            raise UsageError(f"A clock advances by 0 to {_LONGEST // SECOND} seconds, not {nanoseconds / SECOND:g}.")
        self._base += nanoseconds
        self._changed()

    def restart(self) -> None:
        """Go back to `start`, or to wall time where none was given, in the same mode."""
        self.started = time.time_ns() if self._start is None else self._start
        self._base, self._anchor = self.started, self._source()
        self._changed()

    def wait(self, due: int) -> float | None:
        """Return the real seconds until the reading is `due`; 0 when it is reached, None while it stands still."""
        left = due - self.now()
        if left > 0 and self.mode == "jumping":
            self.advance(left)
            return 0.0
        if left <= 0:
            return 0.0
        return left / SECOND / self.speed if self.speed else None

    def on_change(self, listener: Callable[[], None], due: int | None = None) -> Callable[[], None]:
        """Call `listener` whenever waits must be reckoned anew; the returned function ends that.

        `due` is the reading it waits for, if any.
        """

        def stop() -> None:
            self._listeners.pop(listener, None)

        self._listeners[listener] = due
        return stop

    def next_due(self) -> int | None:
        """Return the earliest reading that somebody waits for and that hasn't come, or None."""
        now = self.now()
        return min((due for due in tuple(self._listeners.values()) if due is not None and due > now), default=None)

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
