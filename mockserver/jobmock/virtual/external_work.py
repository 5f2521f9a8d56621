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
from .external_servers import ExternalServers
from .external_threads import ExternalThreads
from .waiter import Waiter


class ExternalWork:
    """The real things that one world waits for. `ports` are the mock's."""

    def __init__(self, ports: set[int], participants: Sequence[Waiter]) -> None:
        self.servers, self.threads = ExternalServers(ports), ExternalThreads(participants)
        self._participants = participants
        self._pending: set[object] = set()
        self._checks: WeakKeyDictionary[Any, Callable[[Any], bool]] = WeakKeyDictionary()
        self._reading = self._passed = self._counted = self._counting = 0

    def begin(self, work: object) -> None:
        """Note that something real is under way, for which somebody waits."""
        self._pending.add(work)

    def end(self, work: object) -> None:
        """Note that it is done."""
        self._pending.discard(work)

    def watch(self, work: Any, is_pending_in: Callable[[Any], bool]) -> None:
        """Ask from now on whether something real is under way in a thing."""
        self._checks[work] = is_pending_in

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for something real for the length of a `with` block."""
        work = object()
        self.begin(work)
        try:
            yield
        finally:
            self.end(work)

    @property
    def is_pending(self) -> bool:
        """Whether anything real is waited for."""
        if self._pending:
            return True
        for one in tuple(self._participants):
            if one.external:
                return True
        if self._checks and any(check(work) for work, check in tuple(self._checks.items())):
            return True
        servers = self.servers
        return servers.is_pending() or servers.in_flight.any() or self.threads.is_working()

    def seconds_left(self, now: int, target: int | None) -> float | None:
        """Return for how many real seconds the clock must stand still yet, before it goes from `now` to `ahead`.

        0 where nothing real is waited for, or all was in vain; None for as long as it takes, where nobody waits for a
        reading.
        """
        is_pending = self.is_pending
        if not is_pending or self._reading != now:
            if self._counting:
                self._count()
            self._reading, self._passed = now, 0
        if not is_pending:
            return 0.0
        left = None if target is None else max(0, target - now - self._passed) / SECOND
        if left == 0:
            self._give_up()
        return left

    @contextmanager
    def counting_real_time(self) -> Iterator[None]:
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

    def _give_up(self) -> None:
        """Note that time moves on without what may still be waited for."""
        self.servers.give_up()
        self.threads.give_up()
