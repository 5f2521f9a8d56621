"""How slow the processor is now: on a busy machine the same work takes more of its time than on a quiet one."""

from __future__ import annotations

import time


class Processor:
    """Compares a piece of work with the fastest time in which it was ever done."""

    def __init__(self) -> None:
        self._fastest = min(_work() for _ in range(20))

    def slowness(self) -> float:
        """Return how many times as long the work takes now as at best."""
        took = sorted(_work() for _ in range(3))[1]
        self._fastest = min(self._fastest, took)
        return took / self._fastest


def _work() -> float:
    """Make lists in a list, as a parser of JSON does; return the seconds of processor time."""
    began = time.thread_time()
    made = [[number] for number in range(30_000)]
    made.clear()
    return time.thread_time() - began
