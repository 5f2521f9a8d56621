"""Threads: each that a participant begins takes part, until it is really over."""

from __future__ import annotations

import _thread
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from .c_functions import with_copies
from .current import here, taking_part
from .endings import WorldEnded
from .locations import users_frame
from .participant import Participant
from .test_runners import begun_by_harness

_of_thread: WeakKeyDictionary[threading.Thread, Participant] = WeakKeyDictionary()
_is_alive = threading.Thread.is_alive


def start_new_thread(real: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Begin a thread, as `_thread.start_new_thread` and `start_joinable_thread` do."""
    me, thread = here(), getattr(function, "__self__", None)
    if me is None or getattr(thread, "outside_virtual_time", False) or begun_by_harness(1):
        return real(function, *args, **kwargs)
    participant = me.world.join(getattr(thread, "name", None) or "a thread")
    if beginner := users_frame(sys._getframe(1)):
        participant.begun = beginner.f_code.co_filename, beginner.f_lineno
    if isinstance(thread, threading.Thread):
        _of_thread[thread] = participant
        participant.thread = weakref.ref(thread)

    _end_quietly(thread, participant)

    def taking(*args: Any, **kwargs: Any) -> None:
        with taking_part(participant):
            try:
                function(*args, **kwargs)
            finally:
                participant.world.leave(participant, over=_is_over(thread))

    try:
        return real(taking, *args, **kwargs)
    except BaseException:
        participant.world.leave(participant)
        raise


def _end_quietly(thread: Any, participant: Participant) -> None:
    """Let a thread end without a word, whatever it raises, once its test was ended: the test tells it."""
    if (told := getattr(thread, "_invoke_excepthook", None)) is not None:

        def tell(*args: Any) -> None:
            if not participant.world.failed:
                told(*args)

        thread._invoke_excepthook = tell


def join(real: Any, thread: threading.Thread, timeout: float | None = None) -> None:
    """Thread.join: whoever waits for a participant lets time move; a thread from outside is something real."""
    me = here()
    if me is None or thread is threading.current_thread() or not thread.is_alive():
        real(thread, timeout)
        return
    participant = _of_thread.get(thread)
    if participant is None or participant.world is not me.world:
        me.world.wait_outside(me, timeout, lambda seconds: _joined(real, thread, seconds))
        return
    try:
        if me.world.wait(me, due=me.world.due_in(timeout), signal=participant.ended):
            real(thread)
    except WorldEnded as end:
        real(thread, end.seconds)


def is_alive(real: Any, thread: threading.Thread) -> bool:
    """Thread.is_alive: a thread from outside that is alive is something real that isn't done."""
    alive = bool(real(thread))
    me = here()
    if alive and me is not None and thread not in _of_thread and thread is not threading.current_thread():
        me.looked = True
    return alive


def participant_of(thread: threading.Thread) -> Participant | None:
    """Return the participant that a thread is all its life, or None for a thread from outside."""
    return _of_thread.get(thread)


def _joined(real: Any, thread: threading.Thread, seconds: float | None) -> bool:
    real(thread, seconds)
    return not _is_alive(thread)


def _is_over(thread: Any) -> Callable[[], bool]:
    """Return what says whether a thread is really over; one that is begun without an object is, with its call."""
    if not isinstance(thread, threading.Thread):
        return lambda: True

    def over() -> bool:
        return not _is_alive(thread)

    return over


FUNCTIONS = with_copies(
    (getattr(_thread, name), start_new_thread)
    for name in ("start_new_thread", "start_new", "start_joinable_thread")
    if hasattr(_thread, name)
)
METHODS = ((threading.Thread, "join", join), (threading.Thread, "is_alive", is_alive))
