"""Who waits for a lock or a queue in virtual time: each has a signal, given to whoever has waited longest."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import real
from .participant import Signal

_mutex = real.Mutex()
waiting: dict[int, deque[Signal]] = {}
"""By the id of the lock or queue, which whoever waits keeps alive."""


@contextmanager
def waiting_for(thing: object, is_free: Callable[[], bool]) -> Iterator[Signal]:
    """Wait for a lock or a queue for the length of a `with` block.

    A signal that came too late for this one is passed on, where the thing `is_free` for the next.
    """
    signal, key = Signal(), id(thing)
    with _mutex:
        waiting.setdefault(key, deque()).append(signal)
    try:
        yield signal
    finally:
        with _mutex:
            row = waiting.get(key, deque())
            told = signal not in row
            if not told:
                row.remove(signal)
            if not row:
                waiting.pop(key, None)
        if told and is_free():
            tell(thing)


def is_waited_for(thing: object) -> bool:
    """Say whether a participant waits for it."""
    return id(thing) in waiting


def tell(thing: Any) -> None:
    """Give the signal of whoever has waited longest, if anybody waits."""
    if waiting and (row := waiting.get(id(thing))):
        try:
            row.popleft().give()
        except IndexError:
            return


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=waiting.clear)
