"""How an answer in process is waited for in virtual time: its client waits, and time moves if all others do too."""

from __future__ import annotations

import asyncio
import sys

from ..clock import SECOND, Clock
from .participant import current_participant


class VirtualWaits:
    """Waits for a clock's reading, in nanoseconds, as a participant; who isn't one on that clock advances it."""

    def until(self, clock: Clock, due: int) -> None:
        """Return once the clock reads `due`, in a thread."""
        me = current_participant()
        if me is not None and me.scheduler.clock is clock:
            me.scheduler.wait(me, deadline=due)
        elif due > clock.now():
            clock.advance(due - clock.now())

    async def auntil(self, clock: Clock, due: int) -> None:
        """Return once the clock reads `due`, in an event loop that tells its time."""
        me = current_participant()
        if me is None or me.scheduler.clock is not clock:
            self.until(clock, due)
        trio = sys.modules.get("trio")
        while (left := due - clock.now()) > 0:
            if trio is not None and trio.lowlevel.in_trio_run():
                await trio.sleep(left / SECOND)
            else:
                await asyncio.sleep(left / SECOND)
