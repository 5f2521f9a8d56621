"""The clock that this process shares with others, by a running server's control calls `clock/join` and `clock/wait`.

The server moves the clock once all processes wait. This one waits when all its participants do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any

from ..clock import SECOND
from ..errors import StartError
from ..redaction import redact
from ..virtual.in_flight import InFlight, Traffic
from .control_client import ControlClient

_ANSWER_SECONDS = 0.002
"""How long an answer is waited for before the server is told that this process waits: most answers come at once."""
_LOOK_SECONDS = 0.02
"""How often this process looks for work of its own while it waits on the server."""

_MOST_OF_NAME = 200


class SharedClock:
    """A clock that moves once this process and all others wait. It is read without a call."""

    mode, speed, skips_delays = "manual", 0.0, False

    def __init__(self, client: ControlClient, *, keys: Sequence[str] = (), now: int = 0) -> None:
        self._client, self._process = client, f"{os.getpid()}-{token_hex(8)}"
        self._listeners: set[Callable[[], None]] = set()
        self._sources: list[Callable[[], Traffic]] = []
        self._last = Traffic({}, {}, ())
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
        self._client.post("clock/join", self._identity(port=port))

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
        traffic = self._traffic()
        if self._awaits_answer(traffic):
            if pause(_ANSWER_SECONDS):
                return True
            traffic = self._traffic(traffic)
        self._last = traffic
        body = {"process": self._process, "until": None if until is None else max(0, until - self.started)}
        try:
            self._client.begin("POST", "clock/wait", {**body, **traffic._asdict()})
            answer = self._await_answer(pause)
        except BaseException:
            with suppress(StartError):
                self._abandon()
            raise
        if answer is None:
            answer = self._abandon()
        self._set(int(answer["now"]))
        return bool(answer.get("reason") != "stalled")

    def _await_answer(self, pause: Callable[[float], bool]) -> Any:
        """Return the answer of a wait; None if a participant goes on for a reason that the server doesn't know."""
        was_ready = False
        while not self._client.has_answer(_LOOK_SECONDS):
            is_ready = pause(0)
            if was_ready and is_ready:
                return None
            was_ready = is_ready
        return self._client.end("POST", "clock/wait")

    def _abandon(self) -> Any:
        """End a wait that was sent: this process is at work again. Returns the reading, as an answer has it."""
        before = self._client.renew()
        try:
            return self._join({})
        finally:
            if before is not None:
                with suppress(OSError):
                    before.close()

    def _join(self, more: dict[str, Any]) -> Any:
        return self._client.call("POST", "clock/join", self._identity(**more))

    def _identity(self, **more: Any) -> dict[str, Any]:
        name = redact(" ".join(sys.argv))[:_MOST_OF_NAME] or "python"
        control = self._client.local_port
        return {"process": self._process, "name": name, "pid": os.getpid(), "control": control, **more}

    def _traffic(self, before: Traffic | None = None) -> Traffic:
        """Return the bytes on all connections. What was closed in a report that wasn't sent is in this one."""
        sent: dict[int, int | None] = {}
        read: dict[int, int | None] = {}
        closed = [] if before is None else [*before.closed]
        for source in self._sources:
            traffic = source()
            sent.update(traffic.sent)
            read.update(traffic.read)
            closed += traffic.closed
        return Traffic(sent, read, closed)

    def _awaits_answer(self, traffic: Traffic) -> bool:
        """Return whether data was sent on a connection since the last wait, and none was read from it."""
        last = self._last
        return any(
            count != last.sent.get(port) and traffic.read[port] == (last.read.get(port) or 0)
            for port, count in traffic.sent.items()
        )

    def _set(self, reading: int) -> None:
        """Take a reading from the server."""
        if reading != self._reading:
            self._reading = reading
            self._notify()

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
