"""Who waits on one clock, and when it may move: to the earliest wake-up, once all who take part wait.

A participant is a thread: the test's own, and those that it starts. It waits for a reading of the clock, for a file
descriptor, for a signal of another thread, or for the first of them. The last one to wait is the one that moves time.
"""

from __future__ import annotations

import os
import select
import threading
from _thread import RLock
from collections.abc import Callable
from contextlib import contextmanager
from time import monotonic_ns, process_time
from typing import TYPE_CHECKING

from ..clock import SECOND, Clock
from ..errors import VirtualTimeError
from .stall import Stall

if TYPE_CHECKING:
    from collections.abc import Iterator

_WATCHDOG_SECONDS = 10.0
_here = threading.local()


class Signal:
    """Something that one thread waits for and another says. Condition variables take it for a lock."""

    def __init__(self) -> None:
        self.given = False
        self._wakes: list[Callable[[], None]] = []

    def release(self) -> None:
        """Give the signal."""
        self.given = True
        for wake in self._wakes:
            wake()

    def tell(self, wake: Callable[[], None]) -> None:
        """Call `wake` when the signal is given."""
        self._wakes.append(wake)


class Participant:
    """One thread that takes part: what it waits for just now, if it does."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.ident: int | None = None
        self.ended = Signal()
        self.waiting = False
        self.due: int | None = None
        self.descriptor: int | None = None
        self.signal: Signal | None = None
        self.stall = Stall()
        self._pipe: tuple[int, int] | None = None

    def ready(self) -> bool:
        """Say whether what it waits for has happened, apart from the clock."""
        if self.signal is not None and self.signal.given:
            return True
        return self.descriptor is not None and bool(_readable([self.descriptor], 0))

    def called(self, now: int) -> bool:
        """Say whether it would go on, were it let."""
        return (self.due is not None and self.due <= now) or self.ready()

    def block(self, seconds: float | None) -> bool:
        """Really wait until woken, or until the descriptor has something; False after so many seconds."""
        watched = [self._ends()[0]]
        if self.descriptor is not None:
            watched.append(self.descriptor)
        found = _readable(watched, seconds)
        if watched[0] in found:
            os.read(watched[0], 4096)
        return bool(found)

    def wake(self) -> None:
        """End its `block`, from another thread."""
        os.write(self._ends()[1], b"!")

    def close(self) -> None:
        """Give back what it held."""
        if self._pipe:
            for end in self._pipe:
                os.close(end)
            self._pipe = None

    def _ends(self) -> tuple[int, int]:
        if self._pipe is None:
            self._pipe = os.pipe()
        return self._pipe


class World:
    """One clock and all who wait on it. `settle` returns when the server has done what it can without time passing.

    `ports` are those of the loopback address behind which that server listens.
    """

    def __init__(self, clock: Clock, settle: Callable[[], None] = lambda: None, ports: set[int] | None = None) -> None:
        self.clock, self._settle = clock, settle
        self.ports = set() if ports is None else ports
        self.active = True
        self._lock = RLock()
        self._taking_part: list[Participant] = []
        whole_second = -(-monotonic_ns() // SECOND) * SECOND
        self._lead, self._last = whole_second - clock.now(), clock.now()
        self._stop = clock.on_change(self._changed)

    def monotonic(self) -> int:
        """Return nanoseconds that never go back, for all who take part; event loops count from the same moment."""
        return self.clock.now() + self._lead

    def reading(self, monotonic: int) -> int:
        """Return the clock's reading at a moment of `monotonic`."""
        return monotonic - self._lead

    def join(self, name: str) -> Participant:
        """Let one more take part, as not waiting; called before its thread begins."""
        with self._lock:
            participant = Participant(self, name)
            self._taking_part.append(participant)
            return participant

    def leave(self, participant: Participant) -> None:
        """Take one out; the others may then be able to go on."""
        with self._lock:
            if participant in self._taking_part:
                self._taking_part.remove(participant)
                participant.ended.release()
                participant.close()
            self._wake_someone()

    def idle(self, me: Participant, *, waiting: bool) -> None:
        """Count the calling participant among those who wait, for nothing that is known here, or no longer."""
        with self._lock:
            me.due = me.descriptor = me.signal = None
            me.waiting = waiting
            if waiting:
                self._wake_someone()
            me.stall.mark()

    def end(self) -> None:
        """Nobody waits on this clock any longer: whoever still does goes on in real time."""
        with self._lock:
            self.active = False
            self._stop()
            for participant in tuple(self._taking_part):
                if participant.waiting:
                    participant.wake()

    def wait(
        self, me: Participant, *, due: int | None = None, descriptor: int | None = None, signal: Signal | None = None
    ) -> bool:
        """Wait for a descriptor or a signal; False if the clock read `due` first. Raises VirtualTimeError."""
        me.stall.check()
        with self._lock:
            me.due, me.descriptor, me.signal, me.waiting = due, descriptor, signal, True
            if signal is not None:
                signal.tell(me.wake)
            try:
                while self.active and not me.ready():
                    if due is not None and self.clock.now() >= due:
                        return self._in_the_end(me)
                    self._wait_on(me)
                return me.ready()
            finally:
                me.waiting = False
                me.stall.mark()

    def _in_the_end(self, me: Participant) -> bool:
        """Say whether what comes at the very moment `due` has come: an answer goes before its timeout."""
        if me.descriptor is None:
            return False
        self._settle()
        return me.ready()

    def _wait_on(self, me: Participant) -> None:
        """Move time if all wait; else block until one of the others, or the server, has done something."""
        if not all(participant.waiting for participant in self._taking_part):
            self._block(me, _WATCHDOG_SECONDS)
            return
        alone = len(self._taking_part) == 1
        if not (alone and me.descriptor is None and self.clock.next_due() is None):
            self._settle()
        now = self.clock.now()
        called = [participant for participant in self._taking_part if participant.called(now)]
        if called:
            if me not in called:
                self._block(me, _WATCHDOG_SECONDS)
            return
        dues = [participant.due for participant in self._taking_part] + [self.clock.next_due()]
        ahead = min((due for due in dues if due is not None), default=None)
        if ahead is None:
            self._block(me, None)
        else:
            self.clock.advance(ahead - now)

    def _block(self, me: Participant, seconds: float | None) -> None:
        """Really wait. Who waits for a thread that works may wait long, but not for one that does nothing."""
        worked = process_time()
        self._lock.release()
        try:
            woken = me.block(seconds)
        finally:
            self._lock.acquire()
        if not woken and self.active and process_time() - worked < _WATCHDOG_SECONDS / 10:
            raise VirtualTimeError(self._diagnosis())

    def _wake_someone(self) -> None:
        """Let one of those who wait look anew whether time may move."""
        for participant in self._taking_part:
            if participant.waiting:
                participant.wake()
                return

    def _diagnosis(self) -> str:
        from .stall import standing_at

        busy = [standing_at(one.name, one.ident) for one in self._taking_part if not one.waiting]
        return (
            f"Virtual time can't move: for {_WATCHDOG_SECONDS:g} real seconds it has waited for {', '.join(busy)},"
            " which neither sleeps nor waits in a way that is known. Mark the test time='jumping' or time='real', or"
            " take that thread out of the test."
        )

    def _changed(self) -> None:
        """Wake whoever the clock has called; `monotonic` goes on where the clock is set back, as a reset does."""
        now = self.clock.now()
        if now < self._last:
            self._lead += self._last - now
        self._last = now
        for participant in tuple(self._taking_part):
            if participant.waiting and participant.due is not None and participant.due <= now:
                participant.wake()


def here() -> Participant | None:
    """Return the calling thread's participant, or None where it takes part in nothing."""
    participant: Participant | None = getattr(_here, "participant", None)
    return participant if participant is not None and participant.world.active else None


@contextmanager
def taking_part(participant: Participant, *, leaving: bool = True) -> Iterator[Participant]:
    """Make the calling thread a participant for the length of a `with` block; it leaves its world at the end."""
    before = getattr(_here, "participant", None)
    _here.participant, participant.ident = participant, threading.get_ident()
    participant.stall.mark()
    try:
        yield participant
    finally:
        _here.participant = before
        if leaving:
            participant.world.leave(participant)


@contextmanager
def apart() -> Iterator[None]:
    """Let the calling thread do something in real time, while nobody's time moves."""
    before, _here.participant = getattr(_here, "participant", None), None
    try:
        yield
    finally:
        _here.participant = before


@contextmanager
def step_out(me: Participant) -> Iterator[None]:
    """Let the calling thread wait for something in real time, while the time of the others may move."""
    me.world.idle(me, waiting=True)
    try:
        with apart():
            yield
    finally:
        me.world.idle(me, waiting=False)


def _readable(descriptors: list[int], seconds: float | None) -> list[int]:
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(None if seconds is None else seconds * 1000)]
