"""What is real and waited for: a child process, another server, an older thread. The clock stands still meanwhile.

It goes on when that has come, or once as much real time has passed as lies before the next moment that anybody waits
for. So a timeout on a wait for something real fires after as much real time as it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from . import real


class Pace:
    """The real things that one world waits for."""

    def __init__(self) -> None:
        self._under_way: set[object] = set()
        self._watched: WeakKeyDictionary[Any, Callable[[Any], bool]] = WeakKeyDictionary()
        self._since: tuple[int, int] | None = None
        self.others: Callable[[], bool] = lambda: False
        """Says whether there is anything else."""

    def begin(self, thing: object) -> None:
        """Note that something real is under way, for which somebody waits."""
        self._under_way.add(thing)

    def end(self, thing: object) -> None:
        """Note that it is done."""
        self._under_way.discard(thing)

    def watch(self, thing: Any, is_under_way: Callable[[Any], bool]) -> None:
        """Ask from now on whether something real is under way in a thing."""
        self._watched[thing] = is_under_way

    @contextmanager
    def during(self) -> Iterator[None]:
        """Wait for something real for the length of a `with` block."""
        thing = object()
        self.begin(thing)
        try:
            yield
        finally:
            self.end(thing)

    @property
    def kept(self) -> bool:
        """Whether anything real is waited for."""
        if self._under_way or self.others():
            return True
        return any(is_under_way(thing) for thing, is_under_way in tuple(self._watched.items()))

    def left(self, now: int, ahead: int | None) -> float | None:
        """Return for how many real seconds the clock must stand still yet, before it goes from `now` to `ahead`.

        0 where nothing real is waited for; None for as long as it takes, where nobody waits for a reading.
        """
        if not self.kept:
            self._since = None
            return 0.0
        if ahead is None:
            return None
        if self._since is None or self._since[1] != now:
            self._since = real.monotonic_ns(), now
        return max(0, ahead - now - (real.monotonic_ns() - self._since[0])) / SECOND
