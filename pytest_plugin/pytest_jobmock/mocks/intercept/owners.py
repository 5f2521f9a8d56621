"""Whose call it is: the intercepts whose test's thread is calling, or a thread that this one has started.

A thread belongs to an intercept if it has begun it, or takes part in the virtual time of the same test. So does a
thread that such a thread starts meanwhile, and a thread of a pool while it runs a job that such a thread submitted.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from threading import get_ident
from typing import Any
from weakref import WeakKeyDictionary

from jobmock.virtual import current_participant

from .interception import Interception

active: list[Interception] = []
"""All intercepts of this process."""
_of_threads: WeakKeyDictionary[threading.Thread, tuple[Interception, ...]] = WeakKeyDictionary()
_of_context: ContextVar[tuple[Interception, ...]] = ContextVar("jobmock_intercepts", default=())
"""trio and anyio hand a task's context on to the threads in which they look names up."""


def add(intercept: Interception) -> None:
    """Let an intercept begin, for the calling thread."""
    active.append(intercept)
    _add_to(threading.current_thread(), (intercept,))
    _of_context.set((*_of_context.get(), intercept))


def remove(intercept: Interception) -> None:
    """Let an intercept end."""
    active.remove(intercept)
    for thread, its in tuple(_of_threads.items()):
        _of_threads[thread] = tuple(one for one in its if one is not intercept)
    _of_context.set(tuple(one for one in _of_context.get() if one in active))


def current() -> list[Interception]:
    """Return the intercepts that the calling thread belongs to."""
    if not active:
        return []
    me, thread = current_participant(), _current_thread()
    its = (*_of_context.get(), *(_of_threads.get(thread, ()) if thread else ()))
    return [one for one in active if one in its or (me is not None and one.scheduler is me.scheduler)]


def start(real: Any, thread: threading.Thread) -> None:
    """Thread.start: the new thread belongs to the same intercepts."""
    if its := current():
        _add_to(thread, tuple(its))
    real(thread)


def submit(real: Any, pool: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """ThreadPoolExecutor.submit: the thread that runs the job belongs to the same intercepts meanwhile.

    In virtual time it takes part anyway.
    """
    if current_participant() is not None or not (its := current()):
        return real(pool, function, *args, **kwargs)

    def run(*args: Any, **kwargs: Any) -> Any:
        token = _of_context.set(tuple(its))
        try:
            return function(*args, **kwargs)
        finally:
            _of_context.reset(token)

    return real(pool, run, *args, **kwargs)


def _add_to(thread: threading.Thread, intercepts: tuple[Interception, ...]) -> None:
    _of_threads[thread] = (*_of_threads.get(thread, ()), *intercepts)


def _current_thread() -> threading.Thread | None:
    """Return the calling thread's object. `threading.current_thread` would make one that stays."""
    return next((thread for thread in threading.enumerate() if thread.ident == get_ident()), None)
