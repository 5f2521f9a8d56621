"""Two-sided virtual time: the mock's clock moves with its client's sleeps, timeouts and clock readings.

It reaches the calling thread and the threads that this one starts, but not the server's or another test's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..clock_protocol import DrivenClock
from .alarms import release_alarm
from .child_requests import fail_for, note_request
from .current import in_real_time
from .driving_thread import start_driving_thread
from .in_flight import ServerSockets, no_server_sockets
from .install import replaced
from .interrupt import interruptible
from .loops import release_loops
from .participant import add_participant, current_participant, participating_as
from .scheduler import Scheduler
from .thread_ending import end_threads
from .transport_waits import VirtualWaits
from .watchdog import deadlock_check, unwatch, watch

__all__ = [
    "Scheduler", "VirtualWaits", "current_participant", "end_virtual_time", "fail_for", "in_real_time", "note_request",
    "start_driving_thread", "virtual_time",
]  # fmt: skip


@contextmanager
def virtual_time(
    clock: DrivenClock, *, wait_until_idle: Callable[[], object] = lambda: None, ports: set[int] | None = None,
    server_sockets: ServerSockets = no_server_sockets,
) -> Iterator[Scheduler]:  # fmt: skip
    """Put the calling thread, and the threads that it starts, on `clock` for the length of a `with` block.

    `wait_until_idle` returns when the server has done everything that needs no time to pass. Its result changes
    whenever the server has done anything. `ports` are the server's, and `server_sockets` returns its connections.
    Raises VirtualTimeError in a client's call that virtual time can't reach, and at the beginning on a system that
    can't have virtual time.
    """
    with replaced():
        scheduler = Scheduler(clock, wait_until_idle, ports)
        scheduler.external.servers.in_flight.server_sockets = server_sockets
        scheduler.on_deadlock = deadlock_check(scheduler)
        test_thread = add_participant(scheduler, threading.current_thread().name)
        try:
            with interruptible(scheduler), participating_as(test_thread):
                watch(scheduler)
                yield scheduler
                scheduler.raise_if_failed()
        finally:
            end_virtual_time(scheduler)


def end_virtual_time(scheduler: Scheduler) -> None:
    """Let all that waits on a scheduler go on in real time."""
    end_threads(scheduler)
    scheduler.end()
    unwatch(scheduler)
    release_loops(scheduler)
    release_alarm(scheduler)
