"""What is real and waited for: a child process, another server, an older thread. The clock stands still meanwhile.

It goes on when that has come, or once as much real time has passed as lies before the next moment that anybody waits
for. So a timeout on a wait for something real fires after as much real time as it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from . import real
from .older_threads import OlderThreads
from .other_servers import OtherServers
from .participant import Participant


class Pace:
    """The real things that one world waits for. `ports` are the mock's."""

    def __init__(self, ports: set[int], participants: Sequence[Participant]) -> None:
        self.other_servers, self.older_threads = OtherServers(ports), OlderThreads(participants)
        self._participants = participants
        self._under_way: set[object] = set()
        self._watched: WeakKeyDictionary[Any, Callable[[Any], bool]] = WeakKeyDictionary()
        self._at = self._passed = self._counted = self._counting = 0

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
        if self._under_way:
            return True
        for one in tuple(self._participants):
            if one.outside:
                return True
        if self._watched and any(check(thing) for thing, check in tuple(self._watched.items())):
            return True
        servers = self.other_servers
        return servers.pending() or servers.in_flight.any() or self.older_threads.at_work()

    def left(self, now: int, ahead: int | None) -> float | None:
        """Return for how many real seconds the clock must stand still yet, before it goes from `now` to `ahead`.

        0 where nothing real is waited for, or all was in vain; None for as long as it takes, where nobody waits for a
        reading.
        """
        kept = self.kept
        if not kept or self._at != now:
            if self._counting:
                self._count()
            self._at, self._passed = now, 0
        if not kept:
            return 0.0
        left = None if ahead is None else max(0, ahead - now - self._passed) / SECOND
        if left == 0:
            self._in_vain()
        return left

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Count the real time that passes in a `with` block, in which all wait; work doesn't count."""
        self._count()
        self._counting += 1
        try:
            yield
        finally:
            self._count()
            self._counting -= 1

    def _count(self) -> None:
        """Count what has passed since the last time, if any thread is in such a block."""
        now = real.monotonic_ns()
        if self._counting:
            self._passed += now - self._counted
        self._counted = now

    def _in_vain(self) -> None:
        """Note that time moves on without what may still be waited for."""
        self.other_servers.in_vain()
        self.older_threads.in_vain()
