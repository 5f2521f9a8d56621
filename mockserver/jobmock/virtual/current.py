"""The participant that the calling thread is. Each replaced function looks here first."""

from __future__ import annotations

import os
import threading
from typing import Any


class _CallingThread(threading.local):
    participant: Any = None
    """A Participant, or None for a thread that doesn't take part."""


calling_thread = _CallingThread()


class in_real_time:  # noqa: N801
    """Lets the calling thread do something in real time for a `with` block. The clock doesn't move meanwhile."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = before = calling_thread.participant
        if before is not None:
            calling_thread.participant, before.in_real_time = None, True

    def __exit__(self, *error: object) -> None:
        if (before := self._before) is not None:
            calling_thread.participant, before.in_real_time = before, False


def _forget() -> None:
    """Begin a forked process in real time: none of its threads takes part."""
    calling_thread.__dict__.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
