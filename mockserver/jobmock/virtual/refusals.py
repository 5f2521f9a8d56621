"""Refuses what virtual time can't reach, so that it is told in the test and not only in the thread that called it."""

from __future__ import annotations

from ..errors import VirtualTimeError
from .current import here
from .locations import place_of


def refuse(message: str) -> None:
    """Raise VirtualTimeError here, and in the test's own thread; do nothing where nobody takes part."""
    if (me := here()) is not None:
        me.world.fail(VirtualTimeError(f"{message} It was begun in {place_of(me)}."))
        me.world.check()
