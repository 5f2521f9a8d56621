"""Holds answers until the namespace's clock is as far: they go on when time passes, is advanced, or the server ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Receive

from .clock import Clock


class Holds:
    """The answers that one application holds."""

    def __init__(self) -> None:
        self._waking: set[Callable[[], None]] = set()

    async def until(self, clock: Clock, due: int, receive: Receive) -> bool:
        """Wait until the clock reads `due`, or until `release`; False if the client leaves first."""
        loop, changed, released = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        def let_go() -> None:
            released.set()
            changed.set()

        stop, left = clock.on_change(wake), asyncio.ensure_future(client_left(receive))
        self._waking.add(let_go)
        try:
            while not released.is_set() and (wait := clock.wait(due)) != 0:
                waiting = asyncio.ensure_future(changed.wait())
                await asyncio.wait((waiting, left), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                changed.clear()
                if left.done():
                    return False
            return True
        finally:
            self._waking.discard(let_go)
            stop()
            left.cancel()

    def release(self) -> None:
        """Let every answer that is held now go, from the server's own loop."""
        for let_go in tuple(self._waking):
            let_go()


async def client_left(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
