"""Sleeps and clock readings of a participant's thread, on its world's clock.

The functions of `time` that read the wall clock, and `datetime`, are time-machine's matter: it asks `reading` for the
time, which looks at the calling thread. Each function here stands in for the one of the same name in `time`.
"""

from __future__ import annotations

import datetime
import operator
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from sys import _getframe
from types import ModuleType
from typing import Any

from ..clock import SECOND
from ..errors import VirtualTimeError
from .c_functions import copy_of, is_builtin
from .exceptions import VirtualTimeEnded
from .external_threads import recorded_sleep
from .participant import current_participant
from .patching import Patches
from .test_runners import called_by_test_runner, is_test_runner
from .waiter import WaitKind

_WALL = {getattr(time, name) for name in ("CLOCK_REALTIME", "CLOCK_REALTIME_COARSE") if hasattr(time, name)}
_READINGS_OF_EMPTY_SLEEP = 10
"""For how many readings of the clock a sleep of 0 s counts."""
_STEADY = {
    getattr(time, f"CLOCK_{name}")
    for name in ("MONOTONIC", "MONOTONIC_COARSE", "MONOTONIC_RAW", "MONOTONIC_RAW_APPROX", "BOOTTIME", "UPTIME",
                 "UPTIME_RAW", "UPTIME_RAW_APPROX", "HIGHRES")
    if hasattr(time, f"CLOCK_{name}")
}  # fmt: skip


def sleep(real: Any, seconds: float, /) -> None:
    """Sleep on the world's clock; 0 only yields."""
    me = current_participant()
    if me is None or called_by_test_runner(1):
        with recorded_sleep():
            real(seconds)
        return
    length = _seconds(seconds)
    if not 0 < length < float("inf"):
        real(seconds)
        me.count_readings(_READINGS_OF_EMPTY_SLEEP)
        return
    scheduler = me.scheduler
    try:
        scheduler.wait(me, deadline=scheduler.clock.now() + max(1, round(length * SECOND)), kind=WaitKind.SLEEP)
    except VirtualTimeEnded as end:
        real(end.seconds or 0)


def monotonic(real: Any, /) -> float:
    """Read the world's steady clock, in seconds; perf_counter too."""
    me = current_participant()
    if me is None or is_test_runner(_getframe(1).f_globals.get("__name__")):
        return float(real())
    me.count_readings()
    return me.scheduler.monotonic.now() / SECOND


def monotonic_ns(real: Any, /) -> int:
    """Read the world's steady clock, in nanoseconds; perf_counter_ns too."""
    me = current_participant()
    if me is None or is_test_runner(_getframe(1).f_globals.get("__name__")):
        return int(real())
    me.count_readings()
    return me.scheduler.monotonic.now()


def clock_gettime(real: Any, clock: int, /) -> float:
    """Read one of the system's clocks, in seconds."""
    nanoseconds = _read_system_clock(clock)
    return float(real(clock)) if nanoseconds is None else nanoseconds / SECOND


def clock_gettime_ns(real: Any, clock: int, /) -> int:
    """Read one of the system's clocks, in nanoseconds."""
    nanoseconds = _read_system_clock(clock)
    return int(real(clock)) if nanoseconds is None else nanoseconds


def ctime(real: Any, seconds: float | None = None, /) -> str:
    """Tell a time, the present one if none is given, in words."""
    me = current_participant()
    return str(real(me.scheduler.clock.now() / SECOND if seconds is None and me is not None else seconds))


def asctime(real: Any, *given: Any) -> str:
    """Tell a time that is given in parts, the present one if none is, in words."""
    me = current_participant()
    return str(real(*(given or (time.localtime(me.scheduler.clock.now() / SECOND),)) if me is not None else given))


def times(real: Any, /) -> Any:
    """os.times: what it tells last is a steady clock."""
    me, found = current_participant(), real()
    return found if me is None else type(found)((*found[:4], me.scheduler.monotonic.now() / SECOND))


_FUNCTIONS: dict[tuple[Any, str], Callable[..., Any]] = {
    (os, "times"): times,
    (time, "sleep"): sleep,
    (time, "monotonic"): monotonic,
    (time, "monotonic_ns"): monotonic_ns,
    (time, "perf_counter"): monotonic,
    (time, "perf_counter_ns"): monotonic_ns,
    (time, "ctime"): ctime,
    (time, "asctime"): asctime,
    (time, "clock_gettime"): clock_gettime,
    (time, "clock_gettime_ns"): clock_gettime_ns,
}


def patch(patches: Patches, patched: set[str]) -> None:
    """Put stand-ins in place of all that aren't `placed` yet, but for those that somebody has replaced just now."""
    for (module, name), virtual in _FUNCTIONS.items():
        if name not in patched and is_builtin(function := getattr(module, name, None)):
            patches.function(function, copy_of(function), virtual)
            patched.add(name)


@contextmanager
def virtual_wall_clock() -> Iterator[None]:
    """Let participants' threads read the wall time off their world's clock, for the length of a `with` block."""
    try:
        time_machine = _time_machine()
        travel = time_machine.travel(0, tick=False)
        traveller = travel.start()
    except RuntimeError as error:
        raise VirtualTimeError(
            f"Virtual time can't begin: {str(error).rstrip('.')}. Begin freeze_time inside the test, after the mock's"
            " fixture; or leave it out, and give the marker jobmock start='2026-01-01T12:00:00Z', which pins the same"
            " date."
        ) from None
    real = time_machine.escape_hatch.time.time_ns

    def reading() -> int:
        participant = current_participant()
        if participant is None or _wall_clock_read_by_test_runner():
            return int(real())
        return participant.scheduler.clock.now()

    traveller.time_ns = reading
    try:
        yield
    finally:
        travel.stop()


def _time_machine() -> ModuleType:
    """Load time-machine. Raises RuntimeError where it would take what has replaced `datetime` for a class of C."""
    if "time_machine" not in sys.modules and not is_builtin(datetime.datetime.now):
        raise RuntimeError("something, such as freezegun, is active, which has replaced datetime")
    return import_module("time_machine")


def _seconds(seconds: Any) -> float:
    """Return a length of time as the number that it stands for; 0 for what is none, which the real function refuses."""
    if isinstance(seconds, float):
        return seconds
    return operator.index(seconds) if hasattr(seconds, "__index__") else 0


def _read_system_clock(clock: int) -> int | None:
    """Return the reading of a clock that virtual time moves, or None."""
    me = current_participant()
    if me is None or called_by_test_runner(2):
        return None
    if clock in _STEADY:
        return me.scheduler.monotonic.now()
    return me.scheduler.clock.now() if clock in _WALL else None


def _wall_clock_read_by_test_runner() -> bool:
    """Say whether whoever asked time-machine for the time is part of what runs the tests."""
    frame = _getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") == "time_machine":
        frame = frame.f_back
    return is_test_runner(frame.f_globals.get("__name__"))
