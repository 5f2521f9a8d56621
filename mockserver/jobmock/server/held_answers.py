"""Holds delayed answers until their namespace's clock has reached their time, or the server ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Receive

from ..clock_protocol import ClockLike


class HeldAnswers:
    """The delayed answers of one application."""

    def __init__(self) -> None:
        self._waking: set[Callable[[], None]] = set()
        self.busy = 0
        """How many requests are being handled now, without those that are held."""
        self.control_calls = 0
        """How many control calls are being answered now."""
        self._ended: asyncio.AbstractEventLoop | None = None

    @property
    def held(self) -> int:
        """How many answers wait now."""
        return len(self._waking)

    @property
    def ended(self) -> bool:
        """Whether the server of the running loop ends, so that nothing is held."""
        return self._ended is asyncio.get_running_loop()

    async def until(self, clock: ClockLike, due: int, receive: Receive) -> bool:
        """Wait until the clock reads `due`, or until `release`. Returns False if the client leaves first."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        stop = clock.on_change(lambda: _wake(loop, changed), due)
        try:
            while (wait := clock.wait(due)) != 0 and self._ended is not loop:
                if not await self._wait(changed, wait, receive):
                    return False
            return True
        finally:
            stop()

    async def gone(self, receive: Receive) -> bool:
        """Wait until the client leaves. Returns False if `release` comes first."""
        loop, released = asyncio.get_running_loop(), asyncio.Event()
        while self._ended is not loop:
            if not await self._wait(released, None, receive):
                return True
        return False

    def release(self) -> None:
        """Send every held answer of the running loop now, and hold none from now on: its server ends."""
        self._ended = asyncio.get_running_loop()
        for wake in tuple(self._waking):
            wake()

    async def _wait(self, changed: asyncio.Event, wait: float | None, receive: Receive) -> bool:
        """Wait `wait` real seconds, or until `changed`. Returns False if the client leaves first."""
        left, waiting = asyncio.ensure_future(client_left(receive)), asyncio.ensure_future(changed.wait())
        self._waking.add(changed.set)
        self.busy -= 1
        try:
            await asyncio.wait((waiting, left), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            changed.clear()
            return not left.done()
        finally:
            self.busy += 1
            self._waking.discard(changed.set)
            waiting.cancel()
            left.cancel()


def _wake(loop: asyncio.AbstractEventLoop, changed: asyncio.Event) -> None:
    loop.call_soon_threadsafe(changed.set)


async def client_left(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
