"""Notices a client that really sleeps while virtual time stands still, and says what it holds on to."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from ..errors import VirtualTimeError

_LONGEST = 300_000_000
_sleep, _monotonic_ns, _thread_time_ns = time.sleep, time.monotonic_ns, time.thread_time_ns


class Stall:
    """What a thread has done in real time since it last came by: nanoseconds passed, and those it worked."""

    def __init__(self) -> None:
        self.mark()

    def mark(self) -> None:
        """Begin anew."""
        self._at, self._worked = _monotonic_ns(), _thread_time_ns()

    def check(self) -> None:
        """Raise VirtualTimeError where the thread really slept, and something holds a sleep that can't be reached."""
        idle = _monotonic_ns() - self._at - (_thread_time_ns() - self._worked)
        if idle < _LONGEST:
            return
        self.mark()
        if holders := sorted(set(_holders())):
            raise VirtualTimeError(
                f"The client really waited {idle / 1e9:.1f} s while virtual time stood still: time.sleep is held by"
                f" {', '.join(holders)}, where virtual time can't reach it. Look it up when it is called"
                " (`time.sleep(…)`), or mark the test time='real'."
            )


def _holders() -> Iterator[str]:
    """Yield in words what holds the real time.sleep beside modules, whose names are looked after."""
    for holder in gc.get_referrers(_sleep):
        if isinstance(holder, tuple):
            yield from (f"a default argument of {_name(owner)}" for owner in _functions(holder))
        elif isinstance(holder, partial):
            yield f"functools.partial{holder.args!r}"
        elif isinstance(holder, dict):
            yield from _owner_of(holder)
        elif type(holder).__name__ == "cell":
            yield "a closure"


def _functions(defaults: tuple[Any, ...]) -> list[FunctionType]:
    return [owner for owner in gc.get_referrers(defaults) if isinstance(owner, FunctionType)]


def _owner_of(holder: dict[str, Any]) -> Iterator[str]:
    """Yield what a dict belongs to: a class, an instance, keyword defaults; a module's own is no matter."""
    names = [name for name, value in holder.items() if value is _sleep]
    for owner in gc.get_referrers(holder):
        if isinstance(owner, FunctionType) and owner.__kwdefaults__ is holder:
            yield f"a default argument of {_name(owner)}"
        elif isinstance(owner, type):
            yield f"the class attribute {_name(owner)}.{names[0]}"
        elif not isinstance(owner, ModuleType | FunctionType | dict) and getattr(owner, "__dict__", None) is holder:
            yield f"the attribute {names[0]} of a {_name(type(owner))}"


def _name(owner: Any) -> str:
    return f"{owner.__module__}.{owner.__qualname__}"


def standing_at(name: str, ident: int | None) -> str:
    """Return a thread's name and the line at which it stands."""
    frame = sys._current_frames().get(ident or 0)
    if frame is None or ident == threading.get_ident():
        return f"thread {name!r}"
    return f"thread {name!r} at {os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
