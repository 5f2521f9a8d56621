"""Threads of a client, and what they wait for in each other: conditions (and with them events, queues, semaphores and
futures) and the end of a thread.

Each function here stands in for the method of the same name; `real` is that method.
"""

from __future__ import annotations

import math
import threading
from concurrent.futures import thread
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from .sites import spared
from .world import Participant, Signal, apart, here, step_out, taking_part

_of_thread: WeakKeyDictionary[threading.Thread, Participant] = WeakKeyDictionary()


def due_in(me: Participant, seconds: float | None) -> int | None:
    """Return the clock's reading so many seconds from now; None for ever."""
    return None if seconds is None else me.world.clock.now() + math.ceil(max(0.0, seconds) * SECOND)


def wait(real: Any, condition: Any, timeout: float | None = None) -> bool:
    """Condition.wait: a notification gives the signal, for a condition releases whatever waits in its row."""
    me = here()
    if me is None or spared(2):
        return bool(real(condition, timeout))
    if not condition._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    signal = Signal()
    condition._waiters.append(signal)
    saved = condition._release_save()
    try:
        return me.world.wait(me, due=due_in(me, timeout), signal=signal)
    finally:
        condition._acquire_restore(saved)
        if not signal.given:
            condition._waiters.remove(signal)


def start(real: Any, started: threading.Thread) -> None:
    """Thread.start: what a participant starts takes part from that moment. A pool's worker does so job by job."""
    me = here()
    if me is None or spared(2):
        real(started)
        return
    if getattr(started, "_target", None) is not thread._worker:
        _let_take_part(started, me)
    with apart():
        real(started)


def _let_take_part(started: threading.Thread, me: Participant) -> None:
    participant = _of_thread[started] = me.world.join(started.name)
    run = started.run

    def taking() -> None:
        with taking_part(participant):
            run()

    started.run = taking  # type: ignore[method-assign]


def join(real: Any, joined: threading.Thread, timeout: float | None = None) -> None:
    """Thread.join: the one who waits lets time move."""
    me = here()
    if me is None or spared(2):
        real(joined, timeout)
        return
    participant = _of_thread.get(joined)
    if participant is None:
        with step_out(me):
            real(joined, timeout)
    elif me.world.wait(me, due=due_in(me, timeout), signal=participant.ended):
        real(joined)


METHODS = (
    (threading.Condition, "wait", wait),
    (threading.Thread, "start", start),
    (threading.Thread, "join", join),
)
