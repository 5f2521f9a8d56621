"""Threads: each thread that a participant starts takes part until it has really ended."""

from __future__ import annotations

import _thread
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from .builtin_functions import with_originals
from .exceptions import VirtualTimeEnded
from .locations import user_frame
from .participant import Participant, add_participant, current_participant, participating_as
from .test_runners import started_by_test_runner
from .waiter import OTHER_WORK

_participants: WeakKeyDictionary[threading.Thread, Participant] = WeakKeyDictionary()
_is_alive = threading.Thread.is_alive


def start_new_thread(real: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Start a thread, as `_thread.start_new_thread` and `start_joinable_thread` do."""
    me, thread = current_participant(), getattr(function, "__self__", None)
    if me is None or getattr(thread, "outside_virtual_time", False) or started_by_test_runner(1):
        return real(function, *args, **kwargs)
    participant = add_participant(me.scheduler, getattr(thread, "name", None) or "a thread")
    if starter := user_frame(sys._getframe(1)):
        participant.started_at = starter.f_code.co_filename, starter.f_lineno
    if isinstance(thread, threading.Thread):
        _participants[thread] = participant
        participant.thread = weakref.ref(thread)

    _end_quietly(thread, participant)

    def run(*args: Any, **kwargs: Any) -> None:
        with participating_as(participant):
            try:
                function(*args, **kwargs)
            finally:
                participant.scheduler.leave(participant, thread_has_ended=_ended_check(thread))

    try:
        return real(run, *args, **kwargs)
    except BaseException:
        participant.scheduler.leave(participant)
        raise


def _end_quietly(thread: Any, participant: Participant) -> None:
    """Print no error that ends a thread after its test has failed, as the test reports it."""
    if (excepthook := getattr(thread, "_invoke_excepthook", None)) is not None:

        def report(*args: Any) -> None:
            if not participant.scheduler.has_failed:
                excepthook(*args)

        thread._invoke_excepthook = report


def join(real: Any, thread: threading.Thread, timeout: float | None = None) -> None:
    """Thread.join: wait for a participant in virtual time; an external thread is external work."""
    me = current_participant()
    if me is None or thread is threading.current_thread() or not thread.is_alive():
        real(thread, timeout)
        return
    participant = _participants.get(thread)
    if participant is None or participant.scheduler is not me.scheduler:
        me.scheduler.wait_for_external(me, timeout, lambda seconds: _joined(real, thread, seconds))
        return
    try:
        if me.scheduler.wait(me, deadline=me.scheduler.deadline_in(timeout), event=participant.ended):
            real(thread)
    except VirtualTimeEnded as end:
        real(thread, end.seconds)


def is_alive(real: Any, thread: threading.Thread) -> bool:
    """Thread.is_alive: an external thread that is alive is external work that isn't done."""
    alive = bool(real(thread))
    me = current_participant()
    if alive and me is not None and thread not in _participants and thread is not threading.current_thread():
        me.polled.add(OTHER_WORK)
    return alive


def participant_of(thread: threading.Thread) -> Participant | None:
    """Return a thread's own participant, or None for an external thread."""
    return _participants.get(thread)


def _joined(real: Any, thread: threading.Thread, seconds: float | None) -> bool:
    real(thread, seconds)
    return not _is_alive(thread)


def _ended_check(thread: Any) -> Callable[[], bool]:
    """Return a function that says whether a thread has ended; one without a Thread object ends with its call."""
    if not isinstance(thread, threading.Thread):
        return lambda: True

    def thread_has_ended() -> bool:
        return not _is_alive(thread)

    return thread_has_ended


FUNCTIONS = with_originals(
    (getattr(_thread, name), start_new_thread)
    for name in ("start_new_thread", "start_new", "start_joinable_thread")
    if hasattr(_thread, name)
)
METHODS = ((threading.Thread, "join", join), (threading.Thread, "is_alive", is_alive))
