"""Threads from outside that do something for the test: what they do is real, and the clock keeps its pace meanwhile.

A participant that releases a lock, or fills a queue, on which such a thread waits has given it something to do. It is
at work from then on until it waits again for a lock, a queue or a descriptor. A thread that goes on by itself is not.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from types import FrameType
from typing import NamedTuple

from . import real
from .frames import current_frames
from .linux_threads import is_ready, waits_for_lock
from .participant import Participant
from .test_runners import is_of_harness, serves_harness

_MOST_LOOKS = 10
"""How often it is looked at who was told: where no thread waited, nobody ever moves. While one that may have waited is
about to go on, looks don't count."""
_TURNS_SECONDS = 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128
"""For how long those who are about to go on get their turn as a world begins, so that it is seen where they wait."""
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


_ANYWHERE = Spot(None, 0, 0)


class Told:
    """A lock or a queue that was given up or filled: who may have waited for it, and who may be on the way to it.

    `briefly` says that it was only in use: whoever waited for it is let on, and is at work until it sleeps at the most.
    """

    def __init__(self, thing: object, waiting: dict[int, Spot], coming: dict[int, Spot], briefly: bool) -> None:
        self.thing, self._woken, self._briefly = thing, waiting, briefly
        self.taker: int | None = None
        """The thread from outside that has taken it, where that is known."""
        self._unmoved, self._coming, self._looks = waiting, coming, 0

    def is_settled(self, now: dict[int, Spot]) -> bool:
        """Say whether it is known who was told: who took it, or else all that may have waited."""
        if self.taker is not None:
            self._woken = {self.taker: _ANYWHERE}
            return True
        self._unmoved = {ident: spot for ident, spot in self._unmoved.items() if now.get(ident) == spot}
        self._coming = {
            ident: now[ident] for ident, spot in self._coming.items() if self._comes(ident, now.get(ident), spot)
        }
        self._looks += not any(is_ready(ident) for ident in self._unmoved)
        return (not self._unmoved and not self._coming) or self._looks >= _MOST_LOOKS

    def _comes(self, ident: int, now: Spot | None, before: Spot) -> bool:
        """Say whether a thread is still on its way: one that stood still while it had its turn is not."""
        if now is None or not _may_be_coming(ident, now):
            return False
        return not self._looks or now != before or is_ready(ident)

    def is_at_work(self, now: dict[int, Spot]) -> bool:
        """Say whether one of those isn't at rest again."""
        return any(
            _works(now.get(ident, spot), spot)
            for ident, spot in self._woken.items()
            if not (self._briefly and ident in _asleep)
        )


_open: list[Told] = []
"""What was told, in all worlds, and isn't known to be taken."""


class OlderThreads:
    """The threads from outside that one world has woken."""

    def __init__(self, participants: Sequence[Participant]) -> None:
        self._participants = participants
        self._first = self._waiting()
        self._settled: list[Told] = []
        self.told: list[Told] = []
        """What was given up or filled, until it is known who was told, or a participant takes it."""
        self._mutex, self._over = real.Mutex(), False

    def woken(self, thing: object, *, briefly: bool = False) -> None:
        """Note who may be told by a lock or a queue, which is just about to be; `briefly` where it was only in use."""
        now = self.standing()
        waiting = {ident: spot for ident, spot in now.items() if self._may_wait_for(ident, spot, thing)}
        coming = {ident: spot for ident, spot in now.items() if ident not in waiting and _may_be_coming(ident, spot)}
        if (waiting or coming) and not self._over:
            told = Told(thing, waiting, coming, briefly)
            with self._mutex:
                self.told.append(told)
                _open.append(told)

    def taken(self, thing: object) -> None:
        """Note that a participant has taken it, so that nobody else is told."""
        with self._mutex:
            for told in reversed(self.told):
                if told.thing is thing and told.taker is None:
                    self._close(told)
                    return

    def at_work(self) -> bool:
        """Say whether one that has been woken isn't at rest again."""
        if not self.told and not self._settled:
            return False
        now = self.standing()
        with self._mutex:
            for told in [one for one in self.told if one.is_settled(now)]:
                self._close(told)
                self._settled.append(told)
            if self.told:
                return True
            if any(told.is_at_work(now) for told in self._settled):
                return True
            self.in_vain()
        return False

    def in_vain(self) -> None:
        """Note that time moves on without them."""
        with self._mutex:
            for told in tuple(self.told):
                self._close(told)
            self._settled = []

    def end(self) -> None:
        """Wait for none of them any longer."""
        self._over = True
        self.in_vain()

    def standing(self) -> dict[int, Spot]:
        """Return where each thread from outside stands, but for those of jobmock and of what runs the tests.

        A participant is never one of them, and must not be taken for one by its place: once a frame is gone, another
        one may get its address. Nor is the caller, who runs.
        """
        frames = current_frames()
        for inside in (get_ident(), *(one.ident for one in tuple(self._participants))):
            frames.pop(inside or 0, None)
        return {
            ident: Spot(_resting.get(ident), id(frame), frame.f_lasti)
            for ident, frame in frames.items()
            if not _is_own(ident, frame)
        }

    def _waiting(self) -> dict[int, Spot]:
        """Return who may wait for a lock since before: who still stands there after all have had their turn."""
        first = self.standing()
        for seconds in _TURNS_SECONDS:
            if not any(spot.rest is None and _may_be_coming(ident, spot) for ident, spot in first.items()):
                break
            real.sleep(seconds)
            now = self.standing()
            if not any(is_ready(ident) for ident in now):
                first = {ident: spot for ident, spot in first.items() if now.get(ident) == spot}
                break
            first = now
        return {ident: spot for ident, spot in first.items() if waits_for_lock(ident, otherwise=True)}

    def _may_wait_for(self, ident: int, spot: Spot, thing: object) -> bool:
        """Say whether a thread waits for a thing, as far as is known: one that hasn't moved yet may wait for any."""
        if spot.rest is not None:
            return spot.rest[0] == id(thing)
        return ident not in _asleep and self._first.get(ident) == spot and waits_for_lock(ident, otherwise=True)

    def _close(self, told: Told) -> None:
        """Take one out that is settled, or told nobody."""
        self.told.remove(told)
        with suppress(ValueError):
            _open.remove(told)


def took(thing: object) -> None:
    """Note that the calling thread, which takes no part, has taken a lock, or what was in a queue."""
    for told in tuple(_open):
        if told.thing is thing and told.taker is None:
            told.taker = get_ident()
            return


def _may_be_coming(ident: int, spot: Spot) -> bool:
    """Say whether a thread may wait in a moment: it neither waits nor sleeps, or waits only for its turn."""
    return spot.rest is None and ident not in _asleep and (waits_for_lock(ident, otherwise=False) or is_ready(ident))


def is_rested_for(thing: object) -> bool:
    """Say whether a thread from outside is known to wait for a lock."""
    return bool(_resting) and any(rest[0] == id(thing) for rest in tuple(_resting.values()))


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
