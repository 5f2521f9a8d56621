"""Calls that wait for external work in real time."""

from __future__ import annotations

from typing import Any

from .participant import current_participant
from .waiter import OTHER_WORK


def external_call(real: Any, *args: Any, **kwargs: Any) -> Any:
    """Call what waits for external work."""
    return call_for(OTHER_WORK, real, *args, **kwargs)


def call_for(work: int, real: Any, *args: Any, **kwargs: Any) -> Any:
    """Call what waits for external work, which has a number as in `external_wait`."""
    me = current_participant()
    if me is None:
        return real(*args, **kwargs)
    with me.scheduler.external_wait(me, work):
        return real(*args, **kwargs)
