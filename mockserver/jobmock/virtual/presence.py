"""Which participant the calling thread is, if any: every stand-in asks for that first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .participant import Participant

_here = threading.local()


def here() -> Participant | None:
    """Return the calling thread's participant, or None where it takes part in nothing."""
    participant: Participant | None = getattr(_here, "participant", None)
    return participant if participant is not None and participant.world.active else None


@contextmanager
def taking_part(participant: Participant, *, leaving: bool = True) -> Iterator[Participant]:
    """Make the calling thread a participant for the length of a `with` block; it leaves its world at the end."""
    before = getattr(_here, "participant", None)
    _here.participant, participant.ident = participant, threading.get_ident()
    participant.stall.begin()
    try:
        yield participant
    finally:
        _here.participant = before
        if leaving:
            participant.world.leave(participant)


@contextmanager
def apart() -> Iterator[None]:
    """Let the calling thread do something in real time, while nobody's time moves."""
    before, _here.participant = getattr(_here, "participant", None), None
    try:
        yield
    finally:
        _here.participant = before


@contextmanager
def step_out(me: Participant) -> Iterator[None]:
    """Let the calling thread wait for something in real time, while the time of the others may move."""
    me.world.idle(me, waiting=True)
    try:
        with apart():
            yield
    finally:
        me.world.idle(me, waiting=False)
