"""How an answer is waited for that comes later on the namespace's clock."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import Protocol

from ..clock import SECOND, Clock


class Waits(Protocol):
    """Waits for a clock's reading, given in nanoseconds, in a thread and in an event loop."""

    def until(self, clock: Clock, due: int) -> None:
        """Return once the clock reads `due`."""

    async def auntil(self, clock: Clock, due: int) -> None:
        """Return once the clock reads `due`."""


class AdvanceOrSleep(Waits):
    """Advances a clock that stands still, and sleeps until one that runs is as far."""

    def until(self, clock: Clock, due: int) -> None:
        while left := _left(clock, due):
            time.sleep(left)

    async def auntil(self, clock: Clock, due: int) -> None:
        while left := _left(clock, due):
            await _sleep(left)


async def checkpoint() -> None:
    """Let the event loop go round once, as every request on a socket does: others have their turn, timeouts fire."""
    await _sleep(0)


_advancing = threading.Lock()


def _left(clock: Clock, due: int) -> float:
    """Return the real seconds that are left, 0 once the reading is `due`; a clock that stands still is advanced."""
    with _advancing:
        left = max(0, due - clock.now())
        if left and clock.speed == 0.0:
            clock.advance(left)
            return 0.0
    return left / SECOND / (clock.speed or 1.0)


async def _sleep(seconds: float) -> None:
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        await trio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
