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
from .linux_threads import is_runnable, waits_for_lock
from .test_runners import runs_for_test_runner, was_started_by_test_runner
from .waiter import Waiter

_MAX_CHECKS = 10
"""How often it is looked at who was told: where no thread waited, nobody ever moves. While one that may have waited is
about to go on, looks don't count."""
_PAUSES_SECONDS = 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128
"""For how long those who are about to go on get their turn as a world begins, so that it is seen where they wait."""
own_threads: set[int] = set()
"""The threads of virtual time itself."""
_waits: dict[int, tuple[int, int]] = {}
"""Threads from outside that wait for somebody: the id of what they wait for (0: a descriptor), and which rest it is."""
_wait_numbers = count(1)
_sleeping: set[int] = set()
"""Threads from outside that sleep: they wait for nobody, and go on by themselves."""


class ThreadPosition(NamedTuple):
    """Where a thread stands, and what it waits for there as far as is known; another one says that it has moved."""

    wait: tuple[int, int] | None
    frame: int
    instruction: int


_UNKNOWN_POSITION = ThreadPosition(None, 0, 0)
Positions = dict[int, ThreadPosition]


class Release:
    """A lock or a queue that was given up or filled: who may have waited for it, and who may be on the way to it.

    `briefly` says that it was only in use: whoever waited for it is let on, and is at work until it sleeps at the most.
    """

    def __init__(self, resource: object, waiting: Positions, approaching: Positions, only_used: bool) -> None:
        self.resource, self._woken, self._only_used = resource, waiting, only_used
        self.taker: int | None = None
        """The thread from outside that has taken it, where that is known."""
        self._unmoved, self._approaching, self._checks = waiting, approaching, 0

    def is_resolved(self, now: Positions) -> bool:
        """Say whether it is known who was told: who took it, or else all that may have waited."""
        if self.taker is not None:
            self._woken = {self.taker: _UNKNOWN_POSITION}
            return True
        self._unmoved = {ident: position for ident, position in self._unmoved.items() if now.get(ident) == position}
        self._approaching = {
            ident: now[ident]
            for ident, position in self._approaching.items()
            if self._still_approaches(ident, now.get(ident), position)
        }
        self._checks += not any(is_runnable(ident) for ident in self._unmoved)
        return (not self._unmoved and not self._approaching) or self._checks >= _MAX_CHECKS

    def _still_approaches(self, ident: int, now: ThreadPosition | None, before: ThreadPosition) -> bool:
        """Say whether a thread is still on its way: one that stood still while it had its turn is not."""
        if now is None or not _may_approach(ident, now):
            return False
        return not self._checks or now != before or is_runnable(ident)

    def is_working(self, now: Positions) -> bool:
        """Say whether one of those isn't at rest again."""
        return any(
            _is_working(now.get(ident, position), position)
            for ident, position in self._woken.items()
            if not (self._only_used and ident in _sleeping)
        )


_unresolved: list[Release] = []
"""What was told, in all worlds, and isn't known to be taken."""


class ExternalThreads:
    """The threads from outside that one world has woken."""

    def __init__(self, participants: Sequence[Waiter]) -> None:
        self._participants = participants
        self._first = self._first_waiters()
        self._resolved: list[Release] = []
        self.releases: list[Release] = []
        """What was given up or filled, until it is known who was told, or a participant takes it."""
        self._mutex, self._ended = real.Mutex(), False

    def note_release(self, resource: object, *, only_used: bool = False) -> None:
        """Note who may be told by a lock or a queue, which is just about to be; `briefly` where it was only in use."""
        now = self.positions()
        waiting = {ident: position for ident, position in now.items() if self._may_wait_for(ident, position, resource)}
        approaching = {
            ident: position
            for ident, position in now.items()
            if ident not in waiting and _may_approach(ident, position)
        }
        if (waiting or approaching) and not self._ended:
            release = Release(resource, waiting, approaching, only_used)
            with self._mutex:
                self.releases.append(release)
                _unresolved.append(release)

    def note_taken(self, resource: object) -> None:
        """Note that a participant has taken it, so that nobody else is told."""
        with self._mutex:
            for release in reversed(self.releases):
                if release.resource is resource and release.taker is None:
                    self._discard(release)
                    return

    def is_working(self) -> bool:
        """Say whether one that has been woken isn't at rest again."""
        if not self.releases and not self._resolved:
            return False
        now = self.positions()
        with self._mutex:
            for release in [one for one in self.releases if one.is_resolved(now)]:
                self._discard(release)
                self._resolved.append(release)
            if self.releases:
                return True
            if any(release.is_working(now) for release in self._resolved):
                return True
            self.give_up()
        return False

    def give_up(self) -> None:
        """Note that time moves on without them."""
        with self._mutex:
            for release in tuple(self.releases):
                self._discard(release)
            self._resolved = []

    def end(self) -> None:
        """Wait for none of them any longer."""
        self._ended = True
        self.give_up()

    def positions(self) -> Positions:
        """Return where each thread from outside stands, but for those of jobmock and of what runs the tests.

        A participant is never one of them, and must not be taken for one by its place: once a frame is gone, another
        one may get its address. Nor is the caller, who runs.
        """
        frames = current_frames()
        for inside in (get_ident(), *(one.ident for one in tuple(self._participants))):
            frames.pop(inside or 0, None)
        return {
            ident: ThreadPosition(_waits.get(ident), id(frame), frame.f_lasti)
            for ident, frame in frames.items()
            if not _is_ignored(ident, frame)
        }

    def _first_waiters(self) -> Positions:
        """Return who may wait for a lock since before: who still stands there after all have had their turn."""
        first = self.positions()
        for seconds in _PAUSES_SECONDS:
            if not any(position.wait is None and _may_approach(ident, position) for ident, position in first.items()):
                break
            real.sleep(seconds)
            now = self.positions()
            if not any(is_runnable(ident) for ident in now):
                first = {ident: position for ident, position in first.items() if now.get(ident) == position}
                break
            first = now
        return {ident: position for ident, position in first.items() if waits_for_lock(ident, default=True)}

    def _may_wait_for(self, ident: int, position: ThreadPosition, resource: object) -> bool:
        """Say whether a thread waits for a thing, as far as is known: one that hasn't moved yet may wait for any."""
        if position.wait is not None:
            return position.wait[0] == id(resource)
        return ident not in _sleeping and self._first.get(ident) == position and waits_for_lock(ident, default=True)

    def _discard(self, release: Release) -> None:
        """Take one out that is settled, or told nobody."""
        self.releases.remove(release)
        with suppress(ValueError):
            _unresolved.remove(release)


def note_external_take(resource: object) -> None:
    """Note that the calling thread, which takes no part, has taken a lock, or what was in a queue."""
    for release in tuple(_unresolved):
        if release.resource is resource and release.taker is None:
            release.taker = get_ident()
            return


def _may_approach(ident: int, position: ThreadPosition) -> bool:
    """Say whether a thread may wait in a moment: it neither waits nor sleeps, or waits only for its turn."""
    if position.wait is not None or ident in _sleeping:
        return False
    return waits_for_lock(ident, default=False) or is_runnable(ident)


def is_awaited(resource: object) -> bool:
    """Say whether a thread from outside is known to wait for a lock."""
    return bool(_waits) and any(wait[0] == id(resource) for wait in tuple(_waits.values()))


def _is_working(now: ThreadPosition, before: ThreadPosition) -> bool:
    """Say whether a thread that was woken is at work: neither at rest nor where it waited."""
    return now.wait is None and now[1:] != before[1:]


@contextmanager
def recorded_sleep() -> Iterator[None]:
    """Let the calling thread, which takes no part, sleep for the length of a `with` block."""
    ident = get_ident()
    _sleeping.add(ident)
    try:
        yield
    finally:
        _sleeping.discard(ident)


@contextmanager
def recorded_wait(resource: object = None) -> Iterator[None]:
    """Let the calling thread, which takes no part, wait for a lock, a queue or a descriptor in a `with` block."""
    ident = get_ident()
    _waits[ident] = (0 if resource is None else id(resource)), next(_wait_numbers)
    try:
        yield
    finally:
        _waits.pop(ident, None)


def _is_ignored(ident: int, frame: FrameType) -> bool:
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return ident in own_threads or runs_for_test_runner(thread) or was_started_by_test_runner(frame)
