"""`python tests/pythons/yardstick.py`: the time of a fixed calculation, to compare the speeds of two machines."""

from __future__ import annotations

import sys
import time

_ROUNDS = 5


def seconds() -> float:
    """Return the least processor time of some rounds, because other processes make a round longer."""
    return min(_round() for _ in range(_ROUNDS))


def _round() -> float:
    began = time.process_time()
    kept: dict[int, str] = {}
    for number in range(1_500_000):
        kept[number % 1000] = str(number * number)
    return time.process_time() - began


if __name__ == "__main__":
    sys.stdout.write(f"{seconds():.3f} s\n")
