"""Counts work outside virtual time that the test waits for: child processes, other servers, older threads.

While such work is pending, the clock stands still. It moves on when the work is done, or when as much real time has
passed as lies before the next deadline. So a timeout on external work takes as much real time as it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from . import real
from .child_processes import has_children
from .external_servers import ExternalServers
from .external_threads import ExternalThreads
from .waiter import OTHER_WORK, Waiter


class ExternalWork:
    """The external work for which one test waits. `ports` are the mock's."""

    def __init__(self, ports: set[int], participants: Sequence[Waiter]) -> None:
        self.servers, self.threads = ExternalServers(ports), ExternalThreads(participants)
        self.takes_part: Callable[[int], bool] = lambda work: False
        """Returns whether a child process takes part in virtual time, or any for ANY_CHILD: no clock holds for it."""
        self._participants = participants
        self._pending: dict[object, int] = {}
        self._checks: WeakKeyDictionary[Any, tuple[Callable[[Any], bool], int]] = WeakKeyDictionary()
        self._reading = self._passed = self._counted = self._counting = 0

    def begin(self, work: object, child: int = OTHER_WORK) -> None:
        """Note that a participant waits for this work, which is that of a child process if its number is given."""
        self._pending[work] = child

    def end(self, work: object) -> None:
        """Note that this work is done."""
        self._pending.pop(work, None)

    def watch(self, work: Any, is_pending_in: Callable[[Any], bool], child: int = OTHER_WORK) -> None:
        """Call `is_pending_in(work)` from now on, to find out whether the work is pending; `child` as in `begin`."""
        self._checks[work] = is_pending_in, child

    @contextmanager
    def waiting(self, child: int = OTHER_WORK) -> Iterator[None]:
        """Count as waiting for external work for the length of a `with` block; `child` as in `begin`."""
        work = object()
        self.begin(work, child)
        try:
            yield
        finally:
            self.end(work)

    @property
    def is_pending(self) -> bool:
        """Whether external work is waited for."""
        if self._pending and self._holds_clock(tuple(self._pending.values())):
            return True
        for one in tuple(self._participants):
            if one.awaited and self._holds_clock(one.awaited):
                return True
        checks = tuple(self._checks.items()) if self._checks else ()
        if any(check(work) and self._holds_clock((child,)) for work, (check, child) in checks):
            return True
        servers = self.servers
        return servers.is_pending() or servers.in_flight.any() or self.threads.is_working()

    @property
    def awaits_process(self) -> bool:
        """Whether the external work may be another process's."""
        if self._pending or has_children():
            return True
        return any(one.external and one.descriptors for one in tuple(self._participants))

    def _holds_clock(self, awaited: Iterable[int]) -> bool:
        """Return whether the clock waits for any of this work."""
        return not all(map(self.takes_part, awaited))

    def seconds_left(self, now: int, target: int | None) -> float | None:
        """Return the real seconds to wait before the clock may move from `now` to `target`.

        0 if no external work is pending, or the wait for it has timed out. None, for any time, if there is no next
        deadline.
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
        """Count the real time that passes in a `with` block, in which all participants wait."""
        self._count()
        self._counting += 1
        try:
            yield
        finally:
            self._count()
            self._counting -= 1

    def _count(self) -> None:
        """Add the time since the last call, if a thread is in `counting_real_time`."""
        now = real.monotonic_ns()
        if self._counting:
            self._passed += now - self._counted
        self._counted = now

    def _give_up(self) -> None:
        """Note that the clock moves on without the pending work."""
        self.servers.give_up()
        self.threads.give_up()
