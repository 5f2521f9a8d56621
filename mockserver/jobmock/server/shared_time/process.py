"""One process that shares a clock, and its wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .awaited_answers import AwaitedAnswers


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
    end: Callable[[Outcome | None], object]
    """Called when the wait ends, with None where the process is gone."""
    changes: int | None = None
    """How many changes of the group the process has seen, if it looks at what others have done before the clock moves.
    It may see more of that than the server does, such as the output of a child process."""


class Process:
    """A process that shares a clock. `name` is for people, such as its command line."""

    def __init__(self, process_id: str, name: str, pid: int | None, control: Any) -> None:
        """`control` is the transport of its control connection. When that is closed, the process is gone."""
        self.id, self.name, self.pid, self._control = process_id, name, pid, control
        self.ports: set[int] = set()
        """The local ports of its connections to the mock, also of those that are closed."""
        self.is_translated = False
        """Whether its ports are others here, as in a container with published ports: its bytes can't be counted."""
        self.awaited = AwaitedAnswers()
        """The answers that it awaits, if its ports are others here."""
        self.wait: Wait | None = None
        self.told = 0
        """The last reading that it got."""
        self._written: dict[int, int] = {}
        """How many bytes the server had written on each of its connections when it got its last answer."""

    @property
    def is_gone(self) -> bool:
        """Whether its control connection is closed."""
        return bool(self._control.is_closing())

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
        self._control.abort()
        self._end_wait(None)

    def _end_wait(self, outcome: Outcome | None) -> None:
        wait, self.wait = self.wait, None
        if wait is not None:
            wait.end(outcome)


def earliest(processes: Iterable[Process]) -> int | None:
    """Return the earliest reading for which one of these processes waits, or None."""
    waits = [process.wait for process in processes]
    return min((wait.until for wait in waits if wait is not None and wait.until is not None), default=None)


def end_waits(processes: Iterable[Process], now: int) -> None:
    """End the waits of processes, so that each looks again what it waits for."""
    for process in processes:
        process.answer(now, "activity")


def end_late_waits(processes: Iterable[Process], now: int, changes: int) -> bool:
    """End the waits of processes that must look at the latest changes first. Returns whether there are any."""
    late = [one for one in processes if one.wait is not None and one.wait.changes not in (None, changes)]
    for process in late:
        process.answer(now, "activity")
    return bool(late)
