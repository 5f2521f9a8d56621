"""Event loops that a participant's thread runs: asyncio's own are adapted for as long as they run, uvloop's refused.

Adapting the loop, and not its sleeps, puts sleeps, timeouts and cancel scopes of every library on one clock.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from ..clock import SECOND
from ..errors import VirtualTimeError
from . import selects
from .participant import Participant
from .presence import here

_WITH_TIMERS, _BEFORE_TIMERS = 1e-7, -1e-7
_MOST_TURNS = 1_000
_INSTEAD = "run the client on asyncio's own loop, or mark the test time='jumping' or time='real'."


class VirtualSelector:
    """The loop's selector, which waits in virtual time.

    At each moment, all that can go on goes on before a timer of that moment fires: an answer that comes at the very
    end of a timeout is in time. The loop asks for timers with its clock's resolution, which says here which are due.
    """

    def __init__(self, real: Any, loop: Any, me: Participant) -> None:
        self._real, self._loop, self._me = real, loop, me
        self._turns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready; if nothing is, wait until something is or the clock is as far."""
        if not self._me.world.active:
            return self._real.select(timeout)
        events = self._real.select(0)
        self._turns += 1
        if not events and not self._loop._ready and not self._loop._stopping:
            selects.wait(self._me, self._real.fileno(), timeout)
            events = self._real.select(0)
            self._turns = 0
        early = events or self._loop._ready
        self._loop._clock_resolution = _BEFORE_TIMERS if early and self._turns < _MOST_TURNS else _WITH_TIMERS
        return events


def run_forever(real: Any, loop: Any) -> None:
    """BaseEventLoop.run_forever: the loop tells the world's time until it stops."""
    me = here()
    if me is None:
        real(loop)
        return
    selector = getattr(loop, "_selector", None)
    if selector is None or not hasattr(selector, "fileno"):
        _leave_no_trace(loop)
        raise VirtualTimeError(f"Virtual time can't reach the event loop {type(loop).__name__}: {_INSTEAD}")
    world, before = me.world, loop._clock_resolution
    loop._selector = VirtualSelector(selector, loop, me)
    loop.time = lambda: world.monotonic() / SECOND
    try:
        real(loop)
    finally:
        loop._selector, loop._clock_resolution = selector, before
        del loop.time


def refuse(real: Any, loop: Any) -> None:
    """uvloop.Loop.run_forever: it has a clock of its own that nothing can be put in place of."""
    if here() is not None:
        _leave_no_trace(loop)
        raise VirtualTimeError(f"uvloop keeps its own time, which virtual time can't reach: {_INSTEAD}")
    real(loop)


def _leave_no_trace(loop: Any) -> None:
    """Close what the loop was to run, so that no warning about it covers the error."""
    for task in asyncio.all_tasks(loop):
        coroutine: Any = task.get_coro()
        held = coroutine.cr_frame.f_locals.values() if coroutine.cr_frame else ()
        for inner in (*held, coroutine):
            if asyncio.iscoroutine(inner):
                inner.close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]


def methods() -> tuple[tuple[type, str, Any], ...]:
    """Return (class, method, stand-in) of the loops that are loaded."""
    asyncios = ((asyncio.base_events.BaseEventLoop, "run_forever", run_forever),)
    uvloop = sys.modules.get("uvloop")
    return (*asyncios, (uvloop.Loop, "run_forever", refuse)) if uvloop else asyncios
