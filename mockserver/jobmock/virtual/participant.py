"""One thread that takes part in virtual time, and what it waits for: a reading, descriptors, a signal, or the first."""

from __future__ import annotations

import os
import threading
from _thread import allocate_lock, get_ident
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING

from . import real

if TYPE_CHECKING:
    from .world import World


_MANY_READINGS, _FEW_READINGS = 10_000, 100
_LONGEST_STEP = 1_000_000
"""Nanoseconds."""


class Rank(IntEnum):
    """Who goes first among those whose reading has come: what happens then is in time for whoever gives up then."""

    SLEEP = 0
    TIMERS = 1
    """An event loop: its timers may be sleeps or timeouts."""
    TIMEOUT = 2


class Signal:
    """Something that threads wait for and another one gives."""

    def __init__(self) -> None:
        self.given = False
        self._wakes: list[Callable[[], None]] = []

    def give(self) -> None:
        """Give the signal."""
        self.given = True
        for wake in tuple(self._wakes):
            wake()

    def tell(self, wake: Callable[[], None]) -> None:
        """Call `wake` when the signal is given."""
        self._wakes.append(wake)

    def forget(self, wake: Callable[[], None]) -> None:
        """Call `wake` no longer."""
        self._wakes.remove(wake)


class Participant:
    """One thread that takes part: what it waits for just now, if it does."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.begun: tuple[str, int] | None = None
        """File and line of whoever began its thread."""
        self.thread: Callable[[], threading.Thread | None] = lambda: None
        """The thread that it is all its life; none for a job of a pool that was there before."""
        self.ident: int | None = None
        self.native_id: int | None = None
        self.ended = Signal()
        self.over: Callable[[], bool] | None = None
        """Set once its last call has returned: says whether the thread is really over."""
        self.looked = False
        """Whether it has just seen that something real isn't done: its next sleep lasts as long in real time."""
        self.apart = False
        """Whether it does something in real time just now, and says so."""
        self.turn = 0
        self._readings, self._step = 0, 1
        self._mutex, self._gate = real.Mutex(), allocate_lock()
        real.acquire(self._gate)
        self._woken = self._polls = False
        self._ends: tuple[int, int] | None = None
        self.rest()

    def begin(self) -> None:
        """Begin in the calling thread."""
        self.ident, self.native_id = get_ident(), threading.get_native_id()

    def spin(self, readings: int = 1) -> None:
        """Count readings of the clock since the last wait; a sleep of 0 s counts for many.

        Who does nothing else for long waits for the clock to go on, or to go past a moment: so it does, in steps that
        grow to a millisecond.
        """
        self._readings += readings
        if self._readings > _MANY_READINGS:
            readings, step = _MANY_READINGS - _FEW_READINGS, self._step
            self.world.wait(self, due=self.world.clock.now() + step, rank=Rank.SLEEP)
            self._readings, self._step = readings, min(2 * step, _LONGEST_STEP)

    def rest(self, *, waiting: bool = False, outside: bool = False) -> None:
        """Wait for nothing that is known here, or for something `outside` of this thread's time, or not at all."""
        self._readings, self._step = 0, 1
        self.waiting, self.outside, self.blocks = waiting, outside, False
        self.due: int | None = None
        self.rank = Rank.SLEEP
        self.granted = self.asking = False
        self.came = False
        """Whether what it waits for had happened when it was last looked at."""
        self.descriptors: Sequence[int] = ()
        self.signal: Signal | None = None

    @property
    def signalled(self) -> bool:
        """Whether the signal that it waits for has been given."""
        return self.signal is not None and self.signal.given

    def ready(self) -> bool:
        """Say whether what it waits for has happened, apart from the clock; it is remembered as `came`."""
        if self.signalled:
            self.came = True
        elif self.descriptors:
            self.came = bool(real.readable(self.descriptors, 0))
        return self.came

    def called(self, now: int) -> bool:
        """Say whether it would go on, were it let."""
        if self.granted or self.slept(now):
            return True
        return (self.signal is not None or bool(self.descriptors)) and self.ready()

    def slept(self, now: int) -> bool:
        """Say whether it has slept as long as it meant to."""
        return self.rank is Rank.SLEEP and self.due is not None and self.due <= now

    def block(self, seconds: float | None) -> bool:
        """Really wait until woken, or until a descriptor has something; False after so many seconds."""
        with self._mutex:
            if self._woken:
                self._woken = False
                real.acquire(self._gate, False)
                return True
            self._polls = bool(self.descriptors)
            ends = self._pipe() if self._polls else ()
        try:
            if ends:
                return bool(real.readable((ends[0], *self.descriptors), seconds))
            return real.acquire(self._gate, True, -1 if seconds is None else seconds)
        finally:
            self._forget_wake()

    def wake(self) -> None:
        """End its `block`, or the next one, from another thread."""
        with self._mutex:
            if self._woken:
                return
            self._woken = True
            if self._polls:
                os.write(self._pipe()[1], b"!")
            else:
                real.release(self._gate)

    def close(self) -> None:
        """Give back what it held."""
        with self._mutex:
            for end in self._ends or ():
                os.close(end)
            self._ends = None

    def _forget_wake(self) -> None:
        """Forget a wake that has done its work. An error may have come in at any line, so nothing here waits."""
        with self._mutex:
            if self._ends is not None:
                with suppress(BlockingIOError):
                    real.read(self._ends[0], 8)
            real.acquire(self._gate, False)
            self._woken = self._polls = False

    def _pipe(self) -> tuple[int, int]:
        """Return two descriptors: what is written to the second can be read from the first."""
        if self._ends is None:
            self._ends = os.pipe()
            os.set_blocking(self._ends[0], False)
        return self._ends
