"""Trio in virtual time: runs that a participant's thread begins get a clock that waits on the world."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..clock import SECOND
from ..errors import VirtualTimeError
from .participant import Participant
from .presence import apart, here, taking_part
from .readings import StandIn


def stand_ins() -> Mapping[Any, StandIn]:
    """Return real function → stand-in of what begins each run of Trio; nothing where Trio isn't loaded."""
    return _stand_ins() if "trio" in sys.modules else {}


@cache
def _stand_ins() -> Mapping[Any, StandIn]:
    from trio._core._run import setup_runner

    def with_clock(me: Participant, clock: Any, *args: Any, **kwargs: Any) -> Any:
        """Set up a run with the world's clock, unless it brings its own."""
        return setup_runner(_clock(me) if clock is None else clock, *args, **kwargs)

    return {setup_runner: StandIn(setup_runner, with_clock)}


def _clock(me: Participant) -> Any:
    import trio

    class WorldClock(trio.abc.Clock):
        """Asked how long to sleep, which Trio does when no task can go on, it waits itself.

        A deadline that was reached is past, also where a float is a little more than the nanosecond next to it.
        """

        reached = 0.0

        def start_clock(self) -> None:
            """Nothing: the world's clock has begun."""

        def current_time(self) -> float:
            return max(self.reached, me.world.monotonic() / SECOND)

        def deadline_to_sleep_time(self, deadline: float) -> float:
            due = None if math.isinf(deadline) else me.world.reading(round(deadline * SECOND))
            came = me.world.wait(me, due=due, descriptors=(_descriptor(),))
            if not came and due is not None and me.world.active:
                self.reached = deadline
            return 0.0 if me.world.active else deadline - self.current_time()

    return WorldClock()


def _descriptor() -> int:
    """Return the descriptor that has something whenever one of the run's sockets has."""
    from trio._core._run import GLOBAL_RUN_CONTEXT

    manager = GLOBAL_RUN_CONTEXT.runner.io_manager
    for name in ("_epoll", "_kqueue"):
        if hasattr(manager, name):
            return int(getattr(manager, name).fileno())
    raise VirtualTimeError(f"Virtual time can't reach this kind of Trio loop: {type(manager).__name__}.")


def start_thread_soon(real: Any, cache: Any, work: Any, deliver: Any, *name: Any) -> None:
    """ThreadCache.start_thread_soon: a worker of Trio's takes part while it has a job, until the result is told."""
    me = here()
    if me is None:
        real(cache, work, deliver, *name)
        return
    participant = me.world.join("a worker of Trio's")

    def taking() -> Any:
        with taking_part(participant, leaving=False):
            return work()

    def telling(result: Any) -> None:
        try:
            deliver(result)
        finally:
            participant.world.leave(participant)

    with apart():
        real(cache, taking, telling, *name)


def methods() -> tuple[tuple[type, str, Any], ...]:
    """Return (class, method, stand-in) for Trio's threads; nothing where Trio isn't loaded."""
    if "trio" not in sys.modules:
        return ()
    from trio._core._thread_cache import ThreadCache

    return ((ThreadCache, "start_thread_soon", start_thread_soon),)
