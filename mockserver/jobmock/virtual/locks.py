"""Locks and queues of a participant's thread: whoever waits for one waits in virtual time, so its owner may sleep.

Conditions, events, semaphores, barriers, futures and the queues of `queue` all wait for a lock, so they need nothing
of their own. A lock that a thread outside holds is something real.
"""

from __future__ import annotations

import _queue
import _thread
import os
import sys
from _thread import TIMEOUT_MAX
from typing import Any
from weakref import ref

from .current import here
from .endings import WorldEnded
from .lock_waiters import is_waited_for, tell, waiting, waiting_for
from .older_threads import at_rest, is_rested_for, took
from .participant import Participant
from .patching import Patches

_NUMBERS = (int, float)
_taken: dict[int, ref[Any]] = {}
"""The locks that participants hold, by id: one that was dropped while it was held leaves its id to another."""
_Lock, _RLock, _Queue = _thread.LockType, _thread.RLock, _queue.SimpleQueue
_is_owned: Any = _RLock._is_owned  # type: ignore[attr-defined]


def place(patches: Patches) -> None:
    """Put the stand-ins of the methods in place."""
    for kind, taken_again in ((_Lock, False), (_RLock, True)):
        acquire = _acquire_in_place_of(kind.acquire, kind.release)
        release = _release_in_place_of(kind.release, taken_again)
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


def forget() -> None:
    """Forget who holds what, once nobody takes part any longer."""
    _taken.clear()


def _is_taken(lock: Any) -> bool:
    """Say whether a participant holds a lock."""
    found = _taken.get(id(lock))
    return found is not None and found() is lock


def _has_taken(me: Participant | None, thing: object) -> None:
    """Note who has taken a thing: an older thread, or one that takes part, so that none would have."""
    if me is None:
        took(thing)
    elif (older := me.world.pace.older_threads).told:
        older.taken(thing)


def _let_older_on(lock: Any) -> None:
    """Note whom a lock lets on that a participant is about to give up: one that it holds was only in use."""
    in_use = _is_taken(lock)
    if (not in_use or is_rested_for(lock)) and (me := here()) is not None:
        me.world.pace.older_threads.woken(lock, briefly=in_use)


def _acquire_in_place_of(real: Any, release: Any) -> Any:
    """Return what is called in place of a lock's own acquire."""

    def acquire(lock: Any, blocking: bool = True, timeout: float = -1) -> bool:
        me = here()
        if not blocking or not (timeout == -1 or _is_length(timeout)):
            came = bool(real(lock, blocking, timeout))
        elif real(lock, False):
            came = True
        elif me is None:
            with at_rest(lock):
                came = bool(real(lock, True, timeout))
        else:
            came = _wait(real, release, lock, me, timeout)
        if came:
            if me is not None:
                _taken[id(lock)] = ref(lock)
            _has_taken(me, lock)
        return came

    return acquire


def _is_length(timeout: object) -> bool:
    """Say whether a lock can be waited for so long: the real method refuses anything else."""
    return isinstance(timeout, _NUMBERS) and 0 <= timeout <= TIMEOUT_MAX


def _wait(real: Any, release: Any, lock: Any, me: Participant, timeout: float) -> bool:
    due = me.world.due_in(None if timeout < 0 else timeout)
    importing = sys._getframe(2).f_globals.get("__name__") == "importlib._bootstrap"

    def is_free() -> bool:
        free = bool(real(lock, False))
        if free:
            release(lock)
        return free

    while True:
        with waiting_for(lock, is_free) as signal:
            if real(lock, False):
                return True
            try:
                outside = not _is_taken(lock)
                if not me.world.wait(me, due=due, signal=signal, outside=outside, quiet=importing):
                    return bool(real(lock, False))
            except WorldEnded as end:
                return bool(real(lock, True, -1 if end.seconds is None else end.seconds))


def _release_in_place_of(real: Any, taken_again: bool) -> Any:
    """Return what is called in place of a lock's own release."""

    def release(lock: Any) -> None:
        _let_older_on(lock)
        real(lock)
        if not taken_again or not _is_owned(lock):
            _taken.pop(id(lock), None)
            if waiting:
                tell(lock)

    return release


def _release_save(real: Any, lock: Any) -> Any:
    """Give up an RLock altogether, for a condition."""
    _let_older_on(lock)
    state = real(lock)
    _taken.pop(id(lock), None)
    tell(lock)
    return state


def _acquire_restore(real: Any, lock: Any, state: Any) -> None:
    """Take an RLock as many times as before."""
    if here() is None:
        real(lock, state)
        return
    for _ in range(state[0]):
        lock.acquire()


def _get(real: Any, queue: Any, block: bool = True, timeout: float | None = None) -> Any:
    """Take the next item of a SimpleQueue."""
    me, waits = here(), block and (timeout is None or timeout > 0)
    if not waits:
        found = real(queue, block, timeout)
    elif me is None:
        with at_rest(queue):
            found = real(queue, True, timeout)
    else:
        found = _wait_for_item(real, queue, me, timeout)
    _has_taken(me, queue)
    return found


def _get_nowait(real: Any, queue: Any) -> Any:
    """Take the next item of a SimpleQueue, if there is any."""
    found = real(queue)
    _has_taken(here(), queue)
    return found


def _wait_for_item(real: Any, queue: Any, me: Participant, timeout: float | None) -> Any:
    due, idle = me.world.due_in(timeout), sys._getframe(3).f_globals.get("__name__") == "concurrent.futures.thread"
    while True:
        with waiting_for(queue, lambda: not queue.empty()) as signal:
            try:
                return real(queue, False)
            except _queue.Empty:
                pass
            try:
                if not me.world.wait(me, due=due, signal=signal, quiet=idle):
                    return real(queue, False)
            except WorldEnded as end:
                return real(queue, True, end.seconds)


def _put(real: Any, queue: Any, *args: Any, **kwargs: Any) -> None:
    """Put an item into a SimpleQueue."""
    me = here()
    if me is not None and not is_waited_for(queue):
        me.world.pace.older_threads.woken(queue)
    real(queue, *args, **kwargs)
    tell(queue)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_taken.clear)
