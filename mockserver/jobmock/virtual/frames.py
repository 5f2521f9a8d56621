"""The frames of all threads, read in a way that can't freeze the process."""

from __future__ import annotations

import gc
import os
import sys
from types import FrameType

from . import real

_mutex = real.Mutex()


def current_frames() -> dict[int, FrameType]:
    """Return the frame of each thread by the thread's identifier, without garbage collection meanwhile.

    CPython makes this table under a lock that a new thread needs too. If a garbage collection begins meanwhile and lets
    another thread run, both threads stop forever. CPython 3.11.7, for one, doesn't prevent that.
    """
    with _mutex:
        collects = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames()
        finally:
            if collects:
                gc.enable()


def _renew_mutex() -> None:
    """Make a new lock in a forked process, as another thread may have held the old one."""
    global _mutex
    _mutex = real.Mutex()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_mutex)
