"""Two-sided virtual time: the sleeps and clock readings of a client move, and are told by, a namespace's clock.

It reaches the calling thread and those it starts, never the server's or other tests' threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..clock import Clock
from . import loops, pools, readings, sockets, threads, trios
from .sites import Sites
from .world import World, here, taking_part

__all__ = ["World", "coupled", "here"]

_sites = Sites(readings.STAND_INS)


@contextmanager
def coupled(
    clock: Clock, *, settle: Callable[[], None] = lambda: None, ports: set[int] | None = None
) -> Iterator[World]:
    """Put the calling thread, and those it starts, on `clock` for the length of a `with` block.

    `settle` returns when the server has done what it can without time passing; `ports` are the server's. Raises
    VirtualTimeError in the client's own call where virtual time can't reach it.
    """
    world = World(clock, settle, ports)
    with _in_place(), readings.wall_clock(), taking_part(world.join(threading.current_thread().name)):
        try:
            yield world
        finally:
            world.end()


@contextmanager
def _in_place() -> Iterator[None]:
    """Put every stand-in in place; each asks whose thread it is called in."""
    _sites.add(trios.stand_ins())
    _sites.fill()
    methods = [(owner, name, getattr(owner, name)) for owner, name, _ in _methods()]
    for (owner, name, virtual), (_, _, real) in zip(_methods(), methods, strict=True):
        setattr(owner, name, _method(virtual, real))
    try:
        yield
    finally:
        for owner, name, real in methods:
            setattr(owner, name, real)
        _sites.clear()


def _methods() -> tuple[tuple[type, str, Any], ...]:
    return (*threads.METHODS, *pools.METHODS, *sockets.METHODS, *loops.methods())


def _method(virtual: Any, real: Any) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return virtual(real, self, *args, **kwargs)

    return method
