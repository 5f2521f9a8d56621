"""Event loops that a participant's thread runs: asyncio's own are adapted for as long as they run, uvloop's refused.

Adapting the loop, and not its sleeps, puts sleeps, timeouts and cancel scopes of every library on one clock.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from ..clock import SECOND
from ..errors import VirtualTimeError
from .world import Participant, here

_RESOLUTION = 1e-9
_INSTEAD = "run the client on asyncio's own loop, or mark the test time='jumping' or time='real'."


class VirtualSelector:
    """The loop's selector, which waits in virtual time."""

    def __init__(self, real: Any, me: Participant) -> None:
        self._real, self._me = real, me

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready; if nothing is, wait until something is or the clock is as far."""
        events = self._real.select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        world = self._me.world
        due = None if timeout is None else world.reading(round((world.monotonic() / SECOND + timeout) * SECOND))
        world.wait(self._me, due=due, descriptor=self._real.fileno())
        return self._real.select(0)


def run_forever(real: Any, loop: Any) -> None:
    """BaseEventLoop.run_forever: the loop tells the world's time until it stops."""
    me = here()
    if me is None:
        real(loop)
        return
    selector = getattr(loop, "_selector", None)
    if selector is None or not hasattr(selector, "fileno"):
        raise VirtualTimeError(f"Virtual time can't reach the event loop {type(loop).__name__}: {_INSTEAD}")
    world, before = me.world, loop._clock_resolution
    loop._selector, loop._clock_resolution = VirtualSelector(selector, me), _RESOLUTION
    loop.time = lambda: world.monotonic() / SECOND
    try:
        real(loop)
    finally:
        loop._selector, loop._clock_resolution = selector, before
        del loop.time


def refuse(real: Any, loop: Any) -> None:
    """uvloop.Loop.run_forever: it has a clock of its own that nothing can be put in place of."""
    if here() is not None:
        raise VirtualTimeError(f"uvloop keeps its own time, which virtual time can't reach: {_INSTEAD}")
    real(loop)


def methods() -> tuple[tuple[type, str, Any], ...]:
    """Return (class, method, stand-in) of the loops that are loaded."""
    asyncios = ((asyncio.base_events.BaseEventLoop, "run_forever", run_forever),)
    uvloop = sys.modules.get("uvloop")
    return (*asyncios, (uvloop.Loop, "run_forever", refuse)) if uvloop else asyncios
