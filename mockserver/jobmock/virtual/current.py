"""Which participant the calling thread is, if any: every stand-in asks for that first."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .participant import Participant


class _Here(threading.local):
    participant: Participant | None = None


_here = _Here()


def here() -> Participant | None:
    """Return the calling thread's participant, or None where it takes part in nothing."""
    participant = _here.participant
    return participant if participant is None or participant.world.active else None


@contextmanager
def taking_part(participant: Participant) -> Iterator[Participant]:
    """Make the calling thread a participant for the length of a `with` block."""
    before = _here.participant
    participant.begin()
    _here.participant = participant
    try:
        yield participant
    finally:
        _here.participant = before


class apart:  # noqa: N801
    """Lets the calling thread do something in real time for the length of a `with` block, while nobody's time moves."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = before = _here.participant
        if before is not None:
            _here.participant, before.apart = None, True

    def __exit__(self, *error: object) -> None:
        if (before := self._before) is not None:
            _here.participant, before.apart = before, False


def _forget() -> None:
    """Let nobody take part: a process that was forked off begins in real time."""
    _here.__dict__.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
