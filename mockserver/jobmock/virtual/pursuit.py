"""Ends the threads that go on after their test was ended: what they catch is raised again, until they are out.

It is raised where a line of the user's own is at work, so that no library is left in the middle of something.
"""

from __future__ import annotations

import ctypes
import sys
import threading

from . import real
from .older_threads import own_threads
from .places import users_frame
from .world import Stopped, World

_EVERY_SECONDS, _MOST_LOOKS = 0.0005, 10_000


def pursue(world: World) -> None:
    """End the threads of a world that has ended, if an error ended its test."""
    found = [participant.thread() for participant in world.participants[1:]] if world.failed else []
    if threads := [thread for thread in found if thread is not None]:
        real.start_new_thread(_pursue, (threads,))


def _pursue(threads: list[threading.Thread]) -> None:
    own_threads.add(threading.get_ident())
    for _ in range(_MOST_LOOKS):
        alive = set(threading._active.values())  # type: ignore[attr-defined]
        threads = [thread for thread in threads if thread in alive]
        if not threads:
            break
        frames = sys._current_frames()
        for thread in threads:
            frame = frames.get(thread.ident or 0)
            if frame is not None and users_frame(frame) is frame:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
        real.sleep(_EVERY_SECONDS)
    own_threads.discard(threading.get_ident())
