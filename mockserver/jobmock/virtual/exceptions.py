"""The exceptions that end a wait when virtual time ends."""

from __future__ import annotations


class VirtualTimeEnded(Exception):
    """Raised in a wait that isn't over. It should continue in real time for `seconds`; None means without end."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds


class ThreadStopped(SystemExit):
    """Raised to end the other threads of a test that has failed. The test's own thread reports the error."""
