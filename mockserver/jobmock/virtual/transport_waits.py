"""How an answer in process is waited for in virtual time: its client waits, and time moves if all others do too."""

from __future__ import annotations

import asyncio
import sys

from ..clock import SECOND, Clock
from .current import here


class VirtualWaits:
    """Waits for a clock's reading, in nanoseconds, as a participant; who isn't one on that clock advances it."""

    def until(self, clock: Clock, due: int) -> None:
        """Return once the clock reads `due`, in a thread."""
        me = here()
        if me is not None and me.world.clock is clock:
            me.world.wait(me, due=due)
        elif due > clock.now():
            clock.advance(due - clock.now())

    async def auntil(self, clock: Clock, due: int) -> None:
        """Return once the clock reads `due`, in an event loop that tells its time."""
        me = here()
        if me is None or me.world.clock is not clock:
            self.until(clock, due)
        trio = sys.modules.get("trio")
        while (left := due - clock.now()) > 0:
            if trio is not None and trio.lowlevel.in_trio_run():
                await trio.sleep(left / SECOND)
            else:
                await asyncio.sleep(left / SECOND)
