"""What Linux reports about a thread: where it waits, and whether it is about to run."""

from __future__ import annotations

import threading
from io import FileIO


def waits_for_lock(ident: int, *, default: bool) -> bool:
    """Return whether a thread waits for a lock, Python's own included; `default` if the system doesn't report it.

    Of a thread that runs, or is ready to, the system reports no place, as of one that may not be looked at.
    """
    place = _read_status(ident, "wchan")
    return b"futex" in place if place.strip(b"0") else default and not is_runnable(ident)


def waits_or_may_wait_for_lock(ident: int) -> bool:
    """Return whether a thread waits for a lock, or may be about to, or the system doesn't report it."""
    return waits_for_lock(ident, default=True) or is_runnable(ident)


def is_runnable(ident: int) -> bool:
    """Return whether a thread runs or is ready to run; False if the system doesn't report it."""
    return _read_status(ident, "stat").rpartition(b") ")[2][:1] == b"R"


def _read_status(ident: int, name: str) -> bytes:
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    try:
        with FileIO(f"/proc/self/task/{thread.native_id}/{name}") as file:
            return file.readall()
    except (AttributeError, OSError):
        return b""
