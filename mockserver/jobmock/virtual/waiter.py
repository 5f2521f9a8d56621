"""One thread's wait: for a clock reading, for descriptors, for an event, or for the first of these."""

from __future__ import annotations

import os
import threading
from _thread import allocate_lock, get_ident
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import IntEnum

from . import real

ANY_CHILD, OTHER_WORK = 0, -1
"""What a wait for external work names if it isn't for one child: any child process, or work of another kind."""
NOTHING: frozenset[int] = frozenset()
OTHER: frozenset[int] = frozenset((OTHER_WORK,))


class WaitKind(IntEnum):
    """The kind of a wait. Of the waits that end at one clock reading, those of the lowest value go on first.

    So what happens exactly at a timeout still comes in time.
    """

    SLEEP = 0
    EVENT_LOOP = 1
    """The loop's timers may be sleeps or timeouts."""
    TIMEOUT = 2


class Event:
    """An event that one thread sets and others wait for in virtual time."""

    def __init__(self) -> None:
        self.is_set = False
        self._callbacks: list[Callable[[], None]] = []

    def set(self) -> None:
        """Set the event, and run the callbacks."""
        self.is_set = True
        for callback in tuple(self._callbacks):
            callback()

    def add_callback(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the event is set."""
        self._callbacks.append(callback)

    def remove_callback(self, callback: Callable[[], None]) -> None:
        """Don't call `callback` any more."""
        self._callbacks.remove(callback)


class Waiter:
    """One thread in virtual time: whether it waits, for what, and how to block and wake it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started_at: tuple[str, int] | None = None
        """The file and line that started its thread."""
        self.thread: Callable[[], threading.Thread | None] = lambda: None
        """Returns its own thread; None for a job in a pool that is older than the test."""
        self.ident: int | None = None
        self.native_id: int | None = None
        self.ended = Event()
        self.thread_has_ended: Callable[[], bool] | None = None
        """Set after the thread's last call: says whether the thread has really ended."""
        self.polled: set[int] = set()
        """The external work that it has just seen not to be done. Its next sleep then takes as long in real time."""
        self.in_real_time = False
        """Whether it is in a block of `in_real_time`."""
        self.wait_number = 0
        self._readings, self._step = 0, 1
        self._mutex, self._wake_lock = real.Mutex(), allocate_lock()
        real.acquire(self._wake_lock)
        self._woken = self._polling = False
        self._pipe_ends: tuple[int, int] | None = None
        self.clear_wait()

    def bind_to_thread(self) -> None:
        """Take the identifiers of the calling thread, which is this waiter's."""
        self.ident, self.native_id = get_ident(), threading.get_native_id()

    def clear_wait(self, *, waiting: bool = False, awaited: frozenset[int] = NOTHING) -> None:
        """Forget what it waits for. With `waiting`, it still counts as waiting: with `awaited`, for external work."""
        self._readings, self._step = 0, 1
        self.waiting, self.wakeable = waiting, False
        self.awaited = awaited
        """The external work that it waits for: numbers of child processes, ANY_CHILD, OTHER_WORK."""
        self.deadline: int | None = None
        """The clock reading at which its wait ends."""
        self.kind = WaitKind.SLEEP
        self.timed_out = self.awaits_mock = False
        self.ready = False
        """Whether what it waits for had happened at the last check."""
        self.descriptors: Sequence[int] = ()
        self.event: Event | None = None

    @property
    def event_is_set(self) -> bool:
        """Whether it waits for an event that has been set."""
        return self.event is not None and self.event.is_set

    def check_ready(self) -> bool:
        """Return whether its event or descriptor is ready, and keep the answer in `ready`."""
        if self.event_is_set:
            self.ready = True
        elif self.descriptors:
            self.ready = bool(real.readable(self.descriptors, 0))
        return self.ready

    def can_continue(self, now: int) -> bool:
        """Return whether its wait is over at this clock reading."""
        if self.timed_out or self.has_slept(now):
            return True
        return (self.event is not None or bool(self.descriptors)) and self.check_ready()

    def has_slept(self, now: int) -> bool:
        """Return whether it sleeps and its deadline is reached."""
        return self.kind is WaitKind.SLEEP and self.deadline is not None and self.deadline <= now

    @property
    def external(self) -> bool:
        """Whether it waits for external work."""
        return bool(self.awaited)

    def block(self, seconds: float | None) -> bool:
        """Block until `wake` is called or a descriptor is ready; return False after so many real seconds."""
        with self._mutex:
            if self._woken:
                self._woken = False
                real.acquire(self._wake_lock, False)
                return True
            self._polling = bool(self.descriptors)
            ends = self._pipe() if self._polling else ()
        try:
            if ends:
                return bool(real.readable((ends[0], *self.descriptors), seconds))
            return real.acquire(self._wake_lock, True, -1 if seconds is None else seconds)
        finally:
            self._clear_wake()

    def wake(self) -> None:
        """End its `block`, or the next one, from another thread."""
        with self._mutex:
            if self._woken:
                return
            self._woken = True
            if self._polling:
                os.write(self._pipe()[1], b"!")
            else:
                real.release(self._wake_lock)

    def close(self) -> None:
        """Close its pipe."""
        with self._mutex:
            for end in self._pipe_ends or ():
                os.close(end)
            self._pipe_ends = None

    def _clear_wake(self) -> None:
        """Forget a wake-up that has ended a block. An error may interrupt any line, so nothing here waits."""
        with self._mutex:
            if self._pipe_ends is not None:
                with suppress(BlockingIOError):
                    real.read(self._pipe_ends[0], 8)
            real.acquire(self._wake_lock, False)
            self._woken = self._polling = False

    def _pipe(self) -> tuple[int, int]:
        """Return the ends of its pipe: one to read, one to write."""
        if self._pipe_ends is None:
            self._pipe_ends = os.pipe()
            os.set_blocking(self._pipe_ends[0], False)
        return self._pipe_ends
