"""Sleeps and clock readings of a participant's thread, on the test's clock.

The library time-machine changes `datetime` and the functions of `time` that read the wall clock. It calls `reading`,
which checks the calling thread. Each function here replaces the function of `time` with the same name.
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
from .builtin_functions import copy_of, is_builtin
from .exceptions import VirtualTimeEnded
from .external_threads import recorded_sleep
from .participant import current_participant
from .patching import Patches
from .test_runners import called_by_test_runner, is_test_runner
from .waiter import WaitKind

_WALL = {getattr(time, name) for name in ("CLOCK_REALTIME", "CLOCK_REALTIME_COARSE") if hasattr(time, name)}
_READINGS_OF_EMPTY_SLEEP = 10
"""A sleep of 0 s counts as so many readings of the clock."""
_MONOTONIC = {
    getattr(time, f"CLOCK_{name}")
    for name in ("MONOTONIC", "MONOTONIC_COARSE", "MONOTONIC_RAW", "MONOTONIC_RAW_APPROX", "BOOTTIME", "UPTIME",
                 "UPTIME_RAW", "UPTIME_RAW_APPROX", "HIGHRES")
    if hasattr(time, f"CLOCK_{name}")
}  # fmt: skip


def sleep(real: Any, seconds: float, /) -> None:
    """Sleep on the test's clock; 0 only yields."""
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
    """Read the monotonic clock in seconds. Also replaces perf_counter."""
    me = current_participant()
    if me is None or is_test_runner(_getframe(1).f_globals.get("__name__")):
        return float(real())
    me.count_readings()
    return me.scheduler.monotonic.now() / SECOND


def monotonic_ns(real: Any, /) -> int:
    """Read the monotonic clock in nanoseconds. Also replaces perf_counter_ns."""
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
    """Format a time, by default the current one."""
    me = current_participant()
    return str(real(me.scheduler.clock.now() / SECOND if seconds is None and me is not None else seconds))


def asctime(real: Any, *given: Any) -> str:
    """Format a time given as a tuple, by default the current one."""
    me = current_participant()
    return str(real(*(given or (time.localtime(me.scheduler.clock.now() / SECOND),)) if me is not None else given))


def times(real: Any, /) -> Any:
    """Replaces os.times: its last value is a monotonic clock."""
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
    """Replace the functions that aren't in `patched` yet, except those that another library has replaced."""
    for (module, name), virtual in _FUNCTIONS.items():
        if name not in patched and is_builtin(function := getattr(module, name, None)):
            patches.function(function, copy_of(function), virtual)
            patched.add(name)


@contextmanager
def virtual_wall_clock() -> Iterator[None]:
    """Let participants' threads read the wall clock from the test's clock, for the length of a `with` block."""
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
    """Import time-machine. Raises RuntimeError if it would take another library's `datetime` for the built-in one."""
    if "time_machine" not in sys.modules and not is_builtin(datetime.datetime.now):
        raise RuntimeError("something, such as freezegun, is active, which has replaced datetime")
    return import_module("time_machine")


def _seconds(seconds: Any) -> float:
    """Return a number of seconds as a plain number; 0 for values that the real function refuses."""
    if isinstance(seconds, float):
        return seconds
    return operator.index(seconds) if hasattr(seconds, "__index__") else 0


def _read_system_clock(clock: int) -> int | None:
    """Return the reading of a clock that virtual time moves, or None."""
    me = current_participant()
    if me is None or called_by_test_runner(2):
        return None
    if clock in _MONOTONIC:
        return me.scheduler.monotonic.now()
    return me.scheduler.clock.now() if clock in _WALL else None


def _wall_clock_read_by_test_runner() -> bool:
    """Return whether the test runner is the caller that asked time-machine for the time."""
    frame = _getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") == "time_machine":
        frame = frame.f_back
    return is_test_runner(frame.f_globals.get("__name__"))
