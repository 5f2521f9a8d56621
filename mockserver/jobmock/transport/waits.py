"""How the transport waits for an answer that is due later on the namespace's clock."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import Protocol

from ..clock_protocol import ClockLike


class Waits(Protocol):
    """Waits until a clock reads a time in nanoseconds, in a thread or in an event loop."""

    def until(self, clock: ClockLike, due: int) -> None:
        """Return once the clock reads `due`."""

    async def auntil(self, clock: ClockLike, due: int) -> None:
        """Return once the clock reads `due`."""


class AdvanceOrSleep(Waits):
    """Advances a clock that stands still or skips delays, and sleeps for any other one."""

    def until(self, clock: ClockLike, due: int) -> None:
        while left := _left(clock, due):
            time.sleep(left)

    async def auntil(self, clock: ClockLike, due: int) -> None:
        while left := _left(clock, due):
            await _sleep(left)


async def checkpoint() -> None:
    """Give other tasks a turn, as every request on a socket does, and let timeouts fire."""
    await _sleep(0)


def current_task() -> str | int | None:
    """Return a name of the running task that no other task has: that of asyncio, or the number of one of trio."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return id(trio.lowlevel.current_task())
    task = asyncio.current_task()
    return None if task is None else task.get_name()


_advancing = threading.Lock()


def _left(clock: ClockLike, due: int) -> float:
    """Return the real seconds until the clock reads `due`. A clock that stands still is advanced: 0 seconds."""
    with _advancing:
        left = clock.wait(due)
        if left is None:
            clock.advance(max(0, due - clock.now()))
    return left or 0.0


async def _sleep(seconds: float) -> None:
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        await trio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
