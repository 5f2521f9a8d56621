"""A module that holds time.sleep in a default argument and in a class attribute."""

from __future__ import annotations

import time
from collections.abc import Callable


def nap(seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Sleep."""
    sleep(seconds)


class Napper:
    """A class with time.sleep as an attribute."""

    sleep = staticmethod(time.sleep)

    def nap(self, seconds: float) -> None:
        """Sleep."""
        self.sleep(seconds)
