"""A module that makes a lock and a queue while it is imported."""

from __future__ import annotations

import queue
from queue import SimpleQueue
from threading import Lock

lock = Lock()
values = SimpleQueue[int]()


def nothing_within(seconds: float) -> bool:
    """Say whether the queue stays empty for so many seconds."""
    try:
        values.get(timeout=seconds)
    except queue.Empty:
        return True
    return False
