"""The clock that this process shares with others, by a connection to a running server.

The server moves the clock once all processes wait. This one waits when all its participants do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ..clock import SECOND
from ..errors import StartError
from ..redaction import redact
from ..virtual.in_flight import InFlight, Traffic
from .clock_connection import ClockConnection
from .control_client import ControlClient

_LOOK_SECONDS = 0.02
"""How often this process looks for work of its own while it waits on the server."""

_MOST_OF_NAME = 200


class SharedClock:
    """A clock that moves once this process and all others wait. It is read without a call."""

    mode, speed, skips_delays = "manual", 0.0, False

    def __init__(self, client: ControlClient, *, keys: Sequence[str] = (), now: int = 0) -> None:
        self._client = client
        self._connection: ClockConnection | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._sources: list[Callable[[], Traffic]] = []
        answer = self._join({"now": now, "keys": [*keys]})
        self.started, self._reading = int(answer["start"]), int(answer["now"])

    def watch(self, connections: InFlight) -> None:
        """Report these connections with each wait."""
        connections.on_connection = self.claim
        self.add_source(connections.traffic)

    def add_source(self, traffic: Callable[[], Traffic]) -> None:
        """Report the connections of another source too."""
        self._sources.append(traffic)

    def claim(self, port: int) -> None:
        """Report a new connection, before a request is sent on it."""
        self._connected().send("claim", port=port)

    def share(self, keys: Sequence[str]) -> None:
        """Give the namespaces of more keys this clock."""
        self._join({"keys": [*keys]})

    def others(self) -> list[int | None]:
        """Return the numbers of the other processes that share the clock; None where a number isn't known."""
        return list(self._join({})["others"])

    def restart(self) -> None:
        """Read start and reading from the server, after a reset."""
        answer = self._join({})
        self.started = int(answer["start"])
        self._set(int(answer["now"]))

    def now(self) -> int:
        """Return the reading in nanoseconds."""
        return self.started + self._reading

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the start."""
        return self._reading

    def advance(self, nanoseconds: int) -> None:
        """Move the clock forward. A client that gets an answer by it reads the new time already."""
        before, self._reading = self._reading, self._reading + nanoseconds
        try:
            self._client.call("POST", "clock/advance", {"seconds": nanoseconds / SECOND})
        except BaseException:
            self._reading = before
            raise
        self._notify()

    def wait(self, due: int) -> float | None:
        """Return 0 if the clock reads `due`, else None."""
        return 0.0 if due <= self.now() else None

    def next_due(self) -> int | None:
        """Return None: the server itself stops at the reading at which it sends an answer that it holds."""
        return None

    def on_change(self, listener: Callable[[], None], due: int | None = None) -> Callable[[], None]:
        """Call `listener` after each move of the clock; the returned function removes it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def move(self, until: int | None, pause: Callable[[float], bool]) -> bool:
        """Wait until the server moves the clock, to `until` or less far, or sends data to this process."""
        traffic, connection = self._traffic(), self._connected()
        reading = None if until is None else max(0, until - self.started)
        try:
            connection.send("wait", until=reading, sent=traffic.sent, read=traffic.read, closed=traffic.closed)
            answer = self._answer(connection, pause)
        except BaseException:
            if self._connection is connection:  # another thread may have closed it, to take part no more
                with suppress(StartError):
                    self._begin_again()
            raise
        self._set(int(answer["now"]))
        return bool(answer.get("reason") != "stalled")

    def close(self) -> None:
        """Take part no more, until the next call."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _answer(self, connection: ClockConnection, pause: Callable[[float], bool]) -> Any:
        """Return the answer of a wait, which is withdrawn if a participant goes on for a reason of its own."""
        was_ready = False
        while not connection.has_answer("reason", _LOOK_SECONDS):
            is_ready = pause(0)
            if was_ready and is_ready:
                connection.send("withdraw")
                break
            was_ready = is_ready
        return connection.answer("reason")

    def _begin_again(self) -> None:
        """Join by another connection, and then close this one, on which an answer may be left."""
        before, self._connection = self._connection, None
        try:
            self._set(int(self._join({})["now"]))
        finally:
            if before is not None:
                before.close()

    def _connected(self) -> ClockConnection:
        if self._connection is None:
            self._connection = ClockConnection(self._client)
        return self._connection

    def _join(self, more: dict[str, Any]) -> Any:
        connection = self._connected()
        name = redact(" ".join(sys.argv))[:_MOST_OF_NAME] or "python"
        connection.send("join", **{"name": name, "pid": os.getpid(), "control": connection.port, **more})
        return connection.answer("start")

    def _traffic(self) -> Traffic:
        """Return the bytes on all connections."""
        if len(self._sources) == 1:
            return self._sources[0]()
        sent: dict[int, int | None] = {}
        read: dict[int, int | None] = {}
        closed: list[int] = []
        for source in self._sources:
            traffic = source()
            sent.update(traffic.sent)
            read.update(traffic.read)
            closed += traffic.closed
        return Traffic(sent, read, closed)

    def _set(self, reading: int) -> None:
        """Take a reading from the server."""
        if reading != self._reading:
            self._reading = reading
            self._notify()

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
