"""Ends what the test's own thread really waits for, with what ended its test."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .scheduler import Scheduler
from .test_runners import is_in_pytest
from .waiter import Waiter

_SIGNAL = getattr(signal, "SIGURG", None)
"""A signal that does nothing where nobody listens."""


@contextmanager
def interruptible(scheduler: Scheduler) -> Iterator[None]:
    """Let a world's failure end a call of the test's own thread, for the length of a `with` block.

    That works in the main thread alone, where Python runs what a signal asks for. In another thread the failure is
    told when the call returns; so it is where pytest itself is at work.
    """
    if _SIGNAL is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(participant: Waiter) -> None:
        signal.pthread_kill(participant.ident or 0, _SIGNAL)

    def meet(number: int, frame: Any) -> None:
        if scheduler.active and not is_in_pytest(frame):
            scheduler.raise_if_failed()

    before = signal.signal(_SIGNAL, meet)
    scheduler.interrupt = interrupt
    try:
        yield
    finally:
        scheduler.interrupt = lambda participant: None
        signal.signal(_SIGNAL, signal.SIG_DFL if before is None else before)
