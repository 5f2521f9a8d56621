"""A thread that moves the clock while all threads of a test wait for child processes which share it.

Without children that share the clock, the thread that waits last moves it. One that waits for a child can't do that.
"""

from __future__ import annotations

from _thread import get_ident
from contextlib import suppress

from . import real
from .exceptions import ThreadStopped, VirtualTimeEnded
from .external_threads import own_threads
from .participant import add_participant, participating_as
from .scheduler import Scheduler
from .waiter import Event


def start_driving_thread(scheduler: Scheduler) -> None:
    """Start a participant that only moves the clock, until virtual time ends."""
    participant = add_participant(scheduler, "jobmock")

    def run() -> None:
        own_threads.add(get_ident())
        try:
            with participating_as(participant), suppress(VirtualTimeEnded, ThreadStopped):
                scheduler.wait(participant, event=Event(), ignore_failure=True)
        except Exception as error:
            scheduler.fail(error)
        finally:
            scheduler.leave(participant)
            own_threads.discard(get_ident())

    real.start_new_thread(run, ())
