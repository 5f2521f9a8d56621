"""Runs a function in a thread, so that the loop can answer other requests meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from .accepting import Loop

Made = TypeVar("Made")


async def off_loop(make: Callable[[], Made]) -> Made:
    """Return what a function returns that runs in a thread. Virtual time takes the waiting loop for busy."""
    loop = asyncio.get_running_loop()
    with loop.selector.outside_work() if isinstance(loop, Loop) else nullcontext():
        return await asyncio.to_thread(make)
