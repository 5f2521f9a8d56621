"""Where a thread stands, in words that lead there."""

from __future__ import annotations

import linecache
import os
import sys
from types import FrameType

from .participant import Participant


def place_of(participant: Participant) -> str:
    """Return a participant's name and the line at which it stands; nothing for one that has no thread just now."""
    frame = sys._current_frames().get(participant.ident or 0)
    return "" if frame is None else standing_at(participant.name, frame)


def standing_at(name: str, frame: FrameType) -> str:
    """Return a thread's name and the line at which it stands, and that of the caller where it stands in a library."""
    while frame.f_back is not None and _root(frame) == "jobmock":
        frame = frame.f_back
    where, caller = _line(frame), frame
    while caller.f_back is not None and _root(caller) in sys.stdlib_module_names:
        caller = caller.f_back
    return f"the thread {name!r} at {where}" + (f", called from {_line(caller)}," if caller is not frame else "")


def _line(frame: FrameType) -> str:
    """Return file, line and text of the line."""
    name, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, number, frame.f_globals).strip()
    return f"{os.path.basename(name)}:{number}" + (f" ({text})" if text else "")


def _root(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
