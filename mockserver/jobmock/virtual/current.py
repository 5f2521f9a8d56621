"""Which participant the calling thread is, if any: every stand-in asks for that first."""

from __future__ import annotations

import os
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
def taking_part(participant: Participant) -> Iterator[Participant]:
    """Make the calling thread a participant for the length of a `with` block."""
    before = getattr(_here, "participant", None)
    participant.begin()
    _here.participant = participant
    try:
        yield participant
    finally:
        _here.participant = before


@contextmanager
def apart() -> Iterator[None]:
    """Let the calling thread do something in real time, while nobody's time moves."""
    before: Participant | None = getattr(_here, "participant", None)
    if before is None:
        yield
        return
    _here.participant, before.apart = None, True
    try:
        yield
    finally:
        _here.participant, before.apart = before, False


def _forget() -> None:
    """Let nobody take part: a process that was forked off begins in real time."""
    _here.__dict__.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
