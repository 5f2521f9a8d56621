"""The real functions, for whoever must not meet a stand-in: the clock of the machine, its locks, and its waits."""

from __future__ import annotations

import _queue
import _thread
import os
import select
from collections.abc import Callable
from typing import Any

from ..clock import TIME
from .c_functions import copy_of

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
    """A lock for a `with` block that waits in real time, whichever thread takes it, and its owner may take it again.

    A finalizer or a signal handler may come in at any line, so its owner must not wait for itself. The methods are its
    base's own, so what is put in the place of those doesn't reach it.
    """

    __slots__ = ()
    acquire: Any = _thread.RLock.acquire
    release: Any = _thread.RLock.release
    __enter__: Any = _thread.RLock.__enter__
    __exit__: Any = _thread.RLock.__exit__


def writable(descriptor: int) -> bool:
    """Say whether a descriptor takes more, or has been closed."""
    poll = _poll()
    _register(poll, descriptor, select.POLLOUT)
    return bool(_wait_for_poll(poll, 0))


def readable(descriptors: Any, seconds: float | None) -> list[int]:
    """Return those descriptors that have something, or have been closed, within so many real seconds."""
    poll = _poll()
    for descriptor in descriptors:
        _register(poll, descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in _wait_for_poll(poll, None if seconds is None else seconds * 1000)]
