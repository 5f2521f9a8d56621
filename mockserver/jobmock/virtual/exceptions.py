"""What ends a wait that was still going on when its world ended."""

from __future__ import annotations


class VirtualTimeEnded(Exception):
    """The wait goes on in real time, for `seconds` (None: without end)."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds


class ThreadStopped(SystemExit):
    """Ends a thread beside the test's own one, which is told what went wrong."""
