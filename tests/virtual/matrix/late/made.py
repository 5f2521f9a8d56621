"""A module that makes what is waited for while it is imported."""

from __future__ import annotations

import queue
from queue import SimpleQueue
from threading import Lock

lock = Lock()
values = SimpleQueue[int]()


def nothing_within(seconds: float) -> bool:
    """Say whether nothing comes within so many seconds."""
    try:
        values.get(timeout=seconds)
    except queue.Empty:
        return True
    return False
