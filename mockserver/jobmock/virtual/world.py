"""Who waits on one clock, and when it may move: to the earliest reading waited for, once all who take part wait.

A participant is a thread: the test's own, and those that it begins. It waits for a reading of the clock, for file
descriptors, for a signal of another thread, or for the first of them. The last one to wait is the one that moves time.
Where somebody waits for something real, the clock goes on at the pace of real time (`pace`).
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from ..clock import SECOND, Clock
from ..errors import NeverAnswered, VirtualTimeError
from . import real
from .children import has_children
from .current import apart, here
from .older_threads import OlderThreads
from .other_servers import OtherServers
from .pace import Pace
from .participant import Participant, Rank, Signal
from .places import place_of

_LOOK_AGAIN_SECONDS = 0.2
_PACE_SECONDS = 0.02
"""How often the clock is looked at while it goes at the pace of real time."""
_ENDING_SECONDS = 0.0001
"""After how long a thread that has returned from its last call is looked at again."""
_LONGEST = 366 * 86_400 * SECOND


class WorldEnded(Exception):
    """A wait was still going on when its world ended: it goes on in real time, for `seconds` (None: without end)."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds


class Stopped(SystemExit):
    """Ends a thread beside the test's own one, which is told what went wrong."""


class World:
    """One clock and all who wait on it. `settle` returns when the server has done what it can without time passing.

    `ports` are those of the loopback address behind which that server listens.
    """

    def __init__(self, clock: Clock, settle: Callable[[], None] = lambda: None, ports: set[int] | None = None) -> None:
        self.clock, self._server = clock, settle
        self.other_servers, self.older_threads = OtherServers(set() if ports is None else ports), OlderThreads()
        self.pace = Pace()
        self.pace.others = self._waits_for_others
        self.active = True
        self.failure: BaseException | None = None
        """What ended the test: raised in each later wait."""
        self.guard: Callable[[], None] = lambda: None
        """Called whenever a participant begins to wait; what it raises is raised in the client's own call."""
        self.dead_end: Callable[[], None] = lambda: None
        """Called where all who take part wait, and nothing is known that could end that."""
        self.interrupt: Callable[[Participant], None] = lambda participant: None
        """Ends what the test's own thread really waits for."""
        self.participants: list[Participant] = []
        self._lock, self._reading, self._turns = real.Mutex(), real.Mutex(), count(1)
        began = real.monotonic_ns()
        whole_second = -(-began // SECOND) * SECOND
        self.lead = whole_second - began
        """By how many nanoseconds `monotonic` was ahead of the real one at first, so as to begin at a whole second."""
        self._lead, self._last = whole_second - clock.now(), clock.now()
        self._ended = 0
        self._stop = clock.on_change(self._changed)

    def monotonic(self) -> int:
        """Return nanoseconds that never go back, for all who take part; after the world's end, real ones go on."""
        with self._reading:
            if not self.active:
                return self._last + self._lead + real.monotonic_ns() - self._ended
            return self._follow() + self._lead

    def reading(self, monotonic: int) -> int:
        """Return the clock's reading at a moment of `monotonic`."""
        return monotonic - self._lead

    def due_in(self, seconds: float | None) -> int | None:
        """Return the clock's reading so many seconds from now; None for ever."""
        return None if seconds is None else self.clock.now() + max(0, round(seconds * SECOND))

    def join(self, name: str) -> Participant:
        """Let one more take part, as not waiting; called before its thread begins."""
        with self._lock:
            participant = Participant(self, name)
            self.participants.append(participant)
            return participant

    def add(self, participant: Participant) -> None:
        """Let one take part that is no thread, and waits."""
        with self._lock:
            self.participants.append(participant)

    def leave(self, participant: Participant, over: Callable[[], bool] | None = None) -> None:
        """Take one out, once its thread is really `over`; the others may then be able to go on."""
        with self._lock:
            if over is not None:
                participant.over = over
            elif participant in self.participants:
                self._remove(participant)
            self._wake_someone()

    def rest(self, me: Participant, *, waiting: bool, outside: bool = False) -> None:
        """Count a participant among those who wait, for nothing that is known here or for something real; or not."""
        with self._lock:
            me.rest(waiting=waiting, outside=outside)
            if waiting:
                self._wake_someone()

    @contextmanager
    def outside(self, me: Participant) -> Iterator[None]:
        """Let the calling thread wait for something real for the length of a `with` block, in real time."""
        self.check()
        self.rest(me, waiting=True, outside=True)
        try:
            with apart():
                yield
        finally:
            self.rest(me, waiting=False)

    def wait_outside(self, me: Participant, seconds: float | None, really: Callable[[float | None], bool]) -> bool:
        """Wait for something real with `really`, which says whether it came within so many seconds of real time.

        Where it didn't, as much time has passed on the clock as well.
        """
        due = self.due_in(seconds)
        with self.outside(me):
            came = really(seconds)
        if not came and due is not None:
            self.wait(me, due=due, rank=Rank.SLEEP)
        return came

    def asked(self) -> None:
        """Note that a request has come to the mock; to be called where that is answered.

        One that no participant has sent, while the clock is held, is a child's: it may ask for ever, so it ends the
        test.
        """
        asked, self.other_servers.asked_mock = self.other_servers.asked_mock, False
        if asked or here() is not None or not self.active or not self.pace.kept or not has_children():
            return
        places = [place_of(one) for one in self.participants if one.waiting]
        self.fail(
            VirtualTimeError(
                f"A process without virtual time asked the mock, while the test waits for it in {', '.join(places)} and"
                " the clock stands still. Mark the test time='scaled', time='manual' or time='real'."
            )
        )

    def fail(self, error: BaseException) -> None:
        """End the test with an error: the test's own thread meets it where it is, the others at their next wait."""
        with self._lock:
            if not self.active:
                return
            self.failure = self.failure or error
            for participant in self.participants:
                participant.wake()
            if not self.own.blocks and self.own.ident != get_ident():
                self.interrupt(self.own)

    def check(self) -> None:
        """Raise what ended the test, if anything did; in another thread than the test's own, end that thread."""
        if self.failure is not None:
            if self.own.ident != get_ident():
                raise Stopped
            raise self.failure

    @property
    def own(self) -> Participant:
        """The test's own thread."""
        return self.participants[0]

    def end(self) -> None:
        """Let nobody wait on this clock any longer: whoever still does goes on in real time."""
        with self._lock, self._reading:
            self._follow()
            self._ended, self.active = real.monotonic_ns(), False
            self._stop()
            for participant in self.participants:
                participant.wake()

    def wait(
        self, me: Participant, *, due: int | None = None, descriptors: Sequence[int] = (),
        signal: Signal | None = None, asking: bool = False, rank: Rank = Rank.TIMEOUT, outside: bool = False,
    ) -> bool:  # fmt: skip
        """Wait for a descriptor or a signal; False if the clock read `due` first.

        `asking` says that what the descriptors wait for is the mock's answer, and that alone; `outside` that it comes
        from something real. Raises VirtualTimeError, NeverAnswered for an answer that nothing can bring about, and
        WorldEnded.
        """
        self.guard()
        self.check()
        if signal is not None:
            signal.tell(me.wake)
        with self._lock:
            me.due, me.descriptors, me.signal, me.asking, me.rank = due, descriptors, signal, asking, rank
            me.outside, me.looked = outside or (me.looked and rank is not Rank.TIMEOUT), False
            me.turn = next(self._turns)
            me.waiting = me.blocks = True
            try:
                return self._wait(me)
            finally:
                me.rest()
                if signal is not None:
                    signal.forget(me.wake)

    def _wait(self, me: Participant) -> bool:
        while not me.ready():
            self.check()
            if not self.active:
                left = None if me.due is None else max(0, me.due - self._last) / SECOND
                raise WorldEnded(left)
            if me.granted or me.slept(self.clock.now()):
                return False
            self._wait_on(me)
        self.check()
        return True

    def _wait_on(self, me: Participant) -> None:
        """Move time if all wait; else block until one of the others, or the server, has done something."""
        if self._is_somebody_ending():
            self._let_go(me, _ENDING_SECONDS)
        elif not self._all_wait():
            self._let_go(me, None)
        elif not self._let_others_go(me):
            self._move(me)

    def _let_others_go(self, me: Participant) -> bool:
        """Let everybody go for whom something has come, or else the first of those who give up now; False if nobody."""
        if not (len(self.participants) == 1 and not me.descriptors and self.clock.next_due() is None):
            self._settle()
        now = self.clock.now()
        called = [one for one in self.participants if one.called(now)]
        if not called:
            late = [one for one in self.participants if one.due is not None and one.due <= now]
            called = sorted(late, key=lambda one: (one.rank, one.due, one.turn))[:1]
            for participant in called:
                participant.granted = True
        if me not in called:
            for participant in called:
                participant.wake()
            if any(participant.blocks for participant in called):
                self._let_go(me, None)
        return bool(called)

    def _move(self, me: Participant) -> None:
        """Move time to the next reading that anybody waits for; at the pace of real time where that is waited for."""
        now = self.clock.now()
        ahead = self._ahead(now)
        pause = self.pace.left(now, ahead)
        if pause is None or pause > 0:
            self._let_go(me, _PACE_SECONDS if pause is None else min(pause, _PACE_SECONDS))
        elif ahead is None:
            self._wait_without_end(me)
        else:
            self.other_servers.in_vain()
            self.older_threads.in_vain()
            with apart():
                self.clock.advance(ahead - now)

    def _waits_for_others(self) -> bool:
        if any(one.outside for one in self.participants) or self.other_servers.pending():
            return True
        return self.older_threads.at_work({one.ident or 0 for one in self.participants})

    def _settle(self) -> None:
        """Let the server do what it can; whoever waits for that, in whatever way, waits in real time."""
        with apart():
            self._server()

    def _ahead(self, now: int) -> int | None:
        """Return the earliest reading that anybody waits for; what is more than a year away is for ever."""
        dues = [participant.due for participant in self.participants] + [self.clock.next_due()]
        return min((due for due in dues if due is not None and due - now <= _LONGEST), default=None)

    def _all_wait(self) -> bool:
        return all(participant.waiting for participant in self.participants)

    def _is_somebody_ending(self) -> bool:
        """Say whether a thread has returned from its last call and isn't over yet; take out those that are."""
        ending = [one for one in self.participants if one.over is not None]
        for participant in ending:
            with apart():
                if participant.over is not None and participant.over():
                    self._remove(participant)
        return any(one.over is not None for one in self.participants)

    def _wait_without_end(self, me: Participant) -> None:
        """Really wait for something from outside, unless all that is waited for are answers that never come."""
        if self._let_go(me, _LOOK_AGAIN_SECONDS) or not self._all_wait():
            return
        if not me.asking:
            self.dead_end()
            return
        self._settle()
        others = [participant for participant in self.participants if participant.descriptors]
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

    def _remove(self, participant: Participant) -> None:
        self.participants.remove(participant)
        participant.over = None
        participant.ended.give()
        participant.close()

    def _wake_someone(self) -> None:
        """Let one of those who wait look again whether time may move."""
        for participant in self.participants:
            if participant.blocks:
                participant.wake()
                return

    def _follow(self) -> int:
        """Return the clock's reading. Where it was set back, as by a reset, `monotonic` and all waits go on."""
        now = self.clock.now()
        if back := max(0, self._last - now):
            self._lead += back
            for participant in tuple(self.participants):
                if participant.due is not None:
                    participant.due -= back
        self._last = now
        return now

    def _changed(self) -> None:
        """Wake whoever the clock has called."""
        with self._reading:
            now = self._follow()
        for participant in tuple(self.participants):
            if participant.blocks and participant.due is not None and participant.due <= now:
                participant.wake()
