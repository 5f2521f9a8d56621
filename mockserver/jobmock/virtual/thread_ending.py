"""Ends the threads of a failed test: each at its next wait, or at its current line if it catches the first error.

The error is raised only at a line of the user's own code, so that no library is interrupted.
"""

from __future__ import annotations

import ctypes
import threading

from . import real
from .exceptions import ThreadStopped
from .external_threads import own_threads
from .frames import current_frames
from .locations import user_frame
from .scheduler import Scheduler

_INTERVAL_SECONDS = 0.0005
_TRIES_BEFORE_END, _MAX_TRIES = 200, 10_000


def end_threads(scheduler: Scheduler) -> None:
    """End the threads of a failed test before virtual time ends, as their sleeps would become real then.

    This waits for them for a moment. A thread that works for longer is ended when it returns to the user's code.
    """
    if not scheduler.has_failed:
        return
    scheduler.fail(ThreadStopped())
    found = [participant.thread() for participant in scheduler.participants[1:]]
    threads = _end([thread for thread in found if thread is not None], _TRIES_BEFORE_END)
    if threads:
        real.start_new_thread(_end_later, (threads,))


def _end_later(threads: list[threading.Thread]) -> None:
    own_threads.add(threading.get_ident())
    _end(threads, _MAX_TRIES)
    own_threads.discard(threading.get_ident())


def _end(threads: list[threading.Thread], tries: int) -> list[threading.Thread]:
    """Raise in each thread again and again; return the threads that still run after so many tries."""
    for _ in range(tries):
        alive = set(threading._active.values())  # type: ignore[attr-defined]
        threads = [thread for thread in threads if thread in alive]
        if not threads:
            break
        frames = current_frames()
        for thread in threads:
            frame = frames.get(thread.ident or 0)
            if frame is not None and user_frame(frame) is frame:
                ident, error = ctypes.c_ulong(thread.ident or 0), ctypes.py_object(ThreadStopped)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, error)
        real.sleep(_INTERVAL_SECONDS)
    return threads
