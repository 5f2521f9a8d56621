"""How long a test's client may go on: looked at whenever it waits or asks, and ended with a word on what to do.

Three things end it: the deadline, in seconds of the clock; pytest-timeout's limit, shortly before it; and real seconds
in which it polls, nothing real is waited for, and no job ends.
"""

from __future__ import annotations

import math
from _thread import allocate_lock
from collections.abc import Callable
from contextlib import ExitStack
from threading import get_ident
from time import monotonic_ns, process_time_ns
from typing import TYPE_CHECKING

from jobmock.clock import SECOND

from .endless import Endless, Pursuit, endless, without_a_word

if TYPE_CHECKING:
    from jobmock.virtual import World

    from .limit import Limit
    from .testclock import Nanoseconds

FRUITLESS_SECONDS = 20
"""Of real time, as far as the process was at work in it: a machine that is busy elsewhere accuses nobody."""
_LOOK_NANOSECONDS = SECOND // 100
_LONGEST_ROUND = SECOND
"""A client that neither waits nor asks for longer is at work on something of its own."""


class Patience:
    """That of one test. `jobs_ended` counts its jobs that are at their end; `limit` tells of pytest-timeout's, if any.

    `fruitless` says whether it counts that no job ends: not where time passes by itself, for then waiting is real. What
    is changed to end a client is changed back with `stack`; `at_end` is called before it is ended.
    """

    def __init__(
        self, clock: Nanoseconds, deadline: float, *, jobs_ended: Callable[[], int], limit: Callable[[], Limit | None],
        fruitless: bool, in_property: bool, stack: ExitStack, at_end: Callable[[], None],
    ) -> None:  # fmt: skip
        self._clock, self._deadline = clock, deadline
        self._jobs_ended, self._limit, self._in_property = jobs_ended, limit, in_property
        self._stack, self._at_end = stack, at_end
        self._fruitless = fruitless and deadline < math.inf
        self._ident, self.pursuit = get_ident(), Pursuit()
        self._deciding = allocate_lock()
        self.world: World | None = None
        self._due: float
        self._next: float
        self.over: type[Endless] | None = None
        """What the client was ended with, until that is told."""
        self.begin()

    def begin(self) -> None:
        """Begin anew, as at the test's beginning and at each reset."""
        self.rest()
        self._ended, self._busy = self._jobs_ended(), 0
        self._seen, self._worked = monotonic_ns(), process_time_ns()
        if self._deadline < math.inf:
            self._due = self._clock.now() + round(self._deadline * SECOND)
        self._next = self._seen + _LOOK_NANOSECONDS

    def rest(self) -> None:
        """Forget what is over, and end nobody until `begin`."""
        self._due = self._next = math.inf
        if self.over is not None:
            self.over = None
            if self.world is not None:
                self.world.fail(None)

    def excuse(self, nanoseconds: int) -> None:
        """Leave out seconds by which the test itself moves the clock."""
        self._due += nanoseconds

    def look(self, *, may_raise: bool = True) -> None:
        """End a client that has gone on for too long; called when it waits or asks. Raises Endless in its own thread.

        Where the caller is no thread of the client's, it is ended in the test's thread alone.
        """
        if self.over is None:
            if self._clock.now() <= self._due and monotonic_ns() < self._next:
                return
            self._decide()
        if (over := self.over) is not None:
            self._end(over, get_ident() == self._ident, may_raise)

    def check(self) -> None:
        """Raise what the client was ended with, if it was, and caught that."""
        if self.over is not None:
            raise self.over

    def _end(self, kind: type[Endless], own: bool, may_raise: bool) -> None:
        """Raise in the thread that looks, and in the test's own where it doesn't meet it at its waits."""
        if own and may_raise:
            self.pursuit.meet(kind)
        elif self.world is None:
            self.pursuit.begin(kind)
        if may_raise:
            raise kind

    def _decide(self) -> None:
        """End the client if it is time. One thread decides; one that comes meanwhile goes on until it looks again."""
        if not self._deciding.acquire(blocking=False):
            return
        try:
            if self.over is None and (why := self._why()) is not None:
                self._stack.enter_context(without_a_word())
                self._at_end()
                self.over = endless(why, in_property=self._in_property)
                if self.world is not None:
                    self.world.fail(self.over())
        finally:
            self._deciding.release()

    def _why(self) -> str | None:
        """Say why the client is ended, if it is."""
        now = monotonic_ns()
        self._next = now + _LOOK_NANOSECONDS
        if self._clock.now() > self._due:
            return (
                f"The client was still at it after {self._deadline:g} s of the clock. Give it a deadline of its own, or"
                " the test a later one: jobmock(deadline=…), --jobmock-deadline."
            )
        if (near := self._limit()) is not None and now >= near.near:
            return (
                f"The client was still at it when pytest-timeout's limit of {near.seconds:g} s was near. Give it a"
                " deadline of its own that comes before, or the test a later limit."
            )
        if self._fruitless and self._without_fruit(now):
            return (
                f"The client was still at it after {FRUITLESS_SECONDS:g} real seconds of waiting and asking in which no"
                " job ended. Give it a deadline of its own; if it means to go on like that, mark the test"
                " jobmock(deadline='off')."
            )
        return None

    def _without_fruit(self, now: int) -> bool:
        """Say whether the process has been at work so long, with nothing but short rounds, and no more jobs ended."""
        worked = process_time_ns()
        passed = now - self._seen
        if passed < _LONGEST_ROUND:
            self._busy += min(passed, worked - self._worked)
        self._seen, self._worked = now, worked
        if self._busy < FRUITLESS_SECONDS * SECOND:
            return False
        before, self._ended, self._busy = self._ended, self._jobs_ended(), 0
        return self._ended <= before
