"""A module with names of its own for functions of time."""

from __future__ import annotations

from time import monotonic, sleep


def nap(seconds: float) -> None:
    """Sleep."""
    sleep(seconds)


def now() -> float:
    """Return a reading."""
    return monotonic()
