"""Two-sided virtual time: the sleeps and clock readings of a client move, and are told by, a namespace's clock.

It reaches the calling thread and those it starts, never the server's or other tests' threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..clock import Clock
from .placing import in_place
from .presence import apart, here, taking_part
from .waits import VirtualWaits
from .world import World

__all__ = ["VirtualWaits", "World", "apart", "come_by", "coupled"]


@contextmanager
def coupled(
    clock: Clock, *, settle: Callable[[], None] = lambda: None, ports: set[int] | None = None
) -> Iterator[World]:
    """Put the calling thread, and those it starts, on `clock` for the length of a `with` block.

    `settle` returns when the server has done what it can without time passing; `ports` are the server's. Raises
    VirtualTimeError in the client's own call where virtual time can't reach it.
    """
    world = World(clock, settle, ports)
    with in_place(), taking_part(world.join(threading.current_thread().name)):
        try:
            yield world
        finally:
            world.end()


def come_by() -> None:
    """Raise VirtualTimeError where the calling thread has really slept since it last came by."""
    me = here()
    if me is not None:
        me.stall.check()
