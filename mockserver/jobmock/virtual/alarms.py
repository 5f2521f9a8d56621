"""Alarms: `signal.alarm` and `setitimer` of a participant's thread ring when the world's clock is as far."""

from __future__ import annotations

import signal
import threading
from importlib import import_module
from typing import Any

from ..clock import SECOND
from .c_functions import copy_of, with_copies
from .current import here
from .participant import Participant
from .refusals import refuse
from .test_runners import asked_by_harness
from .world import World

_calls = import_module("_signal")
_setitimer = copy_of(signal.setitimer) if hasattr(signal, "setitimer") else None


class Alarm(Participant):
    """One that sleeps until it rings, and holds up nobody."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "an alarm")
        self.every = 0

    def set(self, due: int | None, every: int = 0) -> None:
        """Ring at a reading, and each time so many nanoseconds have passed; None for never."""
        self.rest(waiting=True)
        self.due, self.every = due, every

    def left(self) -> tuple[float, float]:
        """Return in how many seconds it rings, and every how many."""
        return (0.0 if self.due is None else (self.due - self.world.clock.now()) / SECOND), self.every / SECOND

    def wake(self) -> None:
        """Ring, if it is time."""
        if self.slept(self.world.clock.now()) and self.due is not None:
            self.set(self.due + self.every if self.every else None, self.every)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)


def alarm(real: Any, seconds: int, /) -> int:
    """signal.alarm, on the world's clock."""
    me = here()
    if me is None or asked_by_harness(1):
        return int(real(seconds))
    return round(_set(me, int(seconds) * SECOND, 0)[0])


def setitimer(real: Any, which: int, seconds: float, interval: float = 0.0, /) -> Any:
    """signal.setitimer, where it counts real time, on the world's clock."""
    me = here()
    if me is None or which != signal.ITIMER_REAL or asked_by_harness(1):
        return real(which, seconds, interval)
    return _set(me, round(seconds * SECOND), round(interval * SECOND))


def getitimer(real: Any, which: int, /) -> Any:
    """signal.getitimer, of such an alarm."""
    me = here()
    found = None if me is None or which != signal.ITIMER_REAL or asked_by_harness(1) else _find(me.world)
    return real(which) if found is None else found.left()


def sigwait(real: Any, signals: Any, /) -> Any:
    """signal.sigwait, which nothing can end but a signal: it is refused."""
    refuse(
        "Virtual time can't reach signal.sigwait, which really waits. Use signal.sigtimedwait with a short timeout,"
        " or mark the test time='manual', time='scaled' or time='real'."
    )
    return real(signals)


def leave(world: World) -> None:
    """Let an alarm that hasn't rung ring in real time."""
    found = _find(world)
    if found is not None and found.due is not None and _setitimer is not None:
        _setitimer(signal.ITIMER_REAL, *found.left())


def _set(me: Participant, nanoseconds: int, every: int) -> tuple[float, float]:
    """Set the world's alarm, and return what was left of it."""
    found = _find(me.world)
    if found is None:
        found = Alarm(me.world)
        found.set(None)
        me.world.add(found)
    before = found.left()
    found.set(me.world.clock.now() + nanoseconds if nanoseconds else None, every)
    return before


def _find(world: World) -> Alarm | None:
    return next((one for one in world.participants if isinstance(one, Alarm)), None)


FUNCTIONS = with_copies(
    (getattr(_calls, virtual.__name__), virtual)
    for virtual in (alarm, setitimer, getitimer, sigwait)
    if hasattr(_calls, virtual.__name__)
)
