"""Two-sided virtual time: the sleeps and clock readings of a client move, and are told by, a namespace's clock.

It reaches the calling thread and those it starts, never the server's or other tests' threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..clock import Clock
from . import alarms, loops
from .current import apart, here, taking_part
from .in_flight import Ends, no_ends
from .install import in_place
from .interrupt import interruptible
from .thread_ending import stop
from .transport_waits import VirtualWaits
from .watchdog import Watchdog, name_dead_end
from .world import World

__all__ = ["VirtualWaits", "World", "apart", "coupled", "here"]

_watchdog = Watchdog()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_watchdog.__init__)  # type: ignore[misc]


@contextmanager
def coupled(
    clock: Clock, *, settle: Callable[[], object] = lambda: None, ports: set[int] | None = None,
    ends: Ends = no_ends,
) -> Iterator[World]:  # fmt: skip
    """Put the calling thread, and those it starts, on `clock` for the length of a `with` block.

    `settle` returns when the server has done what it can without time passing; its result changes whenever the server
    has done anything. `ports` are the server's, and `ends` returns its connections. Raises VirtualTimeError in the
    client's own call where virtual time can't reach it, and at the beginning where the system can't have it.
    """
    with in_place():
        world = World(clock, settle, ports)
        world.pace.other_servers.in_flight.ends = ends
        world.dead_end = name_dead_end(world)
        own = world.join(threading.current_thread().name)
        try:
            with interruptible(world), taking_part(own):
                _watchdog.watch(world)
                yield world
                world.check()
        finally:
            stop(world)
            world.end()
            _watchdog.leave(world)
            loops.leave(world)
            alarms.leave(world)
