"""Connections with a request that no process has claimed. After a second they are a stranger's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...redaction import redact

_SECONDS = 1.0
"""How long a process has to claim its connection. It does so when it connects, so this is long."""

_MOST_OF_AGENT = 120


class Unclaimed:
    """The unclaimed connections of one clock, by the port of their other end."""

    def __init__(self, on_stranger: Callable[[int, str | None], None]) -> None:
        self._on_stranger = on_stranger
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._strangers: set[int] = set()

    def __bool__(self) -> bool:
        """Whether there is a connection that may still be claimed."""
        return bool(self._timers)

    def add(self, port: int, agent: bytes | None) -> None:
        """Note a request on a connection that no process has claimed. `agent` is its User-Agent."""
        if port not in self._timers and port not in self._strangers:
            self._timers[port] = asyncio.get_running_loop().call_later(_SECONDS, self._give_up, port, agent)

    def claim(self, port: int) -> bool:
        """Note that a process has claimed a connection. Returns whether that was waited for."""
        self._strangers.discard(port)
        timer = self._timers.pop(port, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def close(self) -> None:
        """Report no more strangers."""
        for port in tuple(self._timers):
            self.claim(port)

    def _give_up(self, port: int, agent: bytes | None) -> None:
        del self._timers[port]
        self._strangers.add(port)
        self._on_stranger(port, None if agent is None else redact(agent[:_MOST_OF_AGENT].decode("latin-1")))
