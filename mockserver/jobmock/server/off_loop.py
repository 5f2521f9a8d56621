"""Runs functions in threads, so that the loop can answer other requests meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar
from weakref import WeakKeyDictionary

from ..errors import JobmockError
from .accepting import Loop

_AT_ONCE = 2
"""So many functions run at once in a loop's threads. More would be no quicker, because one of them runs at a time."""
Made = TypeVar("Made")


class ServerEnds(JobmockError):
    """Raised for work that hasn't begun when the server ends. What has begun is finished: it can't be interrupted."""


class _Work:
    """The work of one loop in other threads."""

    def __init__(self) -> None:
        self.turns, self.has_ended = asyncio.Semaphore(_AT_ONCE), False


_work: WeakKeyDictionary[asyncio.AbstractEventLoop, _Work] = WeakKeyDictionary()


async def off_loop(make: Callable[[], Made]) -> Made:
    """Return what a function returns that runs in a thread. Virtual time takes the waiting loop for busy.

    Raises ServerEnds if the server ends before its turn comes.
    """
    loop = asyncio.get_running_loop()
    work = _work.setdefault(loop, _Work())
    with loop.selector.outside_work() if isinstance(loop, Loop) else nullcontext():
        async with work.turns:
            if work.has_ended:
                raise ServerEnds("The server ends.")
            return await asyncio.to_thread(make)


def end_work() -> None:
    """Begin no more work of the running loop: its server ends."""
    _work.setdefault(asyncio.get_running_loop(), _Work()).has_ended = True
