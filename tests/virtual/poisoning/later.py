"""What the plain test after one looks at: that what was left behind goes on in real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise

from tests.virtual.poisoning.ground import EVERY, GROUND
from tests.virtual.poisoning.reality import LATE, SECOND, steady


def later(check: Callable[[], None]) -> None:
    GROUND.left.append(check)


def must(holds: bool, why: str = "What was left behind doesn't go on in real time.") -> None:
    assert holds, why


def ends(thread: threading.Thread) -> None:
    thread.join(LATE + 1)
    must(not thread.is_alive(), f"{thread.name} still goes on.")


def beating(beats: list[int]) -> None:
    """Look whether what has beaten faster before beats every tenth of a second now."""
    del beats[:]
    began = steady()
    while len(beats) < 3 and steady() - began < (LATE + 3) * SECOND:
        time.sleep(0.02)
    gaps = [after - before for before, after in pairwise(beats)]
    must(len(beats) >= 3 and min(gaps) >= (EVERY - 0.001) * SECOND, f"It has beaten {beats}.")
