"""Functions that other processes run. They import only the standard library, so that a spawned process starts fast."""

from __future__ import annotations

import threading
import time
from typing import Any

SHORT = 1.4
"""Real seconds; longer than the second after which the watchdog reports a wait that it doesn't know."""


def nap(seconds: float) -> float:
    """Sleep, and return the number of seconds."""
    time.sleep(seconds)
    return seconds


def put(queue: Any, seconds: float) -> None:
    """Put 7 into a queue after so many seconds."""
    time.sleep(seconds)
    queue.put(7)


def send(pipe: Any, seconds: float) -> None:
    """Send 7 through a pipe after so many seconds."""
    time.sleep(seconds)
    pipe.send(7)


def set_event(event: Any, seconds: float) -> None:
    """Set an event after so many seconds."""
    time.sleep(seconds)
    event.set()


def nap_in_thread(seconds: float) -> float:
    """Sleep in a thread, and join it."""
    thread = threading.Thread(target=time.sleep, args=(seconds,))
    thread.start()
    thread.join()
    return seconds
