"""A module that imports functions of `time` by name."""

from __future__ import annotations

from time import monotonic, sleep


def nap(seconds: float) -> None:
    """Sleep."""
    sleep(seconds)


def now() -> float:
    """Return a reading of time.monotonic."""
    return monotonic()
