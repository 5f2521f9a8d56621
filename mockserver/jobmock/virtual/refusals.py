"""Refuses calls that virtual time can't reach. The test's own thread gets the error too, not only the caller."""

from __future__ import annotations

from ..errors import VirtualTimeError
from .locations import place_of
from .participant import current_participant


def refuse(message: str) -> None:
    """Raise VirtualTimeError here and in the test's own thread.

    Do nothing in a thread that takes no part, or whose waits take real time.
    """
    if (me := current_participant()) is not None and me.scheduler.takes_no_real_time:
        me.scheduler.fail(VirtualTimeError(f"{message} It was begun in {place_of(me)}."))
        me.scheduler.raise_if_failed()
