"""The two clocks of a process: its own until its first connection to the mock, then the one that it shares."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..clock import SECOND
from ..virtual.in_flight import InFlight
from .control_client import ControlClient
from .shared_clock import SharedClock

START, NOW = "JOBMOCK_TIME_START", "JOBMOCK_TIME_NOW"
"""Environment variables: a clock's start in nanoseconds since 1970, and its reading when a process was started."""
_UNCOUNTED = SECOND
"""Waits that end early are counted once they have taken so long together. So short ones don't move the clock."""


class LocalClock:
    """A clock of this process alone. It stands, except that each wait counts as long as it takes in real time."""

    speed, skips_delays = 0.0, False

    def __init__(self, started: int, elapsed: int) -> None:
        self.started, self._reading, self._uncounted = started, started + elapsed, 0

    def now(self) -> int:
        """Return the reading in nanoseconds."""
        return self._reading

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the start."""
        return self._reading - self.started

    def reach(self, reading: int) -> None:
        """Move the clock to a reading, unless it is there already: a wait for it has ended."""
        self._reading = max(self._reading, reading)

    def count_wait(self, nanoseconds: int) -> None:
        """Count a wait that ended early."""
        self._uncounted += nanoseconds
        if self._uncounted > _UNCOUNTED:
            self.advance(self._uncounted)
            self._uncounted = 0

    def advance(self, nanoseconds: int) -> None:
        """Move the clock forward."""
        self._reading += nanoseconds

    def wait(self, due: int) -> float | None:
        """Return 0 if the clock reads `due`, else None."""
        return 0.0 if due <= self._reading else None

    def next_due(self) -> int | None:
        """Return None: no server holds an answer."""
        return None

    def on_change(self, listener: Callable[[], None], due: int | None = None) -> Callable[[], None]:
        """Do nothing: nobody but the waits of this process moves the clock."""
        return lambda: None

    def move(self, until: int | None, pause: Callable[[float], bool]) -> bool:
        """Move the clock to `until`."""
        if until is not None:
            self.reach(until)
        return until is not None


class ProcessClock(SharedClock):
    """The shared clock of a process that may be away: while it waits for another process, that one has the clock."""

    def __init__(self, client: ControlClient, connections: InFlight, *, now: int = 0) -> None:
        super().__init__(client, now=now)
        self._connections, self.is_away = connections, False
        self.watch(connections)
        os.environ[START] = str(self.started)
        self._publish()

    def leave(self) -> None:
        """Wait for the clock no more: the others go on without this process."""
        if not self.is_away:
            self.is_away = True
            self.close()

    def come_back(self) -> None:
        """Take part again, at the reading that the clock has meanwhile."""
        if self.is_away:
            self.is_away = False
            self.restart()
            for port in self._connections.ports:
                self.claim(port)

    def move(self, until: int | None, pause: Callable[[float], bool]) -> bool:
        """Wait as `SharedClock` does, as a process that takes part."""
        self.come_back()
        return super().move(until, pause)

    def _set(self, reading: int) -> None:
        super()._set(reading)
        self._publish()

    def _publish(self) -> None:
        """Put the reading into the environment, so that processes that this one starts begin with it."""
        os.environ[NOW] = str(self.elapsed)
