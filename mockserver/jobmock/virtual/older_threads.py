"""Threads from outside that do something for the test: what they do is real, and the clock keeps its pace meanwhile.

A participant that releases a lock on which such a thread waits has given it something to do. It is at work from then
on until it waits again for a lock, a queue or a descriptor, without having been told for how long.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .harness import serves_harness

_MOST_LOOKS = 10
"""How often it is looked at whether what was told is taken: where no thread waited for it, nobody takes it."""
own_threads: set[int] = set()
"""The threads of virtual time itself."""
_resting: set[int] = set()
"""Threads from outside that wait for somebody."""


class OlderThreads:
    """The threads from outside that one world has woken."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[int, int]] = {}
        self._told: list[Callable[[], bool]] = []
        self._looks = 0

    def woken(self, has_taken: Callable[[], bool]) -> None:
        """Note where all threads stand, just before one of them is told something, which it then `has_taken`."""
        if not self._before:
            self._before = standing()
        self._told.append(has_taken)
        self._looks = 0

    def at_work(self, inside: set[int]) -> bool:
        """Say whether one that has moved since isn't at rest again; those `inside` take part."""
        if not self._before:
            return False
        self._told = [has_taken for has_taken in self._told if not has_taken()]
        self._looks += 1
        if self._told and self._looks < _MOST_LOOKS:
            return True
        now = standing()
        for ident, place in self._before.items():
            if ident not in inside and ident not in _resting and now.get(ident, place) != place:
                return True
        self.in_vain()
        return False

    def in_vain(self) -> None:
        """Note that time moves on without them."""
        self._before, self._told = {}, []


@contextmanager
def at_rest() -> Iterator[None]:
    """Let the calling thread, which takes no part, wait for somebody for the length of a `with` block."""
    ident = get_ident()
    _resting.add(ident)
    try:
        yield
    finally:
        _resting.discard(ident)


def standing() -> dict[int, tuple[int, int]]:
    """Return where each thread stands, but for those of jobmock and of what runs the tests."""
    frames = sys._current_frames()
    return {ident: (id(frame), frame.f_lasti) for ident, frame in frames.items() if not _is_own(ident)}


def _is_own(ident: int) -> bool:
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return ident in own_threads or serves_harness(thread)
