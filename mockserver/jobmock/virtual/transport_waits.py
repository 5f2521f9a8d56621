"""How a client waits for an answer in process: as a participant, so the clock moves once all others wait too."""

from __future__ import annotations

import asyncio
import sys

from ..clock import SECOND
from ..clock_protocol import ClockLike
from .participant import current_participant


class VirtualWaits:
    """Waits for a reading of a clock, in nanoseconds. A thread that takes no part on this clock advances it."""

    def until(self, clock: ClockLike, due: int) -> None:
        """Return once the clock reads `due`, in a thread."""
        me = current_participant()
        if me is not None and me.scheduler.clock is clock:
            me.scheduler.wait(me, deadline=due)
        elif due > clock.now():
            clock.advance(due - clock.now())

    async def auntil(self, clock: ClockLike, due: int) -> None:
        """Return once the clock reads `due`, in an event loop on this clock."""
        me = current_participant()
        if me is None or me.scheduler.clock is not clock:
            self.until(clock, due)
        trio = sys.modules.get("trio")
        while (left := due - clock.now()) > 0:
            if trio is not None and trio.lowlevel.in_trio_run():
                await trio.sleep(left / SECOND)
            else:
                await asyncio.sleep(left / SECOND)
