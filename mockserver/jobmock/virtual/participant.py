"""One thread that takes part in virtual time, and what it waits for: a reading, descriptors, a signal, or the first."""

from __future__ import annotations

import os
import select
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .stall import Stall

if TYPE_CHECKING:
    from .world import World


class Signal:
    """Something that one thread waits for and another says. Condition variables take it for a lock."""

    def __init__(self) -> None:
        self.given = False
        self._wakes: list[Callable[[], None]] = []

    def release(self) -> None:
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
        self.ident: int | None = None
        self.ended = Signal()
        self.stall = Stall(world.clock)
        self._pipe: tuple[int, int] | None = None
        self._lock, self._woken, self._closed = allocate_lock(), False, False
        self.rest()

    def rest(self, *, waiting: bool = False) -> None:
        """Wait for nothing that is known here, or not at all."""
        self.waiting, self.blocks = waiting, False
        self.due: int | None = None
        self.descriptors: Sequence[int] = ()
        self.signal: Signal | None = None
        self.asking = False

    def ready(self) -> bool:
        """Say whether what it waits for has happened, apart from the clock."""
        if self.signal is not None and self.signal.given:
            return True
        return bool(self.descriptors) and bool(readable(self.descriptors, 0))

    def called(self, now: int) -> bool:
        """Say whether it would go on, were it let."""
        return (self.due is not None and self.due <= now) or self.ready()

    def block(self, seconds: float | None) -> bool:
        """Really wait until woken, or until a descriptor has something; False after so many seconds."""
        with self._lock:
            wakes = self._ends()[0]
        found = readable((wakes, *self.descriptors), seconds)
        if wakes in found:
            with self._lock:
                os.read(wakes, 1)
                self._woken = False
        return bool(found)

    def wake(self) -> None:
        """End its `block`, or the next one, from another thread."""
        with self._lock:
            if not self._woken and not self._closed:
                self._woken = True
                os.write(self._ends()[1], b"!")

    def close(self) -> None:
        """Give back what it held."""
        with self._lock:
            self._closed = True
            for end in self._pipe or ():
                os.close(end)
            self._pipe = None

    def _ends(self) -> tuple[int, int]:
        if self._pipe is None:
            self._pipe = os.pipe()
        return self._pipe


def readable(descriptors: Sequence[int], seconds: float | None) -> list[int]:
    """Return those that have something, or have been closed, within so many real seconds."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(None if seconds is None else seconds * 1000)]
