"""A module that holds time.sleep in other places than names."""

from __future__ import annotations

import time
from collections.abc import Callable


def nap(seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Sleep."""
    sleep(seconds)


class Napper:
    """Holds it as an attribute of the class."""

    sleep = staticmethod(time.sleep)

    def nap(self, seconds: float) -> None:
        """Sleep."""
        self.sleep(seconds)
