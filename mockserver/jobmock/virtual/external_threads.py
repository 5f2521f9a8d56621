"""Threads that take no part in virtual time but work for the test, in real time: the clock waits for them.

Such an external thread is older than the test, or another external thread has started it. When a participant releases a
lock or fills a queue on which an external thread waits, it gives that thread work. The thread is working until it waits
again for a lock, a queue or a descriptor. A thread that continues by itself isn't.
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
from .linux_threads import is_runnable, waits_for_lock, waits_or_may_wait_for_lock
from .test_runners import runs_for_test_runner, was_started_by_test_runner
from .waiter import Waiter

_MAX_CHECKS = 10
"""The number of checks after which a release counts as resolved, as perhaps no thread waited for it. A check counts
only if no possible waiter is about to run."""
_PAUSES_SECONDS = 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128
"""The pauses in which threads that are about to run get their turn when virtual time begins. Then it is known where
they wait."""
own_threads: set[int] = set()
"""The threads of virtual time itself."""
_waits: dict[int, tuple[int, int]] = {}
"""External threads that wait: the id of the resource (0 for a descriptor), and the number of this wait."""
_wait_numbers = count(1)
_sleeping: set[int] = set()
"""External threads that sleep. They wait for no participant, and continue by themselves."""


class ThreadPosition(NamedTuple):
    """Where a thread stands, and what it waits for, if that is known. A different position means that it has moved."""

    wait: tuple[int, int] | None
    frame: int
    instruction: int


_UNKNOWN_POSITION = ThreadPosition(None, 0, 0)
Positions = dict[int, ThreadPosition]


class Release:
    """A lock or queue that a participant has released or filled, with the threads that may get it.

    `waiting` may have waited for it, `approaching` may be about to. `used_as_mutex`: a participant had taken the lock
    itself, so its release is no signal. Then a thread that gets it works until it sleeps at the most.
    """

    def __init__(self, resource: object, waiting: Positions, approaching: Positions, used_as_mutex: bool) -> None:
        self.resource, self._woken, self._used_as_mutex = resource, waiting, used_as_mutex
        self.taker: int | None = None
        """The external thread that has taken the resource, if that is known."""
        self._unmoved, self._approaching, self._checks = waiting, approaching, 0

    def is_resolved(self, now: Positions) -> bool:
        """Return whether it is known who got the resource: its taker, or all that may have waited."""
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
        """Return whether a thread may still reach the resource. One that had its turn and didn't move won't."""
        if now is None or not _may_approach(ident, now):
            return False
        return not self._checks or now != before or is_runnable(ident)

    def is_working(self, now: Positions) -> bool:
        """Return whether a thread that got the resource still works."""
        return any(
            _is_working(now.get(ident, position), position)
            for ident, position in self._woken.items()
            if not (self._used_as_mutex and ident in _sleeping)
        )


_unresolved: list[Release] = []
"""The releases of all schedulers that no thread is known to have taken."""


class ExternalThreads:
    """The external threads to which the participants of one scheduler have given work."""

    def __init__(self, participants: Sequence[Waiter]) -> None:
        self._participants = participants
        self._initial_waiters = self._find_initial_waiters()
        self._resolved: list[Release] = []
        self.releases: list[Release] = []
        """The releases that aren't resolved yet, and that no participant has taken."""
        self._mutex, self._ended = real.Mutex(), False

    def note_release(self, resource: object, *, used_as_mutex: bool = False) -> None:
        """Note that a participant is about to release or fill a resource; `used_as_mutex` as in `Release`."""
        now = {} if self._ended else self.positions()
        waiting = {ident: position for ident, position in now.items() if self._may_wait_for(ident, position, resource)}
        rest = {ident: position for ident, position in now.items() if ident not in waiting}
        approaching = {ident: position for ident, position in rest.items() if _may_approach(ident, position)}
        if waiting or approaching:
            release = Release(resource, waiting, approaching, used_as_mutex)
            with self._mutex:
                self.releases.append(release)
                _unresolved.append(release)

    def note_taken(self, resource: object) -> None:
        """Note that a participant has taken the resource, so no external thread gets it."""
        with self._mutex:
            for release in reversed(self.releases):
                if release.resource is resource and release.taker is None:
                    self._discard(release)
                    return

    def is_working(self) -> bool:
        """Return whether an external thread works for a participant."""
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
        """Note that the clock moves on without them."""
        with self._mutex:
            for release in tuple(self.releases):
                self._discard(release)
            self._resolved = []

    def end(self) -> None:
        """Wait for no external thread any more."""
        self._ended = True
        self.give_up()

    def positions(self) -> Positions:
        """Return the position of each external thread, without jobmock's and the test runner's own.

        Participants are left out by their identifiers, as a new frame may get the address of an old one. The calling
        thread is left out too, as it runs.
        """
        frames = current_frames()
        for inside in (get_ident(), *(one.ident for one in tuple(self._participants))):
            frames.pop(inside or 0, None)
        return {
            ident: ThreadPosition(_waits.get(ident), id(frame), frame.f_lasti)
            for ident, frame in frames.items()
            if not _is_ignored(ident, frame)
        }

    def _find_initial_waiters(self) -> Positions:
        """Return the threads that may have waited for a lock since before: they don't move when they get their turn."""
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
        return {ident: position for ident, position in first.items() if waits_or_may_wait_for_lock(ident)}

    def _may_wait_for(self, ident: int, position: ThreadPosition, resource: object) -> bool:
        """Return whether a thread may wait for a resource. One that hasn't moved yet may wait for any."""
        if position.wait is not None:
            return position.wait[0] == id(resource)
        if ident in _sleeping or self._initial_waiters.get(ident) != position:
            return False
        return waits_for_lock(ident, default=True)

    def _discard(self, release: Release) -> None:
        """Remove a release that is resolved, or that no thread got."""
        self.releases.remove(release)
        with suppress(ValueError):
            _unresolved.remove(release)


def note_external_take(resource: object) -> None:
    """Note that the calling thread, which takes no part, has taken a lock or an item of a queue."""
    for release in tuple(_unresolved):
        if release.resource is resource and release.taker is None:
            release.taker = get_ident()
            return


def _may_approach(ident: int, position: ThreadPosition) -> bool:
    """Return whether a thread may be about to wait: it neither waits nor sleeps, or waits only for its turn to run."""
    if position.wait is not None or ident in _sleeping:
        return False
    return waits_for_lock(ident, default=False) or is_runnable(ident)


def is_awaited(resource: object) -> bool:
    """Return whether an external thread is known to wait for a lock."""
    return bool(_waits) and any(wait[0] == id(resource) for wait in tuple(_waits.values()))


def _is_working(now: ThreadPosition, before: ThreadPosition) -> bool:
    """Return whether a thread works after a release: it neither waits nor stands where it waited before."""
    return now.wait is None and now[1:] != before[1:]


@contextmanager
def recorded_sleep() -> Iterator[None]:
    """Record that the calling thread, which takes no part, sleeps in this `with` block."""
    ident = get_ident()
    _sleeping.add(ident)
    try:
        yield
    finally:
        _sleeping.discard(ident)


@contextmanager
def recorded_wait(resource: object = None) -> Iterator[None]:
    """Record that the calling thread, which takes no part, waits for a resource or descriptor in this `with` block."""
    ident = get_ident()
    _waits[ident] = (0 if resource is None else id(resource)), next(_wait_numbers)
    try:
        yield
    finally:
        _waits.pop(ident, None)


def _is_ignored(ident: int, frame: FrameType) -> bool:
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return ident in own_threads or runs_for_test_runner(thread) or was_started_by_test_runner(frame)
