"""One process that shares a clock, and its wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """How a wait ended: the clock's reading, in nanoseconds since its start, and the reason."""

    now: int
    reason: str


class Wait(NamedTuple):
    """What a process waits for: a reading of the clock, if any, or an answer on its connections."""

    until: int | None
    sent: Mapping[int, int | None]
    """How many bytes it has written on each of its open connections, by local port. None where that isn't known."""
    read: Mapping[int, int | None]
    """How many bytes it has read and handled on each of them."""
    answer: asyncio.Future[Outcome | None]
    """None where the process is gone."""


class Process:
    """A process that shares a clock. `name` is for people, such as its command line."""

    def __init__(self, process_id: str, name: str, pid: int | None) -> None:
        self.id, self.name, self.pid = process_id, name, pid
        self.ports: set[int] = set()
        """The local ports of its connections to the mock, also of those that are closed."""
        self.control: Any = None
        """The transport of its last control call. When that is closed, the process is gone."""
        self.is_translated = False
        """Whether its ports are others here, as in a container with published ports: its bytes can't be counted."""
        self.wait: Wait | None = None
        self.told = 0
        """The last reading that it got."""
        self._written: dict[int, int] = {}
        """How many bytes the server had written on each of its connections when it got its last answer."""

    @property
    def is_gone(self) -> bool:
        """Whether its control connection is closed."""
        return self.control is None or bool(self.control.is_closing())

    def reason(self, now: int, written: Mapping[int, int]) -> str | None:
        """Return why its wait ends at a reading; None if it goes on."""
        wait = self.wait
        assert wait is not None
        for port, count in written.items():
            if count != self._written.get(port, 0) and count != wait.read.get(port):
                return "activity"
        return "time" if now != self.told or (wait.until is not None and wait.until <= now) else None

    def answer(self, now: int, reason: str, written: Mapping[int, int] | None = None) -> None:
        """End its wait. `written` is what the server has written on its connections."""
        if written is not None:
            self._written = dict(written)
        self.told = now
        self._end_wait(Outcome(now, reason))

    def leave(self) -> None:
        """End its wait without an answer, and close its control connection."""
        if self.control is not None:
            self.control.abort()
        self._end_wait(None)

    def _end_wait(self, outcome: Outcome | None) -> None:
        wait, self.wait = self.wait, None
        if wait is not None and not wait.answer.done():
            wait.answer.set_result(outcome)
