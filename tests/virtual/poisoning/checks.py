"""Checks that the next plain test makes: what was left behind goes on in real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise

from tests.virtual.poisoning.real_time import LATE, SECOND, real_monotonic_ns
from tests.virtual.poisoning.session import EVERY, SESSION


def check_later(check: Callable[[], None]) -> None:
    """Let the next plain test call a check."""
    SESSION.checks.append(check)


def require(condition: bool, message: str = "What was left behind doesn't go on in real time.") -> None:
    """Assert a condition."""
    assert condition, message


def require_end(thread: threading.Thread) -> None:
    """Assert that a thread ends in time."""
    thread.join(LATE + 1)
    require(not thread.is_alive(), f"{thread.name} is still alive.")


def require_beats(beats: list[int]) -> None:
    """Assert that a heartbeat, which was faster in virtual time, comes every tenth of a second now."""
    del beats[:]
    began = real_monotonic_ns()
    while len(beats) < 3 and real_monotonic_ns() - began < (LATE + 3) * SECOND:
        time.sleep(0.02)
    gaps = [after - before for before, after in pairwise(beats)]
    require(len(beats) >= 3 and min(gaps) >= (EVERY - 0.001) * SECOND, f"It has beaten {beats}.")
