"""The process of the server itself, as one of those that share a clock: that of a test with its child processes."""

from __future__ import annotations

import asyncio
import os
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from functools import partial

from ...clock_protocol import Pause
from ...virtual.current import in_real_time
from ..listeners import Host
from .group import Group
from .process import Outcome, Process, Wait, earliest

_PAUSE_SECONDS = 0.02
"""How often this process looks for work of its own that wakes nobody."""


class OwnProcess:
    """This process, whose `host` serves the clock. It moves the clock together with the others."""

    def __init__(self, group: Group, name: str, host: Host) -> None:
        self._group, self._host = group, host
        self._seen = -1
        self._connection = _NoConnection()
        self._process = Process("own", name, os.getpid(), self._connection)
        self._call(lambda: group.join(self._process, 0))

    @property
    def others(self) -> Sequence[Process]:
        """The other processes."""
        return [one for one in self._group.processes if one is not self._process]

    def claim(self, port: int) -> None:
        """Note a connection of this process to the server, before a request is sent on it. Called in any thread."""
        self._host.call_soon(lambda: self.claim_now(port))

    def claim_now(self, port: int) -> None:
        """Note a connection of this process. Called in the loop's thread."""
        self._group.claim(self._process, (port,))

    def leave(self) -> None:
        """Take part no more."""
        self._connection.abort()
        self._call(self._group.remove_gone)

    def next_due(self) -> int | None:
        """Return the earliest reading for which another process waits, if all others wait."""
        others = self.others
        due = earliest(others) if all(process.wait for process in others) else None
        return None if due is None else self._group.clock.started + due

    def move(self, until: int | None, pause: Pause) -> bool:
        """Wait until the clock moves, or another process does anything that this one may see; see `Mover`."""
        if until is None and not self.others:
            return False
        outcomes: list[Outcome | None] = []

        def note(answer: asyncio.Future[Outcome | None]) -> None:
            self._seen = self._group.changes
            outcomes.append(None if answer.cancelled() else answer.result())
            pause.wake()

        self._host.call_soon(partial(self._begin, until, note))
        while not outcomes:
            if pause(_PAUSE_SECONDS) and not outcomes:
                self._call(self._take_back)
                break
        return True

    def _call(self, function: Callable[[], object]) -> None:
        """Call a function in the loop's thread, and return when it has returned."""
        returned = allocate_lock()

        def call() -> None:
            try:
                function()
            finally:
                returned.release()

        with in_real_time():
            returned.acquire()
            self._host.call_soon(call)
            returned.acquire()

    def _begin(self, until: int | None, note: Callable[[asyncio.Future[Outcome | None]], None]) -> None:
        answer = asyncio.get_running_loop().create_future()
        answer.add_done_callback(note)
        ahead = None if until is None else max(0, until - self._group.clock.started)
        self._group.wait(self._process, Wait(ahead, {}, {}, answer.set_result, self._seen))

    def _take_back(self) -> None:
        self._process.answer(self._group.clock.elapsed, "replaced")


class _NoConnection:
    """Stands for the control connection of a process that needs none."""

    def __init__(self) -> None:
        self._is_closing = False

    def is_closing(self) -> bool:
        return self._is_closing

    def abort(self) -> None:
        self._is_closing = True
