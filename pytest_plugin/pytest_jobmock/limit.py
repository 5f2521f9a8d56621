"""When pytest-timeout ends a test: told by its own hook, whichever marker, option or ini line it comes from."""

from __future__ import annotations

from time import monotonic_ns
from typing import NamedTuple

_MARGIN, _MOST_SECONDS = 0.1, 2.0


class Limit(NamedTuple):
    """How many real seconds a test is given, and the reading of the real clock a little before their end."""

    seconds: float
    near: int


def limit(seconds: float) -> Limit:
    """Return a limit that begins now. A little before is a tenth of it, and two seconds at most."""
    return Limit(seconds, monotonic_ns() + round((seconds - min(_MARGIN * seconds, _MOST_SECONDS)) * 1e9))
