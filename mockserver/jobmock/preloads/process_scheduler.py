"""Schedules the threads of a process: in real time until its first connection to the mock, then on the shared clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..clock import SECOND
from ..errors import VirtualTimeError
from ..virtual import real
from ..virtual.alarms import adopt_alarm
from ..virtual.external_threads import ExternalThreads
from ..virtual.scheduler import Scheduler
from ..virtual.waiter import OTHER_WORK, Event, Waiter, WaitKind
from .process_clock import LocalClock, ProcessClock

_LONGEST_BLOCK_SECONDS = 3600.0
_MODES_OF_TESTS = re.compile(r"mark the test time='\w+'(?:,? (?:or )?time='\w+')*", re.IGNORECASE)
_REPORTS_BEFORE_PRINT = 60
"""After so many reports, about three seconds, a blocked call is printed. A short one is work, such as reading input."""


class ProcessScheduler(Scheduler):
    """A process's threads and its clock: `local` first, then the one that `make_clock` returns."""

    def __init__(
        self, local: LocalClock, ports: set[int], make_clock: Callable[[ProcessScheduler], ProcessClock],
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        super().__init__(local, ports=ports)
        self.takes_no_real_time = False
        self.local = local
        self.shared: ProcessClock | None = None
        self._make_clock, self._say = make_clock, say
        self._mutex = real.Mutex()
        self._reports: dict[str, int] = {}
        self.external.threads.end()
        self.external.servers.in_flight.on_connection = self._join

    def wait(
        self, me: Waiter, *, deadline: int | None = None, descriptors: Sequence[int] = (),
        event: Event | None = None, awaits_mock: bool = False, kind: WaitKind = WaitKind.TIMEOUT,
        external: bool = False, children: Iterable[int] = (), ignore_failure: bool = False,
    ) -> bool:  # fmt: skip
        """Wait in real time before the process takes part, and as `Scheduler` does after that."""
        if not self.takes_no_real_time:
            me.deadline, me.descriptors, me.event = deadline, descriptors, event
            came = self._wait_in_real_time(me, ignore_failure)
            deadline = me.deadline
            me.clear_wait()
            if came is not None:
                return came
        try:
            return super().wait(
                me, deadline=deadline, descriptors=descriptors, event=event, awaits_mock=awaits_mock, kind=kind,
                external=external, children=children, ignore_failure=ignore_failure,
            )  # fmt: skip
        finally:
            self._come_back()

    @contextmanager
    def external_wait(self, me: Waiter, work: int = OTHER_WORK) -> Iterator[None]:
        """Wait for external work in real time. Other processes go on meanwhile if it is another process's."""
        began = real.monotonic_ns()
        try:
            with super().external_wait(me, work):
                self._leave_if_idle()
                yield
        finally:
            if not self.takes_no_real_time:
                self.local.count_wait(real.monotonic_ns() - began)
            self._come_back()

    def reach(self, me: Waiter, deadline: int) -> None:
        """Move the clock to `deadline`, as so much real time has passed already."""
        if self.takes_no_real_time:
            super().reach(me, deadline)
        else:
            self.local.reach(deadline)

    def leave(self, participant: Waiter, thread_has_ended: Callable[[], bool] | None = None) -> None:
        """Remove a participant. Before the process takes part, nobody looks whether its thread has really ended."""
        super().leave(participant, thread_has_ended if self.takes_no_real_time else None)

    def fail(self, error: BaseException | None) -> None:
        """End the client with an error, as `Scheduler` does, in words for one who runs a command."""
        super().fail(VirtualTimeError(_for_command(str(error))) if isinstance(error, VirtualTimeError) else error)

    def report_blocked(self, message: str) -> None:
        """Print the report once if the call goes on. The clock stands meanwhile."""
        self._reports[message] = count = self._reports.get(message, 0) + 1
        if count == _REPORTS_BEFORE_PRINT:
            self._say(_for_command(message))

    def _wait_in_real_time(self, me: Waiter, ignore_failure: bool) -> bool | None:
        """Wait as `wait` says; None if the process takes part before the wait ends."""
        began, event, came = real.monotonic_ns(), me.event, None
        end = None if me.deadline is None else began + me.deadline - self.local.now()
        if event is not None:
            event.add_callback(me.wake)
        try:
            while came is None and not self.takes_no_real_time:
                came = self._block_in_real_time(me, end, ignore_failure)
        except BaseException:
            self.local.count_wait(real.monotonic_ns() - began)
            raise
        finally:
            if event is not None:
                event.remove_callback(me.wake)
        if came and me.descriptors:
            self.local.count_wait(real.monotonic_ns() - began)
        return came

    def _block_in_real_time(self, me: Waiter, end: int | None, ignore_failure: bool) -> bool | None:
        """Block until the wait may be over. Return whether what it waits for has come; None if it isn't over."""
        if not ignore_failure:
            self.begin_wait()
        if not self.active:
            raise self._ending_error(me, ignore_failure)
        if me.check_ready():
            return True
        left = None if end is None else end - real.monotonic_ns()
        if left is not None and left <= 0 and me.deadline is not None:
            self.local.reach(me.deadline)
            return False
        me.block(_LONGEST_BLOCK_SECONDS if left is None else min(left / SECOND, _LONGEST_BLOCK_SECONDS))
        return None

    def _join(self, port: int) -> None:
        """Take part from the first connection to the mock on. A participant is about to send data on it."""
        with self._mutex:
            if self.shared is None:
                shared = self._make_clock(self)
                self.external.threads = ExternalThreads(self.participants)
                self.follow(shared)
                self.shared, self.takes_no_real_time = shared, True
                adopt_alarm(self)
                for participant in tuple(self.participants):
                    participant.wake()
        if self.shared is not None:
            self.shared.claim(port)

    def _advance(self, me: Waiter, work_done: Any) -> None:
        self._leave_if_idle()
        super()._advance(me, work_done)

    def _leave_if_idle(self) -> None:
        """Let other processes go on if all participants wait, and for external work of another process."""
        if self.shared is None or self.shared.is_away:
            return
        with self._lock:
            if self._all_wait() and self.external.awaits_process and self.external.is_pending:
                self.shared.leave()

    def _come_back(self) -> None:
        if self.shared is not None and self.shared.is_away:
            self.shared.come_back()


def _for_command(message: str) -> str:
    """Return a message that names modes of time for a test, with the option of `jobmock run` instead."""
    return _MODES_OF_TESTS.sub("use --time scaled", message)
