"""The clock of the mocks on a running server, read and moved through its control API."""

from __future__ import annotations

from collections.abc import Callable
from time import time_ns
from typing import Any

from jobmock.clock import SECOND, written

from .control import Control

_READS = 4


class RemoteClock:
    """The clocks of a test's keys on a running server, which move together.

    A `manual` clock is read once. After that, its reading is computed here.
    """

    def __init__(self, mode: str, speed: float, start: int | None = None) -> None:
        self._start = start
        self._mode, self._setting = mode, {"mode": mode, **({"speed": speed} if mode == "scaled" else {})}
        self._controls: list[Control] = []
        self._listeners: set[Callable[[], None]] = set()
        self._base = self.started = time_ns() if start is None else start
        self._due: int | None = None
        self.answering = 0

    def add(self, control: Control) -> None:
        """Let the clock of one more key move with the others."""
        control.call("PUT", "clock", self._setting)
        self.reset_namespace(control)
        self._controls.append(control)
        if len(self._controls) == 1:
            self.restart()

    def reset_namespace(self, control: Control, start: int | None = None) -> None:
        """Reset the namespace of a key, with its clock at `start`, or else where the test's clock started."""
        start = self._start if start is None else start
        control.call("POST", "reset", {} if start is None else {"start": written(start)})

    def restart(self) -> None:
        """Read the server's clock again, after a reset."""
        self._base = self.started = self._read_now()
        self._notify()

    def now(self) -> int:
        """Return the reading in nanoseconds."""
        if self._mode == "manual":
            return self._base
        return self._read_now()

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the start."""
        return self.now() - self.started

    def advance(self, nanoseconds: int) -> None:
        """Move the clock of every key forward. A client that gets an answer by it reads the new time already."""
        self._base += nanoseconds
        try:
            for control in self._controls:
                control.call("POST", "clock/advance", {"seconds": nanoseconds / SECOND})
        except BaseException:
            self._base -= nanoseconds
            raise
        self._notify()

    def next_due(self) -> int | None:
        """Return the reading at which the server sends the next answer that it delays; None if none is known."""
        return self._due

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each move of the clock; the returned function removes it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def is_settled(self) -> bool:
        """Read what the server waits for; return False while it is still answering a request.

        It is read several times: meanwhile the server accepts a connection that a client has just opened.
        """
        for _ in range(_READS):
            readings = self._read()
            if any(reading["answering"] for reading in readings):
                return False
        dues = [reading["due_in"] for reading in readings if reading["due_in"] is not None]
        self._due = self._base + round(min(dues) * SECOND) if dues else None
        return True

    def _read_now(self) -> int:
        seconds: float = self._read()[0]["now"]
        return round(seconds * SECOND)

    def _read(self) -> list[dict[str, Any]]:
        return [control.call("GET", "clock") for control in self._controls]

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
