"""What runs the processes that share a clock, and is told if they can't go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Owner(NamedTuple):
    """What is called for the owner of the processes, in the loop's thread."""

    on_stranger: Callable[[int, str | None], None]
    """Called with port and User-Agent of a connection with a request that no process claims within a second."""
    on_stalled: Callable[[], None]
    """Called when all processes have waited for a second, and nothing is due."""
    may_move: Callable[[], bool] = lambda: True
    """Whether the clock may move once all wait. An owner may see what the server can't, such as a process's output."""
