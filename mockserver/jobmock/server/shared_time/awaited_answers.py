"""Answers on their way to processes whose ports are others here, as behind a proxy, or in a container.

Bytes can't be compared with these processes. But each answer that one awaits, and that the server isn't about to give,
is on its way, or its request is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from .connections import Connections

_QUIET_SECONDS = 0.005
"""How long no request must come."""
_LONGEST_WAY = 1.0
"""After so many seconds an answer is no longer awaited: the process has written something else than a request."""


class AwaitedAnswers:
    """The connections of one process on which it has written, and hasn't read since."""

    def __init__(self) -> None:
        self._ports: set[int] = set()
        self._counts: dict[int, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._ports)

    def note(self, sent: Mapping[int, int | None], read: Mapping[int, int | None]) -> None:
        """Note how many bytes it has written and read on its open connections. One without both counts is left out."""
        known = {port: (count, got) for port, count in sent.items() if count and (got := read.get(port)) is not None}
        for port, counts in known.items():
            (written, got), (written_before, got_before) = counts, self._counts.get(port, (0, 0))
            if (written != written_before) != (got != got_before):  # after both, it awaits one if it did before
                (self._ports.add if written != written_before else self._ports.discard)(port)
        self._ports &= known.keys()
        self._counts = known

    def clear(self) -> None:
        """Await nothing until the process writes again."""
        self._ports.clear()


class TranslatedRequests:
    """The requests of one clock that may come from such processes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._cycles: list[Any] = []
        """Uvicorn's objects for the requests that may not be answered completely."""
        self._count, self._last_activity = 0, 0.0

    def note_request(self, port: int) -> None:
        """Note that a request came from a port."""
        cycle = self._connections.cycle(port)
        self._cycles = [*self._unanswered(), *([] if cycle is None else [cycle])]
        self._count += 1
        self.note_activity()

    def note_activity(self) -> None:
        """Note that a process has begun to wait."""
        self._last_activity = monotonic()

    def count(self) -> Mapping[int, int] | None:
        """Return the number of requests, instead of bytes, when none has come for a while; else None."""
        return {0: self._count} if self._seconds_quiet() >= _QUIET_SECONDS else None

    def are_on_their_way(self, awaited: Sequence[AwaitedAnswers]) -> bool:
        """Return whether an awaited answer, or its request, is on its way: the server isn't about to give so many."""
        if not any(awaited) or sum(map(len, awaited)) <= len(self._unanswered()):
            return False
        if self._seconds_quiet() < _LONGEST_WAY:
            return True
        for answers in awaited:
            answers.clear()
        return False

    def _unanswered(self) -> list[Any]:
        """Return the requests that came, and aren't answered completely. One that was only read isn't among them."""
        return [cycle for cycle in self._cycles if not (cycle.response_complete or cycle.disconnected)]

    def _seconds_quiet(self) -> float:
        return monotonic() - self._last_activity
