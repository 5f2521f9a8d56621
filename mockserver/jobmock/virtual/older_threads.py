"""Threads from outside that do something for the test: what they do is real, and the clock keeps its pace meanwhile.

A participant that releases a lock, or fills a queue, on which such a thread waits has given it something to do. It is
at work from then on until it waits again for a lock, a queue or a descriptor. A thread that goes on by itself is not.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import NamedTuple

from . import real
from .harness import is_of_harness, serves_harness
from .participant import Participant

_MOST_LOOKS = 10
"""How often it is looked at whether somebody was told: where no thread waited, nobody ever moves."""
own_threads: set[int] = set()
"""The threads of virtual time itself."""
_resting: dict[int, tuple[int, int]] = {}
"""Threads from outside that wait for somebody: the id of what they wait for (0: a descriptor), and which rest it is."""
_rests = count(1)
_asleep: set[int] = set()
"""Threads from outside that sleep: they wait for nobody, and go on by themselves."""


class Spot(NamedTuple):
    """Where a thread stands, and what it waits for there as far as is known; another one says that it has moved."""

    rest: tuple[int, int] | None
    frame: int
    at: int


class OlderThreads:
    """The threads from outside that one world has woken."""

    def __init__(self, participants: Sequence[Participant]) -> None:
        self._participants = participants
        self._first = self.standing()
        self._woken: dict[int, Spot] = {}
        self.told: list[tuple[object, dict[int, Spot]]] = []
        """What was given up or filled, and who may wait for it; until one of them moves, or a participant takes it."""
        self._mutex, self._looks = real.Mutex(), 0

    def woken(self, thing: object) -> None:
        """Note who may be told by a lock or a queue, which is just about to be."""
        found = {ident: spot for ident, spot in self.standing().items() if self._may_wait_for(ident, spot, thing)}
        if found:
            with self._mutex:
                self._woken.update(found)
                self.told.append((thing, found))
                self._looks = 0

    def taken(self, thing: object) -> None:
        """Note that a participant has taken it, so that nobody else is told."""
        with self._mutex:
            self.told = [one for one in self.told if one[0] is not thing]

    def at_work(self) -> bool:
        """Say whether one that has been woken isn't at rest again."""
        if not self._woken:
            return False
        now = self.standing()
        with self._mutex:
            self.told = [one for one in self.told if all(now.get(ident) == spot for ident, spot in one[1].items())]
            self._looks += 1
            if self.told and self._looks < _MOST_LOOKS:
                return True
            if any(_works(now.get(ident, spot), spot) for ident, spot in self._woken.items()):
                return True
            self.in_vain()
        return False

    def in_vain(self) -> None:
        """Note that time moves on without them."""
        with self._mutex:
            self._woken, self.told = {}, []

    def standing(self) -> dict[int, Spot]:
        """Return where each thread from outside stands, but for those of jobmock and of what runs the tests.

        A participant is never one of them, and must not be taken for one by its place: once a frame is gone, another
        one may get its address. Nor is the caller, who runs.
        """
        frames = sys._current_frames()
        for inside in (get_ident(), *(one.ident for one in tuple(self._participants))):
            frames.pop(inside or 0, None)
        return {
            ident: Spot(_resting.get(ident), id(frame), frame.f_lasti)
            for ident, frame in frames.items()
            if not _is_own(ident, frame)
        }

    def _may_wait_for(self, ident: int, spot: Spot, thing: object) -> bool:
        """Say whether a thread waits for a thing, as far as is known: one that hasn't moved yet may wait for any."""
        if spot.rest is not None:
            return spot.rest[0] == id(thing)
        return ident not in _asleep and self._first.get(ident) == spot


def _works(now: Spot, before: Spot) -> bool:
    """Say whether a thread that was woken is at work: neither at rest nor where it waited."""
    return now.rest is None and now[1:] != before[1:]


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
    _resting[ident] = (0 if thing is None else id(thing)), next(_rests)
    try:
        yield
    finally:
        _resting.pop(ident, None)


def _is_own(ident: int, frame: FrameType) -> bool:
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return ident in own_threads or serves_harness(thread) or is_of_harness(frame)
