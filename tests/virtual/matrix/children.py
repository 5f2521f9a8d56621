"""What other processes do: nothing here needs more than the standard library, so that a spawned one begins quickly."""

from __future__ import annotations

import threading
import time
from typing import Any

SHORT = 1.4
"""Real seconds: more than a second, so that whoever takes a real wait for an unknown one is found out."""


def nap(seconds: float) -> float:
    """Sleep, and return for how long."""
    time.sleep(seconds)
    return seconds


def put(queue: Any, seconds: float) -> None:
    """Put something into a queue after so many seconds."""
    time.sleep(seconds)
    queue.put(7)


def send(pipe: Any, seconds: float) -> None:
    """Send something after so many seconds."""
    time.sleep(seconds)
    pipe.send(7)


def give(event: Any, seconds: float) -> None:
    """Set an event after so many seconds."""
    time.sleep(seconds)
    event.set()


def threaded(seconds: float) -> float:
    """Let a thread sleep, and join it."""
    thread = threading.Thread(target=time.sleep, args=(seconds,))
    thread.start()
    thread.join()
    return seconds
