"""Puts the stand-ins in place of real functions and methods while any world goes on, and takes them out after the last.

Each of them asks whose thread it is called in, so one placing serves all worlds.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from . import locks, loops, pools, readings, selects, sockets, threads, trios
from .sites import Sites

_INHERITED = object()
_sites = Sites({**readings.STAND_INS, **locks.STAND_INS})
_placing = allocate_lock()


class _Placed:
    """What is in place just now, and for how many."""

    def __init__(self) -> None:
        self.users = 0
        self.methods: set[tuple[type, str]] = set()
        self.back = ExitStack()

    def enter(self) -> None:
        """Put in place what isn't yet: a library may have been loaded since."""
        self.users += 1
        if self.users == 1:
            self.back.callback(_sites.clear)
            self.back.enter_context(readings.wall_clock())
        _sites.add(trios.stand_ins())
        _sites.fill()
        for owner, name, virtual in _methods():
            if (owner, name) not in self.methods:
                self._replace(owner, name, virtual)

    def leave(self) -> None:
        """Put everything back once nobody needs it."""
        self.users -= 1
        if not self.users:
            self.back.close()
            self.methods.clear()

    def _replace(self, owner: type, name: str, virtual: Any) -> None:
        self.methods.add((owner, name))
        self.back.callback(_put_back, owner, name, vars(owner).get(name, _INHERITED))
        setattr(owner, name, _method(virtual, getattr(owner, name)))


_placed = _Placed()


@contextmanager
def in_place() -> Iterator[None]:
    """Have the stand-ins in place for the length of a `with` block."""
    with _placing:
        _placed.enter()
    try:
        yield
    finally:
        with _placing:
            _placed.leave()


def _methods() -> tuple[tuple[type, str, Any], ...]:
    known = (*threads.METHODS, *sockets.METHODS, *selects.METHODS)
    return (*known, *pools.methods(), *loops.methods(), *trios.methods())


def _method(virtual: Any, real: Any) -> Any:
    @wraps(real)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return virtual(real, self, *args, **kwargs)

    return method


def _put_back(owner: type, name: str, real: Any) -> None:
    if real is _INHERITED:
        delattr(owner, name)
    else:
        setattr(owner, name, real)
