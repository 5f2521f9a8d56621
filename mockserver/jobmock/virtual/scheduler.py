"""Schedules the threads of one test on one clock: which wait, for what, and which error ends the test.

Its participants are the test's own thread and those that it starts. Each waits for a clock reading, for descriptors,
for an event, or for the first of these. `when_time_moves` moves the clock once all participants wait.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from ..clock import SECOND
from ..clock_protocol import DrivenClock
from ..errors import VirtualTimeError
from .current import in_real_time
from .exceptions import ThreadStopped, VirtualTimeEnded
from .monotonic_clock import MonotonicClock
from .waiter import NOTHING, OTHER, OTHER_WORK, Event, Waiter, WaitKind
from .when_time_moves import ClockDriver


class Scheduler(ClockDriver):
    """One clock, the participants that wait on it, and the error that ended their test, if any."""

    def __init__(
        self, clock: DrivenClock, wait_until_idle: Callable[[], object] = lambda: None, ports: set[int] | None = None
    ) -> None:
        super().__init__(clock, wait_until_idle, set() if ports is None else ports)
        self.monotonic = MonotonicClock(clock, self._set_back)
        self.active = True
        self.takes_no_real_time = True
        """Whether waits take no real time. Where they do, calls are allowed that virtual time can't reach."""
        self.failure: BaseException | None = None
        """The error that ended the test. Each later wait raises it."""
        self.before_wait: Callable[[], None] = lambda: None
        """Called before each wait. What it raises is raised in the client's own call."""
        self.interrupt: Callable[[Waiter], None] = lambda participant: None
        """Ends a call in which the test's own thread waits in real time."""
        self.has_failed = False
        """Whether an error ended the test, even if the test goes on since."""
        self._wait_numbers, self._ended = count(1), 0
        self._unsubscribe = clock.on_change(self._on_clock_change)

    @property
    def test_thread(self) -> Waiter:
        """The test's own thread."""
        return self.participants[0]

    def deadline_in(self, seconds: float | None) -> int | None:
        """Return the clock reading so many seconds from now; None for no deadline."""
        return None if seconds is None else self.clock.now() + max(0, round(seconds * SECOND))

    def add(self, participant: Waiter) -> None:
        """Add a participant."""
        with self._lock:
            self.participants.append(participant)

    def leave(self, participant: Waiter, thread_has_ended: Callable[[], bool] | None = None) -> None:
        """Remove a participant, once `thread_has_ended` if that is given. The others may then be able to go on."""
        with self._lock:
            if thread_has_ended is not None:
                participant.thread_has_ended = thread_has_ended
                self.ending.append(participant)
            elif participant in self.participants:
                self.remove(participant)
            self._wake_one()

    def set_waiting(self, me: Waiter, *, waiting: bool, awaited: frozenset[int] = NOTHING) -> None:
        """Count a participant as waiting or not, without what it waits for, but with the external work, if any."""
        with self._lock:
            me.clear_wait(waiting=waiting, awaited=awaited)
            if waiting:
                self._wake_one()
            else:
                self.stop_moving()

    def wait(
        self, me: Waiter, *, deadline: int | None = None, descriptors: Sequence[int] = (),
        event: Event | None = None, awaits_mock: bool = False, kind: WaitKind = WaitKind.TIMEOUT,
        external: bool = False, children: Iterable[int] = (), ignore_failure: bool = False,
    ) -> bool:  # fmt: skip
        """Wait for a descriptor or an event; return False if the clock read `deadline` first.

        `awaits_mock`: the descriptors wait for the mock's answer and nothing else. `external`: what they wait for comes
        from external work. `children`: it comes from these child processes. `ignore_failure`: this wait must not raise
        the error that ended the test. Raises VirtualTimeError, VirtualTimeEnded, and NeverAnswered for an answer that
        never comes.
        """
        if not ignore_failure:
            self.begin_wait()
        if event is not None:
            event.add_callback(me.wake)
        with self._lock:
            me.deadline, me.descriptors, me.event = deadline, descriptors, event
            me.awaits_mock, me.kind = awaits_mock, kind
            if external or children or me.polled:
                polled = () if kind is WaitKind.TIMEOUT else me.polled
                me.awaited = frozenset((*children, *polled, *(OTHER if external else ())))
                me.polled.clear()
            me.wait_number = next(self._wait_numbers)
            me.waiting = me.wakeable = True
            me.ready = event is not None and event.is_set
            try:
                return self._wait(me, ignore_failure)
            finally:
                me.clear_wait()
                if event is not None:
                    event.remove_callback(me.wake)

    def begin_wait(self) -> None:
        """Call `before_wait`, and raise the error that ended the test, if any: the calling thread is about to wait."""
        self.before_wait()
        self.raise_if_failed()

    @contextmanager
    def external_wait(self, me: Waiter, work: int = OTHER_WORK) -> Iterator[None]:
        """Let the calling thread wait for external work in real time, for the length of a `with` block.

        `work` is the number of a child process, or ANY_CHILD.
        """
        self.raise_if_failed()
        self.set_waiting(me, waiting=True, awaited=frozenset((work,)))
        try:
            with in_real_time():
                yield
        finally:
            self.set_waiting(me, waiting=False)

    def wait_for_external(
        self, me: Waiter, seconds: float | None, real_wait: Callable[[float | None], bool], work: int = OTHER_WORK
    ) -> bool:  # fmt: skip
        """Wait for external work, as `external_wait` does.

        `real_wait` returns whether it came within so many real seconds. If it didn't come, the clock moves by as many
        seconds.
        """
        deadline = self.deadline_in(seconds)
        with self.external_wait(me, work):
            came = real_wait(seconds)
        if not came and deadline is not None:
            self.reach(me, deadline)
        return came

    def reach(self, me: Waiter, deadline: int) -> None:
        """Move the clock to `deadline`, as so much real time has passed already."""
        self.wait(me, deadline=deadline, kind=WaitKind.SLEEP)

    def follow(self, clock: DrivenClock) -> None:
        """Wait on another clock from now on. Each wait takes as long as before, and `time.monotonic` goes on."""
        with self._lock:
            self._unsubscribe()
            self.monotonic.follow(clock, self.monotonic.now())
            self._set_back(self.clock.now() - clock.now())
            self.clock = clock
            self._unsubscribe = clock.on_change(self._on_clock_change)

    def report_blocked(self, message: str) -> None:
        """Report that a participant is blocked in a call which virtual time doesn't know."""
        self.fail(VirtualTimeError(message))

    def fail(self, error: BaseException | None) -> None:
        """End the test with an error. The test's own thread gets it at once, the others at their next wait.

        None lets the test go on. This never waits, as the server's thread may call it.
        """
        self.failure = error and (self.failure or error)
        if error is None or not self.active:
            return
        self.has_failed = True
        self.stop_moving()
        for participant in tuple(self.participants):
            participant.wake()
        if not self.test_thread.wakeable and self.test_thread.ident != get_ident():
            self.interrupt(self.test_thread)

    def raise_if_failed(self) -> None:
        """Raise the error that ended the test, if any; in other threads than the test's own, raise ThreadStopped."""
        if self.failure is not None:
            raise self.failure if self.test_thread.ident == get_ident() else ThreadStopped

    def end(self) -> None:
        """End virtual time. Threads that still wait continue in real time."""
        with self._lock:
            self._ended, self.active = self.monotonic.end(), False
            self.external.threads.end()
            self._unsubscribe()
            self.stop_moving()
            for participant in self.participants:
                participant.wake()

    def _wait(self, me: Waiter, ignore_failure: bool) -> bool:
        while not me.ready:
            if self.failure is not None and not ignore_failure:
                self.raise_if_failed()
            if not self.active:
                raise self._ending_error(me, ignore_failure)
            if me.timed_out or (me.kind is WaitKind.SLEEP and me.has_slept(self.clock.now())):
                return me.event_is_set
            self.wait_or_advance(me)
        if self.failure is not None and not ignore_failure:
            self.raise_if_failed()
        return True

    def _ending_error(self, me: Waiter, ignore_failure: bool) -> BaseException:
        """Return the exception for a wait that isn't over when virtual time ends."""
        if self.has_failed and not ignore_failure:
            return ThreadStopped()
        return VirtualTimeEnded(None if me.deadline is None else max(0, me.deadline - self._ended) / SECOND)

    def _wake_one(self) -> None:
        """Wake one waiting participant, to check again whether the clock can move."""
        for participant in self.participants:
            if participant.wakeable:
                participant.wake()
                return

    def _set_back(self, nanoseconds: int) -> None:
        """Move all deadlines with a clock that was set back, so that each wait takes as long as before."""
        for participant in tuple(self.participants):
            if participant.deadline is not None:
                participant.deadline -= nanoseconds

    def _on_clock_change(self) -> None:
        """Wake the participants whose deadline is reached. One that does something in real time checks after that."""
        now = self.monotonic.update()
        for one in tuple(self.participants):
            if one.wakeable and not one.in_real_time and one.deadline is not None and one.deadline <= now:
                one.wake()
