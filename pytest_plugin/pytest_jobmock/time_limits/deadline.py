"""Stops a test's client that runs for too long, with a message that says what to do.

Three limits stop it: the deadline, in seconds of the clock; pytest-timeout's limit, shortly before it is reached; and
real seconds in which the client polls, waits for nothing real, and no job ends. They are checked whenever the client
waits or makes a request.
"""

from __future__ import annotations

import math
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from threading import get_ident
from time import process_time_ns
from typing import TYPE_CHECKING

from jobmock.clock import SECOND
from jobmock.virtual.real import monotonic_ns

from .errors import DeadlineExceeded, deadline_exceeded, silent_threads
from .interrupt import Interrupter

if TYPE_CHECKING:
    from jobmock.virtual import Scheduler

    from ..clock import NanosecondClock
    from .pytest_timeout import Timeout

FRUITLESS_SECONDS = 20
"""Real seconds. Only processor time of this process counts, so a busy machine stops no client."""
_CHECK_NANOSECONDS = SECOND // 100
_LONGEST_ROUND = SECOND
"""A client that neither waits nor makes a request for longer than this does work of its own."""
_GOES_ON = frozenset({"polled-after-end", "page-repeated", "polls-after-refusal", "started-over"})
"""The rules about a client that goes on where it should stop: they explain why it doesn't end."""


class Deadline:
    """The limits of one test's client.

    `jobs_ended` counts the test's jobs that have ended. `timeout` returns pytest-timeout's limit, if there is one.
    `needs_progress` says whether jobs have to end; in real time they don't, because waiting is real there. Changes that
    stop the client are undone with `stack`. `before_stop` is called before that. `broken_rules` returns
    the rules that the client broke: they explain why it runs on, so the message begins with them.
    """

    def __init__(
        self, clock: NanosecondClock, seconds: float, *, jobs_ended: Callable[[], int],
        timeout: Callable[[], Timeout | None], needs_progress: bool, in_property: bool, stack: ExitStack,
        before_stop: Callable[[], None], broken_rules: Callable[[], Sequence[str]],
    ) -> None:  # fmt: skip
        self._clock, self._seconds = clock, seconds
        self._jobs_ended, self._timeout, self._in_property = jobs_ended, timeout, in_property
        self._stack, self._before_stop, self._broken_rules = stack, before_stop, broken_rules
        self._needs_progress = needs_progress and seconds < math.inf
        self._ident, self.interrupter = get_ident(), Interrupter()
        self._deciding = allocate_lock()
        self.scheduler: Scheduler | None = None
        self._due: float
        self._next: float
        self.exceeded: type[DeadlineExceeded] | None = None
        """The error that stopped the client, until the test has reported it."""
        self.restart()

    def attach(self, scheduler: Scheduler) -> None:
        """Check the limits at each wait in virtual time."""
        self.scheduler, scheduler.before_wait = scheduler, self.check

    def restart(self) -> None:
        """Count from zero, as when the test began."""
        self.suspend()
        self._ended, self._busy = self._jobs_ended(), 0
        self._seen, self._worked = monotonic_ns(), process_time_ns()
        if self._seconds < math.inf:
            self._due = self._clock.now() + round(self._seconds * SECOND)
        self._next = self._seen + _CHECK_NANOSECONDS

    def suspend(self) -> None:
        """Stop no client until `restart`, and forget the error that stopped one."""
        self._due = self._next = math.inf
        if self.exceeded is not None:
            self.exceeded = None
            if self.scheduler is not None:
                self.scheduler.fail(None)

    def extend(self, nanoseconds: int) -> None:
        """Allow the seconds by which the test itself moves the clock."""
        self._due += nanoseconds

    def check(self, *, may_raise: bool = True) -> None:
        """Stop a client that has run for too long: raise DeadlineExceeded in its own thread.

        Called when the client waits or makes a request. Where the caller is no thread of the client, the error is
        raised in the test's thread alone.
        """
        if self.exceeded is None:
            if self._clock.now() <= self._due and monotonic_ns() < self._next:
                return
            self._decide()
        if (exceeded := self.exceeded) is not None:
            self._raise(exceeded, get_ident() == self._ident, may_raise)

    def raise_if_exceeded(self) -> None:
        """Raise the error that stopped the client, for a client that caught it."""
        if self.exceeded is not None:
            raise self.exceeded

    def _raise(self, error: type[DeadlineExceeded], own: bool, may_raise: bool) -> None:
        """Raise in the calling thread, and in the test's own thread where its waits don't raise the error."""
        if own and may_raise:
            self.interrupter.count(error)
        elif self.scheduler is None:
            self.interrupter.start(error)
        if may_raise:
            raise error

    def _decide(self) -> None:
        """Stop the client if a limit is exceeded. One thread decides; any other goes on until its next check."""
        if not self._deciding.acquire(blocking=False):
            return
        try:
            if self.exceeded is None and (limit := self._limit()) is not None:
                self._stack.enter_context(silent_threads())
                self._before_stop()
                self.exceeded = deadline_exceeded(self._message(*limit), in_property=self._in_property)
                if self.scheduler is not None:
                    self.scheduler.fail(self.exceeded())
        finally:
            self._deciding.release()

    def _message(self, when: str, advice: str) -> str:
        """Return why the client is stopped. There is no advice to set a deadline where a broken rule explains it."""
        if not (broken := self._broken_rules()):
            return f"The client was still running {when}. {advice}"
        remedy = "The section 'jobmock' below says what to change." if _GOES_ON.intersection(broken) else advice
        return f"The client broke {', '.join(broken)} and was still running {when}. {remedy}"

    def _limit(self) -> tuple[str, str] | None:
        """Return which limit is exceeded, as the end of a clause, and what to do about it; None if none is."""
        now = monotonic_ns()
        self._next = now + _CHECK_NANOSECONDS
        if self._clock.now() > self._due:
            advice = "Give it a deadline of its own, or the test a later one: jobmock(deadline=…), --jobmock-deadline."
            return f"after {self._seconds:g} s of the clock", advice
        if (timeout := self._timeout()) is not None and now >= timeout.near:
            advice = "Give it a deadline of its own that comes before, or the test a later limit."
            return f"when pytest-timeout's limit of {timeout.seconds:g} s was near", advice
        if self._needs_progress and self._is_fruitless(now):
            advice = (
                "Give it a deadline of its own; if it is meant to go on like that, mark the test"
                " jobmock(deadline='off')."
            )
            ended = "no further job ended" if self._ended else "no job ended"
            spent = f"{FRUITLESS_SECONDS:g} real seconds of waiting and polling in which {ended}"
            return f"after {spent} (only the test's processor time counts)", advice
        return None

    def _is_fruitless(self, now: int) -> bool:
        """Return whether the process has worked for too long, in short rounds only, while no job ended."""
        worked = process_time_ns()
        passed = now - self._seen
        if passed < _LONGEST_ROUND:
            self._busy += min(passed, worked - self._worked)
        self._seen, self._worked = now, worked
        if self._busy < FRUITLESS_SECONDS * SECOND:
            return False
        before, self._ended, self._busy = self._ended, self._jobs_ended(), 0
        return self._ended <= before
