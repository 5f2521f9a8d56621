"""Moves the clock to the earliest deadline once all participants wait.

The thread that begins to wait last does this, and so does each thread that is woken to check again. At one clock
reading, everything that is ready goes on first, then sleeps that end, then event loops, then timeouts one by one.
"""

from __future__ import annotations

from collections.abc import Callable

from ..clock import SECOND
from ..clock_protocol import DrivenClock, Mover
from ..errors import NeverAnswered
from . import real
from .current import in_real_time
from .external_work import ExternalWork
from .waiter import Waiter

_LOOK_AGAIN_SECONDS = 0.2
_REAL_TIME_STEP_SECONDS = 0.02
"""How often the waits are checked while the clock moves at the speed of real time."""
_GLANCE_SECONDS = 0.0002
"""How long the lock is released where a mover only looks: a thread that waited in real time may go on then."""
_ANSWER_SECONDS = 0.002
"""How long an answer of a server in another process is waited for before anything else: most answers come at once."""
_ENDING_SECONDS = 0.0001
"""How long to wait before a thread that is ending is checked again."""
_LONGEST = 366 * 86_400 * SECOND


class ClockDriver:
    """A clock and the participants that wait on it; it moves the clock once all of them wait.

    `wait_until_idle` returns when the server has done everything that needs no time to pass. Its result changes
    whenever the server has done anything. `ports` are the server's ports on the loopback address.
    """

    def __init__(self, clock: DrivenClock, wait_until_idle: Callable[[], object], ports: set[int]) -> None:
        self.clock, self._wait_until_idle = clock, wait_until_idle
        self.participants: list[Waiter] = []
        self.ending: list[Waiter] = []
        """Participants that have returned from their last call, whose threads may not have ended yet."""
        self.external = ExternalWork(ports, self.participants)
        self._in_flight = self.external.servers.in_flight
        self.mover: Mover | None = None
        """Moves the clock where other processes share it."""
        self._moving: _Pause | None = None
        """The pause of the participant that moves the clock."""
        self.on_deadlock: Callable[[], None] = lambda: None
        """Called where all participants wait and nothing known could end that."""
        self._lock = real.Mutex()

    @property
    def has_connections(self) -> bool:
        """Whether a participant has a connection to the mock."""
        return self._in_flight.has_connections

    def remove(self, participant: Waiter) -> None:
        """Remove a participant that has ended."""
        self.participants.remove(participant)
        if participant.thread_has_ended is not None:
            self.ending.remove(participant)
            participant.thread_has_ended = None
        participant.ended.set()
        participant.close()

    def wait_for_server(self) -> object:
        """Wait in real time until the server is idle; return the result of `wait_until_idle`."""
        with in_real_time():
            return self._wait_until_idle()

    def block(self, me: Waiter, seconds: float | None) -> bool:
        """Release the lock and block in real time; return False if nothing woke the caller."""
        self._lock.release()
        try:
            woken = me.block(seconds)
        finally:
            self._lock.acquire()
        me.check_ready()
        return woken

    def wait_or_advance(self, me: Waiter) -> None:
        """Move the clock if all participants wait; else block until a participant or the server has done something."""
        if self.ending and self._is_any_ending():
            self.block(me, _ENDING_SECONDS)
        elif not self._all_wait():
            self.block(me, None)
        elif self._moving is not None:
            self.stop_moving()
            self.block(me, None)
        elif self._in_flight.awaits_answer:
            self._in_flight.awaits_answer = False
            self.block(me, _ANSWER_SECONDS)
        else:
            work_done = self._wait_for_server(me)
            if not self._wake_runnable(me):
                self._advance(me, work_done)

    def stop_moving(self) -> None:
        """Let the participant that moves the clock look again what all wait for. Never waits."""
        moving = self._moving
        if moving is not None:
            moving.is_over = True
            moving.wake()

    def _wait_for_server(self, me: Waiter) -> object:
        """Wait until the server is idle; return the result of `wait_until_idle`.

        A lone thread that only sleeps and has no connection to the mock doesn't need this.
        """
        if (
            len(self.participants) == 1 and not me.descriptors and not self.has_connections
            and self.clock.next_due() is None
        ):  # fmt: skip
            return None
        return self.wait_for_server()

    def _wake_runnable(self, me: Waiter) -> bool:
        """Wake all whose wait is over, or else the first that times out; return False if there are none."""
        now = self.clock.now()
        runnable, late = [], []
        for one in self.participants:
            if one.can_continue(now):
                runnable.append(one)
            elif one.deadline is not None and one.deadline <= now:
                late.append(one)
        if late and not runnable:
            runnable = [min(late, key=lambda one: (one.kind, one.deadline, one.wait_number))]
            runnable[0].timed_out = True
        if runnable and me not in runnable:
            for participant in runnable:
                participant.wake()
            if any(participant.wakeable for participant in runnable):
                self.block(me, None)
        return bool(runnable)

    def _advance(self, me: Waiter, work_done: object) -> None:
        """Move the clock to the next deadline, or at the speed of real time while external work is waited for.

        `work_done` is what `wait_until_idle` returned before. Bytes that were in flight then may have arrived since.
        """
        now = self.clock.now()
        ahead = self._next_deadline(now)
        pause = self.external.seconds_left(now, ahead)
        if pause is None or pause > 0:
            with self.external.counting_real_time():
                self.block(me, _REAL_TIME_STEP_SECONDS if pause is None else min(pause, _REAL_TIME_STEP_SECONDS))
        elif self.has_connections and self._has_anything_come(me, work_done):
            return
        else:
            self._moving = _Pause(self, me)
            try:
                with in_real_time():
                    has_moved = (self.mover or self.clock).move(ahead, self._moving)
            finally:
                self._moving = None
            if not has_moved:
                self._wait_without_end(me)

    def pause(self, me: Waiter, seconds: float) -> bool:
        """Block for so many real seconds at most, and return whether a participant can go on. With 0, for a moment."""
        self.block(me, seconds or _GLANCE_SECONDS)
        now = self.clock.now()
        return not self._all_wait() or any(one.can_continue(now) for one in self.participants)

    def _has_anything_come(self, me: Waiter, work_done: object) -> bool:
        """Return whether a wait has ended, or the server has done anything, since it returned `work_done`."""
        now = self.clock.now()
        return any(one.can_continue(now) for one in self.participants) or self._wait_for_server(me) != work_done

    def _next_deadline(self, now: int) -> int | None:
        """Return the earliest deadline of all waits; None if it is more than a year away."""
        ahead = self.clock.next_due()
        if self.mover is not None and (due := self.mover.next_due()) is not None:
            ahead = due if ahead is None else min(ahead, due)
        for one in self.participants:
            if one.deadline is not None and (ahead is None or one.deadline < ahead):
                ahead = one.deadline
        return ahead if ahead is not None and ahead - now <= _LONGEST else None

    def _all_wait(self) -> bool:
        for one in self.participants:  # noqa: SIM110
            if not one.waiting:
                return False
        return True

    def _is_any_ending(self) -> bool:
        """Remove the ending participants whose threads have ended; return whether any are left."""
        for participant in tuple(self.ending):
            with in_real_time():
                if participant.thread_has_ended is not None and participant.thread_has_ended():
                    self.remove(participant)
        return bool(self.ending)

    def _wait_without_end(self, me: Waiter) -> None:
        """Block for a while, as no wait has a deadline. Raises NeverAnswered if no awaited answer can come."""
        if self.block(me, _LOOK_AGAIN_SECONDS) or not self._all_wait():
            return
        if not me.awaits_mock:
            self.on_deadlock()
            return
        self.wait_for_server()
        others = [participant for participant in self.participants if participant.descriptors]
        if (
            me.check_ready() or self.clock.next_due() is not None
            or not all(participant.awaits_mock for participant in others)
        ):  # fmt: skip
            return
        raise NeverAnswered("The client waits without a timeout, and the answer never comes: give it a read timeout.")


class _Pause:
    """What a participant is given to wait with while it moves the clock: see `Pause`."""

    def __init__(self, driver: ClockDriver, me: Waiter) -> None:
        self._driver, self._me = driver, me
        self.is_over = False
        """Whether the participant must look again what all wait for."""

    def __call__(self, seconds: float) -> bool:
        return self._driver.pause(self._me, seconds) or self.is_over

    def wake(self) -> None:
        self._me.wake()
