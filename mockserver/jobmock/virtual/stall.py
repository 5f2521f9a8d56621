"""Notices a client that really sleeps while virtual time stands still, and says what it holds on to."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from types import CellType, FrameType, FunctionType, ModuleType
from typing import Any

from ..clock import Clock
from ..errors import VirtualTimeError

_LONGEST = 300_000_000
_SHORT = 1_000_000
"""Whoever waits for less has hardly waited."""
_sleep, _monotonic_ns, _process_time_ns = time.sleep, time.monotonic_ns, time.process_time_ns


class Stall:
    """For how many real nanoseconds a thread has done nothing, while nobody did and its clock stood still.

    A thread that got no turn on a machine with too much to do is not taken for one that sleeps.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._idle, self._reading = clock, 0, clock.now()
        self.begin()

    def begin(self) -> None:
        """Begin in the calling thread."""
        self._starved, self._counted = _starved(), 0
        self.mark()

    def mark(self) -> None:
        """Leave out whatever the thread has done since it last came by.

        The processor's time is dear to read, so it may be a little older: no wait seems longer by that.
        """
        self._at = _monotonic_ns()
        if self._at - self._counted > _SHORT:
            self._counted, self._worked = self._at, _process_time_ns()

    def check(self) -> None:
        """Raise VirtualTimeError where the thread really slept, and something holds a sleep that can't be reached."""
        reading = self._clock.now()
        if reading != self._reading:
            self._idle, self._reading = 0, reading
        if (passed := _monotonic_ns() - self._at) > _SHORT:
            self._idle += max(0, passed - (_process_time_ns() - self._worked))
        self.mark()
        if self._idle < _LONGEST:
            return
        idle, self._idle = self._idle - (_starved() - self._starved), 0
        if idle >= _LONGEST and (holders := sorted(set(_holders()))):
            raise VirtualTimeError(
                f"The client really waited {idle / 1e9:.1f} s while virtual time stood still: time.sleep is held by"
                f" {', '.join(holders)}, where virtual time can't reach it. Look it up when it is called"
                " (`time.sleep(…)`), or mark the test time='real'."
            )


def _starved() -> int:
    """Return for how many nanoseconds the calling thread has had to wait for its turn; 0 where nobody counts them."""
    try:
        with open("/proc/thread-self/schedstat", "rb") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _holders() -> Iterator[str]:
    """Yield in words what holds the real time.sleep beside modules, whose names are looked after."""
    for holder in gc.get_referrers(_sleep):
        if isinstance(holder, tuple):
            yield from (f"a default argument of {_name(owner)}" for owner in _functions(holder))
        elif isinstance(holder, partial):
            yield f"functools.partial{holder.args!r}"
        elif isinstance(holder, dict):
            yield from _owner_of(holder)
        elif isinstance(holder, CellType):
            yield "a closure"
        elif not isinstance(holder, type) and (names := _names(getattr(holder, "__dict__", {}))):
            yield f"the attribute {names[0]} of a {_name(type(holder))}"


def _functions(defaults: tuple[Any, ...]) -> list[FunctionType]:
    return [owner for owner in gc.get_referrers(defaults) if isinstance(owner, FunctionType)]


def _owner_of(holder: dict[str, Any]) -> Iterator[str]:
    """Yield what a dict belongs to: a class, an instance, keyword defaults; a module's own is no matter."""
    names = _names(holder)
    for owner in gc.get_referrers(holder):
        if isinstance(owner, FunctionType) and owner.__kwdefaults__ is holder:
            yield f"a default argument of {_name(owner)}"
        elif isinstance(owner, type):
            yield f"the class attribute {_name(owner)}.{names[0]}"
        elif not isinstance(owner, ModuleType | FunctionType | dict) and getattr(owner, "__dict__", None) is holder:
            yield f"the attribute {names[0]} of a {_name(type(owner))}"


def _names(holder: Mapping[str, Any]) -> list[str]:
    return [name for name, value in tuple(holder.items()) if value is _sleep]


def _name(owner: Any) -> str:
    return f"{owner.__module__}.{owner.__qualname__}"


def standing_at(name: str, ident: int | None) -> str:
    """Return a thread's name and the line at which it stands, and that of the caller where it stands in a library."""
    frame = sys._current_frames().get(ident or 0)
    if frame is None or ident == threading.get_ident():
        return f"thread {name!r}"
    where, caller = _line(frame), frame
    while caller.f_back is not None and _is_standard(caller):
        caller = caller.f_back
    return f"thread {name!r} at {where}" + (f", called from {_line(caller)}" if caller is not frame else "")


def _line(frame: FrameType) -> str:
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"


def _is_standard(frame: FrameType) -> bool:
    root = frame.f_globals.get("__name__", "").partition(".")[0]
    return root in sys.stdlib_module_names or root == "jobmock"
