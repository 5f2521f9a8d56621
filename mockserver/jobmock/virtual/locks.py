"""Locks and queues of a participant's thread: it waits for them in virtual time, so their owner may sleep.

Conditions, events, semaphores, barriers, futures and the queues of `queue` all wait for a lock, so they need no code of
their own. A lock that an external thread holds is external work.
"""

from __future__ import annotations

import _queue
import _thread
import os
import sys
from _thread import TIMEOUT_MAX
from typing import Any
from weakref import ref

from .exceptions import VirtualTimeEnded
from .external_threads import is_awaited, note_external_take, recorded_wait
from .lock_waiters import has_waiter, waiters, waiting_for, wake_next
from .participant import Participant, current_participant
from .patching import Patches

_NUMBERS = (int, float)
_held: dict[int, ref[Any]] = {}
"""The locks that participants hold, by id. Another object may get the id of a lock that was deleted while held."""
_Lock, _RLock, _Queue = _thread.LockType, _thread.RLock, _queue.SimpleQueue
_is_owned: Any = _RLock._is_owned  # type: ignore[attr-defined]


def patch(patches: Patches) -> None:
    """Replace the methods of locks and queues."""
    for kind, reentrant in ((_Lock, False), (_RLock, True)):
        acquire = _make_acquire(kind.acquire, kind.release)
        release = _make_release(kind.release, reentrant)
        for name in ("acquire", "acquire_lock", "__enter__"):
            if hasattr(kind, name):
                patches.attribute(kind, name, acquire)
        for name in ("release", "release_lock"):
            if hasattr(kind, name):
                patches.attribute(kind, name, release)
        patches.attribute(kind, "__exit__", lambda lock, *error, release=release: release(lock))
    patches.method(_RLock, "_release_save", _release_save)
    patches.method(_RLock, "_acquire_restore", _acquire_restore)
    patches.method(_Queue, "get", _get)
    patches.method(_Queue, "get_nowait", _get_nowait)
    patches.method(_Queue, "put", _put)
    patches.method(_Queue, "put_nowait", _put)


def forget_holders() -> None:
    """Forget who holds which lock, once no thread takes part any more."""
    _held.clear()


def _is_held(lock: Any) -> bool:
    """Return whether a participant holds a lock."""
    found = _held.get(id(lock))
    return found is not None and found() is lock


def _note_taken(me: Participant | None, resource: object) -> None:
    """Note that a lock or an item of a queue was taken: by an external thread, or by a participant."""
    if me is None:
        note_external_take(resource)
    elif (threads := me.scheduler.external.threads).releases:
        threads.note_taken(resource)


def _note_release(lock: Any) -> None:
    """Note that a participant is about to release a lock. It used it as a mutex if a participant has taken it."""
    used_as_mutex = _is_held(lock)
    if (not used_as_mutex or is_awaited(lock)) and (me := current_participant()) is not None:
        me.scheduler.external.threads.note_release(lock, used_as_mutex=used_as_mutex)


def _make_acquire(real: Any, release: Any) -> Any:
    """Return the replacement for a lock's acquire."""

    def acquire(lock: Any, blocking: bool = True, timeout: float = -1) -> bool:
        me = current_participant()
        if not blocking or not (timeout == -1 or _is_valid_timeout(timeout)):
            acquired = bool(real(lock, blocking, timeout))
        elif real(lock, False):
            acquired = True
        elif me is None:
            with recorded_wait(lock):
                acquired = bool(real(lock, True, timeout))
        else:
            acquired = _wait(real, release, lock, me, timeout)
        if acquired:
            if me is not None:
                _held[id(lock)] = ref(lock)
            _note_taken(me, lock)
        return acquired

    return acquire


def _is_valid_timeout(timeout: object) -> bool:
    """Return whether a lock can be waited for so long. The real method refuses other values."""
    return isinstance(timeout, _NUMBERS) and 0 <= timeout <= TIMEOUT_MAX


def _wait(real: Any, release: Any, lock: Any, me: Participant, timeout: float) -> bool:
    deadline = me.scheduler.deadline_in(None if timeout < 0 else timeout)
    importing = sys._getframe(2).f_globals.get("__name__") == "importlib._bootstrap"

    def is_free() -> bool:
        free = bool(real(lock, False))
        if free:
            release(lock)
        return free

    while True:
        with waiting_for(lock, is_free) as event:
            if real(lock, False):
                return True
            try:
                acquired = me.scheduler.wait(
                    me, deadline=deadline, event=event, external=not _is_held(lock), ignore_failure=importing
                )
                if not acquired:
                    return bool(real(lock, False))
            except VirtualTimeEnded as end:
                return bool(real(lock, True, -1 if end.seconds is None else end.seconds))


def _make_release(real: Any, reentrant: bool) -> Any:
    """Return the replacement for a lock's release."""

    def release(lock: Any) -> None:
        _note_release(lock)
        real(lock)
        if not reentrant or not _is_owned(lock):
            _held.pop(id(lock), None)
            if waiters:
                wake_next(lock)

    return release


def _release_save(real: Any, lock: Any) -> Any:
    """Release an RLock completely, for a condition."""
    _note_release(lock)
    state = real(lock)
    _held.pop(id(lock), None)
    wake_next(lock)
    return state


def _acquire_restore(real: Any, lock: Any, state: Any) -> None:
    """Take an RLock as many times as before."""
    if current_participant() is None:
        real(lock, state)
        return
    for _ in range(state[0]):
        lock.acquire()


def _get(real: Any, queue: Any, block: bool = True, timeout: float | None = None) -> Any:
    """Take the next item of a SimpleQueue."""
    me, waits = current_participant(), block and (timeout is None or timeout > 0)
    if not waits:
        found = real(queue, block, timeout)
    elif me is None:
        with recorded_wait(queue):
            found = real(queue, True, timeout)
    else:
        found = _wait_for_item(real, queue, me, timeout)
    _note_taken(me, queue)
    return found


def _get_nowait(real: Any, queue: Any) -> Any:
    """Take the next item of a SimpleQueue, if there is one."""
    found = real(queue)
    _note_taken(current_participant(), queue)
    return found


def _wait_for_item(real: Any, queue: Any, me: Participant, timeout: float | None) -> Any:
    deadline = me.scheduler.deadline_in(timeout)
    idle = sys._getframe(3).f_globals.get("__name__") == "concurrent.futures.thread"
    while True:
        with waiting_for(queue, lambda: not queue.empty()) as event:
            try:
                return real(queue, False)
            except _queue.Empty:
                pass
            try:
                if not me.scheduler.wait(me, deadline=deadline, event=event, ignore_failure=idle):
                    return real(queue, False)
            except VirtualTimeEnded as end:
                return real(queue, True, end.seconds)


def _put(real: Any, queue: Any, *args: Any, **kwargs: Any) -> None:
    """Put an item into a SimpleQueue."""
    me = current_participant()
    if me is not None and not has_waiter(queue):
        me.scheduler.external.threads.note_release(queue)
    real(queue, *args, **kwargs)
    wake_next(queue)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.clear)
