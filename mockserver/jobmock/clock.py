"""The clock of a namespace: real, scaled, manual or skip-delays.

A reading is in integer nanoseconds since the Unix epoch. It grows by `speed` × real time, and by `advance`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec
from types import ModuleType

from .errors import UsageError

SECOND = 1_000_000_000
_SPEEDS = {"real": 1.0, "scaled": None, "manual": 0.0, "skip-delays": 1.0}
MODES = tuple(_SPEEDS)
DEFAULT_SPEED = 1000.0
"""How many times faster scaled time is than real time, unless the user says it."""
EPOCH = 1_767_225_600 * SECOND
"""2026-01-01: where clocks start that must be the same in every run, such as those of properties and replays."""
YEAR = 365 * 86_400 * SECOND
_LONGEST = 366 * 86_400 * SECOND
_END = 253_339_228_800 * SECOND
"""9998-01-01: no clock goes further, as what lies ahead of it, such as a Retry-After, must still be a date."""
_YEARS = range(1971, 2201)
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _once_more(module: ModuleType) -> ModuleType:
    """Load a module of C again, beside the one that there is."""
    spec = module.__spec__
    if spec is None or spec.loader is None:
        return module
    again = module_from_spec(spec)
    spec.loader.exec_module(again)
    return again


TIME = _once_more(time)
"""`time` with Python's own functions: a freezer, such as freezegun, may have replaced those of the other one by now."""


def moment(text: str) -> int:
    """Return the reading at a date, or a date and time, in ISO 8601; UTC without a zone. Raises UsageError."""
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        parsed = datetime.max
    if parsed.year not in _YEARS:
        raise UsageError(
            f"Allowed: a date, or a date and time, of {_YEARS[0]} to {_YEARS[-1]} in ISO 8601, such as 2026-03-29 or"
            " 2026-03-29T02:30:00+01:00; it is in UTC where it has no zone."
        )
    return (parsed.replace(tzinfo=parsed.tzinfo or UTC) - _UNIX) // _MICROSECOND * 1000


def written(reading: int) -> str:
    """Return a reading as a date and time in UTC, in ISO 8601."""
    return (_UNIX + timedelta(microseconds=reading // 1000)).isoformat().replace("+00:00", "Z")


class Clock:
    """A clock that can be read, advanced and set to another speed.

    A `skip-delays` clock runs in real time, and advances to the end of each wait by itself. That suits a single client.
    `start` is the first reading, by default the wall time; `source` returns real nanoseconds, and is kept as `real`. A
    manual clock may be `moved_by_client`: the client's own waits move it, and nothing else does.
    """

    def __init__(
        self, mode: str = "real", speed: float = 1.0, *, start: int | None = None,
        source: Callable[[], int] = TIME.monotonic_ns,
    ) -> None:  # fmt: skip
        self.real, self._start, self.moved_by_client = source, start, False
        self._listeners: dict[Callable[[], None], int | None] = {}
        self.speed = 0.0
        self.restart()
        self.set(mode, speed)

    def set(self, mode: str, speed: float = 1.0) -> None:
        """Change the mode; the reading stays. `speed` is used by `scaled` only, and is above 0. Raises UsageError."""
        if mode not in MODES:
            raise UsageError(f"Unknown clock mode {mode!r}. Allowed: {', '.join(MODES)}.")
        if mode == "scaled" and not 0 < speed <= 1_000_000:
            raise UsageError(f"A scaled clock's speed is above 0 and at most 1000000, not {speed!r}.")
        self._base, self._anchor = self.now(), self.real()
        self.mode, fixed = mode, _SPEEDS[mode]
        self.speed = float(speed) if fixed is None else fixed
        self._changed()

    @property
    def time_mode(self) -> str:
        """The mode of time of a client: `virtual` if its own waits move the clock, else the mode of the clock."""
        return "virtual" if self.moved_by_client and self.mode == "manual" else self.mode

    @property
    def setting(self) -> tuple[str, float, int, int]:
        """A value that changes when the clock was set, moved or restarted, and not because time passes."""
        return self.mode, self.speed, self._base, self.started

    @property
    def skips_delays(self) -> bool:
        """Whether a wait moves the clock instead of being held."""
        return self.mode == "skip-delays"

    def now(self) -> int:
        """Return the reading in nanoseconds."""
        if self.speed == 0.0:
            return self._base
        passed = self.real() - self._anchor
        if self.speed == 1.0:
            return self._base + passed
        return min(self._base + int(passed * self.speed), max(self._base, _END))

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the clock's start."""
        return self.now() - self.started

    def advance(self, nanoseconds: int) -> None:
        """Move the clock forward, in any mode, by 0 nanoseconds to a year, at most to 9998-01-01. Raises UsageError."""
        self.check_advance(nanoseconds)
        self._base += nanoseconds
        self._changed()

    def move(self, until: int | None, pause: Callable[[float], bool]) -> bool:
        """Move the clock forward to `until`, as nobody else waits on it. Returns False for None."""
        if until is None:
            return False
        self.advance(until - self.now())
        return True

    def check_advance(self, nanoseconds: int) -> None:
        """Raise UsageError if the clock can't advance so far."""
        if not 0 <= nanoseconds <= _LONGEST:
            raise UsageError(f"A clock advances by 0 to {_LONGEST // SECOND} seconds, not {nanoseconds / SECOND:g}.")
        if nanoseconds and (reading := self.now()) + nanoseconds > _END:
            raise UsageError(f"A clock goes to {written(_END)} at most, and this one is at {written(reading)}.")

    def restart(self, start: int | None = None) -> None:
        """Restart in the same mode: at `start`, by default at its first start, or at wall time where it had none."""
        begin = self._start if start is None else start
        self.started = time.time_ns() if begin is None else begin
        self._base, self._anchor = self.started, self.real()
        self._changed()

    def wait(self, due: int) -> float | None:
        """Return the real seconds until the reading is `due`; 0 when it is reached, None while it stands still.

        A clock that skips delays goes to `due` at once. One that can't go as far as `due` has reached it at its end.
        """
        left = min(due, _END) - self.now()
        if left > 0 and self.skips_delays:
            self.advance(left)
            return 0.0
        if left <= 0:
            return 0.0
        return left / SECOND / self.speed if self.speed else None

    def on_change(self, listener: Callable[[], None], due: int | None = None) -> Callable[[], None]:
        """Call `listener` when the clock was advanced or set. The returned function ends that.

        `due` is the reading that the listener waits for, if any.
        """

        def stop() -> None:
            self._listeners.pop(listener, None)

        self._listeners[listener] = due
        return stop

    def next_due(self) -> int | None:
        """Return the earliest future reading that a listener waits for, or None."""
        dues = [due for due in tuple(self._listeners.values()) if due is not None]
        if not dues:
            return None
        now = self.now()
        return min((due for due in dues if due > now), default=None)

    def has_due(self) -> bool:
        """Return whether a listener waits for a reading that is reached: it hasn't noticed that yet."""
        now = self.now()
        return any(due is not None and due <= now for due in tuple(self._listeners.values()))

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
