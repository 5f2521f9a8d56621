"""Who waits on one clock, and when it may move: to the earliest wake-up, once all who take part wait.

A participant is a thread: the test's own, and those that it starts. It waits for a reading of the clock, for file
descriptors, for a signal of another thread, or for the first of them. The last one to wait is the one that moves time.
"""

from __future__ import annotations

from _thread import RLock
from collections.abc import Callable, Sequence
from time import monotonic_ns, process_time

from ..clock import SECOND, Clock
from ..errors import NeverAnswered, VirtualTimeError
from .foreign import Foreign
from .participant import Participant, Signal
from .presence import apart
from .stall import standing_at

_WATCHDOG_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.2
_LONGEST = 366 * 86_400 * SECOND


class World:
    """One clock and all who wait on it. `settle` returns when the server has done what it can without time passing.

    `ports` are those of the loopback address behind which that server listens.
    """

    def __init__(self, clock: Clock, settle: Callable[[], None] = lambda: None, ports: set[int] | None = None) -> None:
        self.clock, self._server = clock, settle
        self.foreign = Foreign(set() if ports is None else ports)
        self.active = True
        self.guard: Callable[[], None] = lambda: None
        """Called whenever a participant comes by; what it raises is raised in the client's own call."""
        self._lock, self._reading = RLock(), RLock()
        self._taking_part: list[Participant] = []
        whole_second = -(-monotonic_ns() // SECOND) * SECOND
        self._lead, self._last = whole_second - clock.now(), clock.now()
        self._ended = 0
        self._stop = clock.on_change(self._changed)

    def monotonic(self) -> int:
        """Return nanoseconds that never go back, for all who take part; event loops count from the same moment.

        After the world's end they are real ones, for whoever outlives it.
        """
        with self._reading:
            if not self.active:
                return self._last + self._lead + monotonic_ns() - self._ended
            return self._follow() + self._lead

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
        """Count the participant among those who wait, for nothing that is known here, or no longer."""
        with self._lock:
            me.rest(waiting=waiting)
            if waiting:
                self._wake_someone()
            me.stall.mark()

    def end(self) -> None:
        """Nobody waits on this clock any longer: whoever still does goes on in real time."""
        with self._lock, self._reading:
            self._follow()
            self._ended, self.active = monotonic_ns(), False
            self._stop()
            for participant in self._taking_part:
                if participant.blocks:
                    participant.wake()

    def wait(
        self, me: Participant, *, due: int | None = None, descriptors: Sequence[int] = (),
        signal: Signal | None = None, asking: bool = False,
    ) -> bool:  # fmt: skip
        """Wait for a descriptor or a signal; False if the clock read `due` first.

        `asking` says that what the descriptors wait for is the mock's answer, and that alone. Raises VirtualTimeError,
        and NeverAnswered for an answer that nothing can bring about.
        """
        self.guard()
        me.stall.check()
        if signal is not None:
            signal.tell(me.wake)
        with self._lock:
            me.due, me.descriptors, me.signal, me.asking = due, descriptors, signal, asking
            me.waiting = me.blocks = True
            try:
                while not me.ready() and (self.active or (signal is not None and me.due is None)):
                    if not self.active:
                        self._let_go(me, None)
                    elif me.due is not None and self.clock.now() >= me.due:
                        return self._in_the_end(me)
                    else:
                        self._wait_on(me)
                return me.ready()
            finally:
                me.rest()
                me.stall.mark()
                if signal is not None:
                    signal.forget(me.wake)

    def _in_the_end(self, me: Participant) -> bool:
        """Say whether what comes at the very moment `due` has come: an answer goes before its timeout."""
        if not me.descriptors:
            return False
        self._settle()
        return me.ready()

    def _wait_on(self, me: Participant) -> None:
        """Move time if all wait; else block until one of the others, or the server, has done something."""
        if not self._all_wait():
            self._block(me)
            return
        alone = len(self._taking_part) == 1
        if not (alone and not me.descriptors and self.clock.next_due() is None):
            self._settle()
        now = self.clock.now()
        if called := [participant for participant in self._taking_part if participant.called(now)]:
            if me not in called:
                self._block(me)
        elif (ahead := self._ahead(now)) is None:
            self._wait_without_end(me)
        elif pause := self.foreign.pause():
            self._let_go(me, pause)
        else:
            self.clock.advance(ahead - now)

    def _settle(self) -> None:
        """Let the server do what it can; whoever waits for that, in whatever way, waits in real time."""
        with apart():
            self._server()

    def _ahead(self, now: int) -> int | None:
        """Return the earliest reading that anybody waits for; what is more than a year away is for ever."""
        dues = [participant.due for participant in self._taking_part] + [self.clock.next_due()]
        return min((due for due in dues if due is not None and due - now <= _LONGEST), default=None)

    def _all_wait(self) -> bool:
        return all(participant.waiting for participant in self._taking_part)

    def _block(self, me: Participant) -> None:
        """Really wait. Who waits for a thread that works may wait long, but not for one that does nothing."""
        worked = process_time()
        woken = self._let_go(me, _WATCHDOG_SECONDS)
        if not woken and self.active and not self._all_wait() and process_time() - worked < _WATCHDOG_SECONDS / 10:
            raise VirtualTimeError(self._diagnosis())

    def _wait_without_end(self, me: Participant) -> None:
        """Really wait for something from outside, unless all that is waited for are answers that never come."""
        if self._let_go(me, _LOOK_AGAIN_SECONDS) or not me.asking or not self._all_wait():
            return
        self._settle()
        others = [participant for participant in self._taking_part if participant.descriptors]
        if me.ready() or self.clock.next_due() is not None or not all(participant.asking for participant in others):
            return
        raise NeverAnswered("The client waits without a timeout, and the answer never comes: give it a read timeout.")

    def _let_go(self, me: Participant, seconds: float | None) -> bool:
        """Really wait, and let the others look meanwhile; False if nothing came."""
        self._lock.release()
        try:
            return me.block(seconds)
        finally:
            self._lock.acquire()

    def _wake_someone(self) -> None:
        """Let one of those who wait look anew whether time may move."""
        for participant in self._taking_part:
            if participant.blocks:
                participant.wake()
                return

    def _diagnosis(self) -> str:
        busy = [standing_at(one.name, one.ident) for one in tuple(self._taking_part) if not one.waiting]
        return (
            f"Virtual time can't move: for {_WATCHDOG_SECONDS:g} real seconds it has waited for {', '.join(busy)},"
            " which neither sleeps nor waits in a way that is known: for a lock that was made before the test perhaps,"
            " for a process, or for a server other than the mock. Mark the test time='jumping' or time='real', or take"
            " that thread out of the test."
        )

    def _follow(self) -> int:
        """Return the clock's reading. Where it was set back, as by a reset, `monotonic` and all waits go on."""
        now = self.clock.now()
        if back := max(0, self._last - now):
            self._lead += back
            for participant in tuple(self._taking_part):
                if participant.due is not None:
                    participant.due -= back
        self._last = now
        return now

    def _changed(self) -> None:
        """Wake whoever the clock has called."""
        with self._reading:
            now = self._follow()
        for participant in tuple(self._taking_part):
            if participant.blocks and participant.due is not None and participant.due <= now:
                participant.wake()
