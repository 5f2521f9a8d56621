"""Real time, read by the C library, which virtual time doesn't patch, and limits for the length of a real wait."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

SECOND = 1_000_000_000
EARLY, LATE = 0.001, 2.0
"""By how many seconds a real wait may end too early, because libraries round, and too late."""
_CLOCK_REALTIME, _CLOCK_MONOTONIC = 0, 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


_clock_gettime = ctypes.CDLL(None).clock_gettime


def _read(clock: int) -> int:
    now = _Timespec()
    _clock_gettime(clock, ctypes.byref(now))
    return int(now.seconds * SECOND + now.nanoseconds)


def real_monotonic_ns() -> int:
    """Return the nanoseconds of the system's monotonic clock."""
    return _read(_CLOCK_MONOTONIC)


def real_wall_ns() -> int:
    """Return the nanoseconds of the system's wall clock."""
    return _read(_CLOCK_REALTIME)


def processor_wait() -> float:
    """Return for how many seconds the calling thread had to wait for a processor; 0 if the system doesn't count."""
    try:
        with open("/proc/thread-self/schedstat", "rb") as counts:
            return int(counts.read().split()[1]) / SECOND
    except (OSError, ValueError, IndexError):
        return 0.0


@contextmanager
def lasts(seconds: float, late: float = LATE) -> Iterator[None]:
    """Assert that a `with` block takes so many real seconds, or a little more on a busy machine."""
    began, waited = real_monotonic_ns(), processor_wait()
    yield
    took, more = (real_monotonic_ns() - began) / SECOND, processor_wait() - waited
    message = f"{took} s instead of {seconds} s, with {more} s of waiting for a processor"
    assert seconds - EARLY <= took <= seconds + late + more, message
