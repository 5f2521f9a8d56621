"""The real functions, for code that must not call the replaced ones: the system's clock, locks and waits."""

from __future__ import annotations

import _queue
import _thread
import os
import select
from collections.abc import Callable
from typing import Any

from ..clock import TIME
from .builtin_functions import copy_of

sleep: Callable[[float], None] = TIME.sleep
monotonic_ns: Callable[[], int] = TIME.monotonic_ns
start_new_thread: Callable[..., Any] = copy_of(_thread.start_new_thread)
read: Callable[[int, int], bytes] = copy_of(os.read)
acquire: Callable[..., bool] = _thread.LockType.acquire
release: Callable[..., None] = _thread.LockType.release
queue_get: Any = _queue.SimpleQueue.get
_poll: Any = getattr(select, "poll", None)
_wait_for_poll: Any = type(_poll()).poll if _poll else None
_register: Any = type(_poll()).register if _poll else None


class Mutex(_thread.RLock):  # type: ignore[misc]
    """A reentrant lock for `with` blocks that waits in real time in every thread.

    A finalizer or a signal handler may run at any line, so the owner must be able to take the lock again. The methods
    are those of the base class, so they aren't replaced.
    """

    __slots__ = ()
    acquire: Any = _thread.RLock.acquire
    release: Any = _thread.RLock.release
    __enter__: Any = _thread.RLock.__enter__
    __exit__: Any = _thread.RLock.__exit__


def writable(descriptor: int) -> bool:
    """Return whether a descriptor takes more data, or has been closed."""
    poll = _poll()
    _register(poll, descriptor, select.POLLOUT)
    return bool(_wait_for_poll(poll, 0))


def readable(descriptors: Any, seconds: float | None) -> list[int]:
    """Return the descriptors that have data, or have been closed, within so many real seconds."""
    if _poll is None:
        return select.select(descriptors, [], [], seconds)[0]
    poll = _poll()
    for descriptor in descriptors:
        _register(poll, descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in _wait_for_poll(poll, None if seconds is None else seconds * 1000)]
