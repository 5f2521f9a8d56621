"""Threads of a client, and what they wait for in each other: conditions (and with them events, queues, semaphores and
futures) and the end of a thread.

Each function here stands in for the method of the same name; `real` is that method.
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from .participant import Participant, Signal
from .presence import apart, here, step_out, taking_part
from .sites import SPARED, spared

_WORKERS = frozenset({"concurrent.futures.thread", "concurrent.futures.process", "trio._core._thread_cache"})
"""Modules whose threads take part job by job, and not while they wait for one."""
_ENDING_SECONDS = 0.05
"""How long a thread that takes no part, such as a pool's idle worker, may need to end; no time passes meanwhile."""
_of_thread: WeakKeyDictionary[threading.Thread, Participant] = WeakKeyDictionary()


def due_in(me: Participant, seconds: float | None) -> int | None:
    """Return the clock's reading so many seconds from now; None for ever."""
    return None if seconds is None else me.world.clock.now() + max(0, round(seconds * SECOND))


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
    """Thread.start: what a participant starts takes part from that moment."""
    me = here()
    if me is None or spared(2):
        real(started)
        return
    participant = None if _is_machinery(started) else _let_take_part(started, me)
    try:
        with apart():
            real(started)
    except BaseException:
        if participant is not None:
            me.world.leave(participant)
        raise


def _is_machinery(started: threading.Thread) -> bool:
    """Say whether it works for others; what jobmock itself starts is known by who starts it."""
    modules = {type(started).__module__, getattr(getattr(started, "_target", None), "__module__", None) or ""}
    return not modules.isdisjoint(_WORKERS) or any(
        module.partition(".")[0] in SPARED - {"jobmock"} for module in modules
    )


def _let_take_part(started: threading.Thread, me: Participant) -> Participant:
    participant = _of_thread[started] = me.world.join(started.name)
    run = started.run

    def taking() -> None:
        with taking_part(participant):
            run()

    started.run = taking  # type: ignore[method-assign]
    return participant


def join(real: Any, joined: threading.Thread, timeout: float | None = None) -> None:
    """Thread.join: the one who waits lets time move."""
    me = here()
    if me is None or spared(2):
        real(joined, timeout)
        return
    participant = _of_thread.get(joined)
    if participant is None or participant is me:
        with apart():
            real(joined, _ENDING_SECONDS if timeout is None else min(timeout, _ENDING_SECONDS))
        if joined.is_alive():
            with step_out(me):
                real(joined, timeout)
    elif me.world.wait(me, due=due_in(me, timeout), signal=participant.ended) or not me.world.active:
        real(joined, timeout)


METHODS = (
    (threading.Condition, "wait", wait),
    (threading.Thread, "start", start),
    (threading.Thread, "join", join),
)
