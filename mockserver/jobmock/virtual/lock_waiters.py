"""The participants that wait for a lock or a queue in virtual time, the longest wait first."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import real
from .waiter import Event

_mutex = real.Mutex()
waiters: dict[int, deque[Event]] = {}
"""The events of the waits, by the id of the lock or queue. The waiting threads keep that object alive."""


@contextmanager
def waiting_for(resource: object, is_free: Callable[[], bool]) -> Iterator[Event]:
    """Wait for a lock or a queue for the length of a `with` block, which gets the event.

    If the event is set too late for this wait, and the resource `is_free`, the next wait gets it.
    """
    event, key = Event(), id(resource)
    with _mutex:
        waiters.setdefault(key, deque()).append(event)
    try:
        yield event
    finally:
        with _mutex:
            queue = waiters.get(key, deque())
            was_set = event not in queue
            if not was_set:
                queue.remove(event)
            if not queue:
                waiters.pop(key, None)
        if was_set and is_free():
            wake_next(resource)


def has_waiter(resource: object) -> bool:
    """Return whether a participant waits for a lock or queue."""
    return id(resource) in waiters


def wake_next(resource: Any) -> None:
    """Set the event of the longest wait, if there is any."""
    if waiters and (queue := waiters.get(id(resource))):
        try:
            queue.popleft().set()
        except IndexError:
            return


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=waiters.clear)
