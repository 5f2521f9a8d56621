"""Ends the threads of a test that an error ended: each at its next wait, and where it stands if it catches that.

It is raised where a line of the user's own is at work, so that no library is left in the middle of something.
"""

from __future__ import annotations

import ctypes
import threading

from . import real
from .endings import Stopped
from .frames import current_frames
from .locations import users_frame
from .older_threads import own_threads
from .world import World

_EVERY_SECONDS = 0.0005
_LOOKS_AT_ONCE, _MOST_LOOKS = 200, 10_000


def stop(world: World) -> None:
    """End the threads of a world that is about to end, if an error ended its test: a sleep must not become real.

    It waits for them for a moment. One that is at work for longer is ended when it comes back to the user's lines.
    """
    if not world.failed:
        return
    world.fail(Stopped())
    found = [participant.thread() for participant in world.participants[1:]]
    threads = _pursue([thread for thread in found if thread is not None], _LOOKS_AT_ONCE)
    if threads:
        real.start_new_thread(_pursue_on, (threads,))


def _pursue_on(threads: list[threading.Thread]) -> None:
    own_threads.add(threading.get_ident())
    _pursue(threads, _MOST_LOOKS)
    own_threads.discard(threading.get_ident())


def _pursue(threads: list[threading.Thread], looks: int) -> list[threading.Thread]:
    """Raise in each thread, again and again; return those that are still there after so many looks."""
    for _ in range(looks):
        alive = set(threading._active.values())  # type: ignore[attr-defined]
        threads = [thread for thread in threads if thread in alive]
        if not threads:
            break
        frames = current_frames()
        for thread in threads:
            frame = frames.get(thread.ident or 0)
            if frame is not None and users_frame(frame) is frame:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
        real.sleep(_EVERY_SECONDS)
    return threads
