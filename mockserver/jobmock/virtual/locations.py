"""Describes where a thread stands and where it was started, for messages."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from types import FrameType

from .frames import current_frames
from .waiter import Waiter

_PACKAGE_PATHS = tuple({sysconfig.get_path(name) for name in ("purelib", "platlib")})
_PACKAGE_FOLDERS = {"site-packages", "dist-packages"}
"""Names of folders for installed packages. One environment may build on others."""


def place_of(participant: Waiter, frame: FrameType | None = None) -> str:
    """Return a participant's name, the line where it stands, and the line that called the library it stands in.

    Returns "" for a participant without a thread. `frame` is the frame where it was seen, if it was seen already.
    """
    frame = frame or current_frames().get(participant.ident or 0)
    if frame is None:
        return ""
    frame = next((one for one in _outward_frames(frame) if _package(one) != "jobmock"), frame)
    where, caller = f"the thread {participant.name!r} at {_current_line(frame)}", user_frame(frame)
    if caller is not None and caller is not frame:
        return f"{where}, called from {_current_line(caller)}"
    if caller is None and participant.started_at is not None:
        return f"{where}, begun at {_format_line(*participant.started_at)}"
    return where


def user_frame(frame: FrameType | None) -> FrameType | None:
    """Return the nearest frame outward that belongs neither to a library nor to jobmock, or None."""
    libraries = sys.stdlib_module_names | {"jobmock", "pytest_jobmock"}
    for one in _outward_frames(frame):
        if _package(one) not in libraries and not _is_installed(one.f_code.co_filename):
            return one
    return None


def _is_installed(file: str) -> bool:
    """Return whether a file was installed, in this environment or in one that it builds on."""
    return file.startswith(_PACKAGE_PATHS) or not _PACKAGE_FOLDERS.isdisjoint(file.split(os.sep))


def _outward_frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a frame, its caller, and so on."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def _current_line(frame: FrameType) -> str:
    return _format_line(frame.f_code.co_filename, frame.f_lineno)


def _format_line(name: str, number: int) -> str:
    """Return the file, the line number and the line's text."""
    text = linecache.getline(name, number).strip()
    return f"{os.path.basename(name)}:{number}" + (f" ({text})" if text else "")


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
