"""How other threads meet the loop that serves: they let connections in, and learn when it has nothing left to do."""

from __future__ import annotations

import selectors
from _thread import LockType, allocate_lock
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from socket import socket
from typing import Any

_select: Any = selectors.DefaultSelector.select
"""As it is before virtual time changes it, for the loop's thread is real: it asks several times for each request."""


class Door:
    """Where connections come in. A listener is added and taken away without waking the loop, which costs the most.

    The loop watches a selector of its own that other threads may change. On Windows it has no descriptor to be watched
    by; there the loop itself is woken.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop, self._selector = loop, selectors.DefaultSelector()
        self._is_watched = hasattr(self._selector, "fileno")
        if self._is_watched:
            loop.add_reader(self._selector.fileno(), self._accept)

    def open(self, listening: socket, accept: Callable[[], None]) -> None:
        """Call `accept` on the loop's thread for each connection that comes in there."""
        if self._is_watched:
            self._selector.register(listening, selectors.EVENT_READ, accept)
        else:
            self._loop.call_soon_threadsafe(self._loop.add_reader, listening, accept)

    def shut(self, listening: socket) -> None:
        """Let no more come in, but for one that is just doing so."""
        if self._is_watched:
            self._selector.unregister(listening)
        else:
            self._loop.call_soon_threadsafe(self._loop.remove_reader, listening)

    def close(self) -> None:
        """Give back what it held."""
        self._selector.close()

    def _accept(self) -> None:
        for key, _ in _select(self._selector, 0):
            key.data()


class Selector(selectors.DefaultSelector):
    """The loop's selector, which tells other threads when the loop has nothing left to do.

    That is the case while the loop waits here for what hasn't come; what has come, or is to be done later in a turn
    of the loop, is work. So nothing is guessed, and a look from another thread costs the loop nothing.

    A selector of the kernel's (epoll, kqueue) has a descriptor, which another selector can watch. Windows has none of
    these: there the look is a `select` of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waits, self._looking = False, deque[LockType]()
        self._itself: selectors.BaseSelector | None = None
        if hasattr(self, "fileno"):
            self._itself = selectors.DefaultSelector()
            self._itself.register(self.fileno(), selectors.EVENT_READ)

    def select(self, timeout: float | None = None) -> Any:
        self._waits = timeout is None or timeout > 0
        try:
            while self._waits and self._looking:
                self._looking.popleft().release()
            return _select(self, timeout)
        finally:
            self._waits = False

    def settle(self) -> None:
        """Return when there is nothing to do; a bare lock, for a client's thread may wait, in whatever time."""
        while not self._settled():
            again = allocate_lock()
            again.acquire()
            self._looking.append(again)
            if self._settled():
                return
            again.acquire()

    def close(self) -> None:
        if self._itself is not None:
            self._itself.close()
        super().close()

    def _settled(self) -> bool:
        return self._waits and not _select(self._itself or self, 0)
