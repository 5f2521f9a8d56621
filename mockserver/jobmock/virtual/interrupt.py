"""Interrupts a call in which the test's own thread waits in real time, with the error that ended its test."""

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
"""A signal that does nothing unless a handler is set."""


@contextmanager
def interruptible(scheduler: Scheduler) -> Iterator[None]:
    """Let the error that ends a test interrupt a call of the test's own thread, for the length of a `with` block.

    This works in the main thread alone, where Python runs signal handlers. In another thread, the error is raised when
    the call returns. The same holds while pytest itself runs.
    """
    if _SIGNAL is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(participant: Waiter) -> None:
        signal.pthread_kill(participant.ident or 0, _SIGNAL)

    def handle(number: int, frame: Any) -> None:
        if scheduler.active and not is_in_pytest(frame):
            scheduler.raise_if_failed()

    before = signal.signal(_SIGNAL, handle)
    scheduler.interrupt = interrupt
    try:
        yield
    finally:
        scheduler.interrupt = lambda participant: None
        signal.signal(_SIGNAL, signal.SIG_DFL if before is None else before)
