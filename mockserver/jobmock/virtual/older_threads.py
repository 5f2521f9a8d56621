"""Threads from outside that do something for the test: what they do is real, and the clock keeps its pace meanwhile.

A participant that releases a lock, or fills a queue, on which such a thread waits has given it something to do. It is
at work from then on until it waits again for a lock, a queue or a descriptor. A thread that goes on by itself is not.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from .harness import is_of_harness, serves_harness
from .participant import Participant

_MOST_LOOKS = 10
"""How often it is looked at whether what was told is taken: where no thread waited for it, nobody takes it."""
own_threads: set[int] = set()
"""The threads of virtual time itself."""
_resting: dict[int, int] = {}
"""Threads from outside that wait for somebody, and the id of what they wait for; 0 for a descriptor."""


_asleep: set[int] = set()
"""Threads from outside that sleep: they wait for nobody, and go on by themselves."""


class OlderThreads:
    """The threads from outside that one world has woken."""

    def __init__(self, participants: Sequence[Participant]) -> None:
        self._participants = participants
        self._first = self.standing()
        self._woken: dict[int, tuple[int, int]] = {}
        self._told: list[Callable[[], bool]] = []
        self._looks = 0

    def woken(self, thing: object, has_taken: Callable[[], bool]) -> None:
        """Note who may be told by a lock or a queue, which is just about to be; `has_taken` says that it was."""
        found = {ident: place for ident, place in self.standing().items() if self._may_wait_for(ident, place, thing)}
        if found:
            self._woken = found | self._woken
            self._told.append(has_taken)
            self._looks = 0

    def at_work(self) -> bool:
        """Say whether one that has been woken isn't at rest again."""
        if not self._woken:
            return False
        self._told = [has_taken for has_taken in self._told if not has_taken()]
        self._looks += 1
        if self._told and self._looks < _MOST_LOOKS:
            return True
        now = self.standing()
        if any(ident not in _resting and now.get(ident, place) != place for ident, place in self._woken.items()):
            return True
        self.in_vain()
        return False

    def in_vain(self) -> None:
        """Note that time moves on without them."""
        self._woken, self._told = {}, []

    def standing(self) -> dict[int, tuple[int, int]]:
        """Return where each thread from outside stands, but for those of jobmock and of what runs the tests.

        A participant is never one of them, and must not be taken for one by its place: once a frame is gone, another
        one may get its address. Nor is the caller, who runs.
        """
        frames = sys._current_frames()
        for inside in (get_ident(), *(one.ident for one in tuple(self._participants))):
            frames.pop(inside or 0, None)
        return {ident: (id(frame), frame.f_lasti) for ident, frame in frames.items() if not _is_own(ident, frame)}

    def _may_wait_for(self, ident: int, place: tuple[int, int], thing: object) -> bool:
        """Say whether a thread waits for a thing, as far as is known: one that hasn't moved yet may wait for any."""
        if ident in _resting:
            return _resting[ident] == id(thing)
        return ident not in _asleep and self._first.get(ident) == place


@contextmanager
def asleep() -> Iterator[None]:
    """Let the calling thread, which takes no part, sleep for the length of a `with` block."""
    ident = get_ident()
    _asleep.add(ident)
    try:
        yield
    finally:
        _asleep.discard(ident)


@contextmanager
def at_rest(thing: object = None) -> Iterator[None]:
    """Let the calling thread, which takes no part, wait for a lock, a queue or a descriptor in a `with` block."""
    ident = get_ident()
    _resting[ident] = 0 if thing is None else id(thing)
    try:
        yield
    finally:
        _resting.pop(ident, None)


def _is_own(ident: int, frame: FrameType) -> bool:
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return ident in own_threads or serves_harness(thread) or is_of_harness(frame)
