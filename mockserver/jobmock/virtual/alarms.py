"""Alarms on the test's clock: `signal.alarm` and `setitimer` of a participant's thread."""

from __future__ import annotations

import signal
import threading
from importlib import import_module
from typing import Any
from weakref import WeakSet

from ..clock import SECOND
from .builtin_functions import copy_of, with_originals
from .participant import Participant, current_participant
from .refusals import refuse
from .scheduler import Scheduler
from .test_runners import called_by_test_runner

_calls = import_module("_signal")
_setitimer = copy_of(signal.setitimer) if hasattr(signal, "setitimer") else None
_real_alarms: WeakSet[Scheduler] = WeakSet()
"""The scheduler whose participant has set the process's alarm, in real time."""


class Alarm(Participant):
    """A participant without a thread, which sleeps until it rings. It never holds the clock."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(scheduler, "an alarm")
        self.interval = 0

    def set(self, deadline: int | None, interval: int = 0) -> None:
        """Ring at a clock reading, and again after each interval, in nanoseconds. None turns it off."""
        self.clear_wait(waiting=True)
        self.deadline, self.interval = deadline, interval

    def remaining(self) -> tuple[float, float]:
        """Return the seconds until it rings, and the seconds between two rings."""
        left = 0.0 if self.deadline is None else (self.deadline - self.scheduler.clock.now()) / SECOND
        return left, self.interval / SECOND

    def wake(self) -> None:
        """Ring, if its deadline is reached."""
        if self.has_slept(self.scheduler.clock.now()) and self.deadline is not None:
            self.set(self.deadline + self.interval if self.interval else None, self.interval)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)


def alarm(real: Any, seconds: int, /) -> int:
    """Replaces signal.alarm."""
    me = _setting_participant(called_by_test_runner(1))
    if me is None:
        return int(real(seconds))
    return round(_set(me.scheduler, int(seconds) * SECOND, 0)[0])


def setitimer(real: Any, which: int, seconds: float, interval: float = 0.0, /) -> Any:
    """Replaces signal.setitimer, for the timer that counts real time."""
    me = _setting_participant(called_by_test_runner(1)) if which == signal.ITIMER_REAL else None
    if me is None:
        return real(which, seconds, interval)
    return _set(me.scheduler, round(seconds * SECOND), round(interval * SECOND))


def getitimer(real: Any, which: int, /) -> Any:
    """Replaces signal.getitimer, for the same timer."""
    me = current_participant()
    found = None if me is None or which != signal.ITIMER_REAL or called_by_test_runner(1) else _find(me.scheduler)
    return real(which) if found is None else found.remaining()


def sigwait(real: Any, signals: Any, /) -> Any:
    """Refuses signal.sigwait, as only a signal could end it."""
    refuse(
        "Virtual time can't reach signal.sigwait, which really waits. Use signal.sigtimedwait with a short timeout,"
        " or mark the test time='manual', time='scaled' or time='real'."
    )
    return real(signals)


def adopt_alarm(scheduler: Scheduler) -> None:
    """Let a participant's alarm that hasn't rung continue on the test's clock, where it took real time before."""
    if _setitimer is not None and scheduler in _real_alarms:
        seconds, interval = _setitimer(signal.ITIMER_REAL, 0)
        if seconds:
            _set(scheduler, round(seconds * SECOND), round(interval * SECOND))


def release_alarm(scheduler: Scheduler) -> None:
    """Let an alarm that hasn't rung continue in real time."""
    found = _find(scheduler)
    if found is not None and found.deadline is not None and _setitimer is not None:
        _setitimer(signal.ITIMER_REAL, *found.remaining())


def _setting_participant(for_test_runner: bool) -> Participant | None:
    """Return the calling thread's participant, or None if the alarm that it sets takes real time."""
    me = current_participant()
    if me is not None and me.scheduler.takes_no_real_time:
        return None if for_test_runner else me
    _real_alarms.clear()
    if me is not None and not for_test_runner:
        _real_alarms.add(me.scheduler)
    return None


def _set(scheduler: Scheduler, nanoseconds: int, interval: int) -> tuple[float, float]:
    """Set the test's alarm; return what was left of the one before."""
    found = _find(scheduler)
    if found is None:
        found = Alarm(scheduler)
        found.set(None)
        scheduler.add(found)
    before = found.remaining()
    found.set(scheduler.clock.now() + nanoseconds if nanoseconds else None, interval)
    return before


def _find(scheduler: Scheduler) -> Alarm | None:
    return next((one for one in scheduler.participants if isinstance(one, Alarm)), None)


FUNCTIONS = with_originals(
    (getattr(_calls, virtual.__name__), virtual)
    for virtual in (alarm, setitimer, getitimer, sigwait)
    if hasattr(_calls, virtual.__name__)
)
