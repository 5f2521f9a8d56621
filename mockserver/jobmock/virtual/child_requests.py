"""Ends a test whose child process sends requests to the mock while the clock stands still."""

from __future__ import annotations

from ..errors import VirtualTimeError
from .child_processes import has_children
from .external_threads import own_threads
from .locations import place_of
from .participant import current_participant
from .scheduler import Scheduler


def note_request(scheduler: Scheduler) -> None:
    """Note that a request has come to the mock. Call this where the request is answered.

    If no participant has sent it and external work holds the clock, a child process has sent it. That process may
    repeat its request without end, so this ends the test.
    """
    servers = scheduler.external.servers
    sent, servers.sent_to_mock = servers.sent_to_mock, False
    if sent or current_participant() is not None or not scheduler.active or not scheduler.external.is_pending:
        return
    if has_children():
        fail_for(scheduler, "A process")


def fail_for(scheduler: Scheduler, process: str) -> None:
    """End a test because of a process outside virtual time, which has sent a request."""
    places = ", ".join(place_of(one) for one in scheduler.participants if one.waiting and one.ident not in own_threads)
    waiting = f", while the test waits for it in {places} and the clock stands still" if places else ""
    scheduler.fail(
        VirtualTimeError(
            f"{process} without virtual time asked the mock{waiting}."
            " Mark the test time='scaled', time='manual' or time='real'."
        )
    )
