"""A thread in virtual time. Each function here finds, adds or sets the participant of a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .current import calling_thread
from .scheduler import Scheduler
from .waiter import Waiter, WaitKind

_MANY_READINGS, _FEW_READINGS = 10_000, 100
_LONGEST_STEP = 1_000_000
"""Nanoseconds."""


class Participant(Waiter):
    """One thread in virtual time, with the scheduler on which it waits."""

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        super().__init__(name)
        self.scheduler = scheduler

    def count_readings(self, readings: int = 1) -> None:
        """Count readings of the clock since the last wait; a sleep of 0 s counts as many readings.

        A thread that only reads the clock waits for time to pass. So after many readings it sleeps, in steps that grow
        to a millisecond.
        """
        self._readings += readings
        if self._readings > _MANY_READINGS:
            readings, step = _MANY_READINGS - _FEW_READINGS, self._step
            self.scheduler.wait(self, deadline=self.scheduler.clock.now() + step, kind=WaitKind.SLEEP)
            self._readings, self._step = readings, min(2 * step, _LONGEST_STEP)


def add_participant(scheduler: Scheduler, name: str) -> Participant:
    """Return a new participant that doesn't wait. Call this before its thread starts."""
    scheduler.add(participant := Participant(scheduler, name))
    return participant


def current_participant() -> Participant | None:
    """Return the calling thread's participant, or None for a thread that doesn't take part."""
    participant: Participant | None = calling_thread.participant
    return participant if participant is None or participant.scheduler.active else None


@contextmanager
def participating_as(participant: Participant) -> Iterator[Participant]:
    """Make the calling thread a participant for the length of a `with` block."""
    before = calling_thread.participant
    participant.bind_to_thread()
    calling_thread.participant = participant
    try:
        yield participant
    finally:
        calling_thread.participant = before
