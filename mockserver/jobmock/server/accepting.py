"""Accepts connections in the server's loop, and lets other threads wait until the loop has nothing to do."""

from __future__ import annotations

import select
import selectors
from _thread import LockType, allocate_lock
from asyncio import AbstractEventLoop, SelectorEventLoop
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

from .name_lookup import look_up

_select: Any = selectors.DefaultSelector.select
"""The function before virtual time replaces it: the loop's thread is real, and calls it several times a request."""
_poll: Any = getattr(getattr(select, "epoll", None), "poll", None)
"""The method before virtual time replaces it. A selector takes four times as long to look once."""


class Acceptor:
    """The listening sockets of a loop. Sockets are added and removed without waking the loop, which is slowest.

    They are in a selector of their own that the loop watches and other threads may change. On Windows a selector can't
    be watched; there the loop is woken.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop, self._selector = loop, selectors.DefaultSelector()
        self._is_watched = hasattr(self._selector, "fileno")
        if self._is_watched:
            loop.add_reader(self._selector.fileno(), self._accept)

    def open(self, listening: socket, accept: Callable[[], None]) -> None:
        """Call `accept` in the loop's thread for each connection of a listening socket."""
        if self._is_watched:
            self._selector.register(listening, selectors.EVENT_READ, accept)
        else:
            self._loop.call_soon_threadsafe(self._loop.add_reader, listening, accept)

    def shut(self, listening: socket) -> None:
        """Accept no more connections of a socket, except one that is being accepted now."""
        if self._is_watched:
            self._selector.unregister(listening)
        else:
            self._loop.call_soon_threadsafe(self._loop.remove_reader, listening)

    def close(self) -> None:
        """Close the selector."""
        self._selector.close()

    def _accept(self) -> None:
        for key, _ in _select(self._selector, 0):
            key.data()


class Selector(selectors.DefaultSelector):
    """The loop's selector. Other threads can wait here until the loop has nothing left to do.

    The loop has nothing to do while it waits in `select` and no event is ready. This is certain, and waiting
    from another thread costs the loop nothing.

    epoll and kqueue have a file descriptor that another selector can watch. Windows has neither: there another thread
    calls `select` itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waits, self._turn, self._waiters = False, 0, deque[LockType]()
        self._outside_work = 0
        self._watcher: Any = None
        if hasattr(self, "fileno"):
            self._watcher = selectors.DefaultSelector() if _poll is None else select.epoll()
            self._watcher.register(self.fileno(), selectors.EVENT_READ)  # which is EPOLLIN

    def select(self, timeout: float | None = None) -> Any:
        self._turn += 1
        self._waits = timeout is None or timeout > 0
        try:
            while self._waits and self._waiters and not self._outside_work:
                self._waiters.popleft().release()
            return _select(self, timeout)
        finally:
            self._waits = False

    @contextmanager
    def outside_work(self) -> Iterator[None]:
        """Let the loop count as busy while it waits for its own work in another thread."""
        self._outside_work += 1
        try:
            yield
        finally:
            self._outside_work -= 1

    def settle(self) -> int:
        """Return when the loop has nothing to do: the number of its wait, which changes when it does anything.

        The caller waits with a bare lock, as virtual time replaces other waits.
        """
        while not (settled := self._settled()):
            again = allocate_lock()
            again.acquire()
            self._waiters.append(again)
            if settled := self._settled():
                break
            again.acquire()
        return settled

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
        super().close()

    def _settled(self) -> int:
        """Return the number of the loop's wait if the loop waits and no event is ready, both in the same wait; else 0.

        In between the loop might wake, and take an event before it is looked for.
        """
        turn = self._turn
        if self._outside_work or not self._waits or self._has_events():
            return 0
        return turn if self._waits and self._turn == turn else 0

    def _has_events(self) -> bool:
        if _poll is not None and self._watcher is not None:
            return bool(_poll(self._watcher, 0, 1))
        try:
            return bool(_select(self._watcher or self, 0))
        except OSError:  # on Windows: the loop has just closed one of the sockets, so it is at work
            return True


class Loop(SelectorEventLoop):
    """An event loop with such a selector."""

    def __init__(self) -> None:
        self.selector = Selector()
        super().__init__(self.selector)

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> Any:
        """Look a name up without the loop's pool of threads."""
        return await look_up(host, port, **more)
