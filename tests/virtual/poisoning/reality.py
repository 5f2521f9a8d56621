"""Real time, read where no stand-in can be, and how long a plain wait may take."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

SECOND = 1_000_000_000
EARLY, LATE = 0.001, 2.0
"""By how many seconds a real wait may end before its time, as libraries round, and after it."""
_WALL, _STEADY = 0, 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


_clock_gettime = ctypes.CDLL(None).clock_gettime


def _read(clock: int) -> int:
    now = _Timespec()
    _clock_gettime(clock, ctypes.byref(now))
    return int(now.seconds * SECOND + now.nanoseconds)


def steady() -> int:
    """Return the nanoseconds of the system's steady clock."""
    return _read(_STEADY)


def wall() -> int:
    """Return the nanoseconds of the system's wall clock."""
    return _read(_WALL)


def withheld() -> float:
    """Return for how many seconds the calling thread has had to wait for a processor; 0 where nobody counts them."""
    try:
        with open("/proc/thread-self/schedstat", "rb") as counts:
            return int(counts.read().split()[1]) / SECOND
    except (OSError, ValueError, IndexError):
        return 0.0


@contextmanager
def lasting(seconds: float, late: float = LATE) -> Iterator[None]:
    """Let a `with` block really last so many seconds, a little more where the machine is busy."""
    began, kept = steady(), withheld()
    yield
    took, more = (steady() - began) / SECOND, withheld() - kept
    assert seconds - EARLY <= took <= seconds + late + more, f"{took} s instead of {seconds} s, {more} s of it withheld"
