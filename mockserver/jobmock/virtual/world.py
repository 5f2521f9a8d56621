"""All who wait on one clock: the threads that take part, what each waits for, and what ends their test.

A participant is a thread: the test's own, and those that it begins. It waits for a reading of the clock, for file
descriptors, for a signal of another thread, or for the first of them. The last one to wait is the one that moves time
(`time_steps`). Where somebody waits for something real, the clock goes on at the pace of real time (`pace`).
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from ..clock import SECOND, Clock
from ..errors import VirtualTimeError
from . import real
from .children import has_children
from .current import apart, here
from .endings import Stopped, WorldEnded
from .locations import place_of
from .pace import Pace
from .participant import Participant, Rank, Signal
from .steady_clock import SteadyClock
from .time_steps import wait_on


class World:
    """One clock and all who wait on it. `settle` returns when the server has done what it can without time passing.

    Its result changes whenever the server has done anything. `ports` are those of the loopback address behind which
    that server listens.
    """

    def __init__(
        self, clock: Clock, settle: Callable[[], object] = lambda: None, ports: set[int] | None = None
    ) -> None:
        self.clock, self._server = clock, settle
        self.participants: list[Participant] = []
        self.ending: list[Participant] = []
        """Those that have returned from their last call, and aren't known to be over."""
        self.pace = Pace(set() if ports is None else ports, self.participants)
        self.steady = SteadyClock(clock, self._set_back)
        self.active = True
        self.failure: BaseException | None = None
        """What ended the test: raised in each later wait."""
        self.guard: Callable[[], None] = lambda: None
        """Called whenever a participant begins to wait; what it raises is raised in the client's own call."""
        self.dead_end: Callable[[], None] = lambda: None
        """Called where all who take part wait, and nothing is known that could end that."""
        self.interrupt: Callable[[Participant], None] = lambda participant: None
        """Ends what the test's own thread really waits for."""
        self.failed = False
        """Whether anything ended the test, be it forgotten since."""
        self._lock, self._turns, self._ended = real.Mutex(), count(1), 0
        self._stop = clock.on_change(self._changed)

    @property
    def own(self) -> Participant:
        """The test's own thread."""
        return self.participants[0]

    def due_in(self, seconds: float | None) -> int | None:
        """Return the clock's reading so many seconds from now; None for ever."""
        return None if seconds is None else self.clock.now() + max(0, round(seconds * SECOND))

    def join(self, name: str) -> Participant:
        """Let one more take part, as not waiting; called before its thread begins."""
        self.add(participant := Participant(self, name))
        return participant

    def add(self, participant: Participant) -> None:
        """Let one take part."""
        with self._lock:
            self.participants.append(participant)

    def leave(self, participant: Participant, over: Callable[[], bool] | None = None) -> None:
        """Take one out, once its thread is really `over`; the others may then be able to go on."""
        with self._lock:
            if over is not None:
                participant.over = over
                self.ending.append(participant)
            elif participant in self.participants:
                self.remove(participant)
            self._wake_someone()

    def remove(self, participant: Participant) -> None:
        """Take one out that is over."""
        self.participants.remove(participant)
        if participant.over is not None:
            self.ending.remove(participant)
            participant.over = None
        participant.ended.give()
        participant.close()

    def rest(self, me: Participant, *, waiting: bool, outside: bool = False) -> None:
        """Count a participant among those who wait, for nothing that is known here or for something real; or not."""
        with self._lock:
            me.rest(waiting=waiting, outside=outside)
            if waiting:
                self._wake_someone()

    def wait(
        self, me: Participant, *, due: int | None = None, descriptors: Sequence[int] = (),
        signal: Signal | None = None, asking: bool = False, rank: Rank = Rank.TIMEOUT, outside: bool = False,
        quiet: bool = False,
    ) -> bool:  # fmt: skip
        """Wait for a descriptor or a signal; False if the clock read `due` first.

        `asking` says that what the descriptors wait for is the mock's answer, and that alone; `outside` that it comes
        from something real; `quiet` that whoever waits can't be told anything. Raises VirtualTimeError, NeverAnswered
        for an answer that nothing can bring about, and WorldEnded.
        """
        if not quiet:
            self.begin_wait()
        if signal is not None:
            signal.tell(me.wake)
        with self._lock:
            me.due, me.descriptors, me.signal, me.asking, me.rank = due, descriptors, signal, asking, rank
            me.outside, me.looked = outside or (me.looked and rank is not Rank.TIMEOUT), False
            me.turn = next(self._turns)
            me.waiting = me.blocks = True
            me.came = signal is not None and signal.given
            try:
                return self._wait(me, quiet)
            finally:
                me.rest()
                if signal is not None:
                    signal.forget(me.wake)

    def begin_wait(self) -> None:
        """Look at the test's limits, and raise what ended the test, if anything did: the calling thread is to wait."""
        self.guard()
        self.check()

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

    def let_go(self, me: Participant, seconds: float | None) -> bool:
        """Really wait, and let the others look meanwhile; False if nothing came. Only for who waits here."""
        self._lock.release()
        try:
            woken = me.block(seconds)
        finally:
            self._lock.acquire()
        me.ready()
        return woken

    @property
    def connected(self) -> bool:
        """Whether a participant has a connection to the mock."""
        return self.pace.other_servers.in_flight.has_connections

    def settle(self) -> object:
        """Let the server do what it can, in real time, and return what changes whenever it has done anything."""
        with apart():
            return self._server()

    def asked(self) -> None:
        """Note that a request has come to the mock; to be called where that is answered.

        One that no participant has sent, while the clock is held, is a child's: it may ask for ever, so it ends the
        test.
        """
        servers = self.pace.other_servers
        asked, servers.asked_mock = servers.asked_mock, False
        if asked or here() is not None or not self.active or not self.pace.kept or not has_children():
            return
        places = ", ".join(place_of(one) for one in self.participants if one.waiting)
        self.fail(
            VirtualTimeError(
                f"A process without virtual time asked the mock, while the test waits for it in {places} and the clock"
                " stands still. Mark the test time='scaled', time='manual' or time='real'."
            )
        )

    def fail(self, error: BaseException | None) -> None:
        """End the test with an error: the test's own thread meets it where it is, the others at their next wait.

        None lets it go on after all. It waits for nobody, as the server's thread may call it.
        """
        self.failure = error and (self.failure or error)
        if error is None or not self.active:
            return
        self.failed = True
        for participant in tuple(self.participants):
            participant.wake()
        if not self.own.blocks and self.own.ident != get_ident():
            self.interrupt(self.own)

    def check(self) -> None:
        """Raise what ended the test, if anything did; in another thread than the test's own, end that thread."""
        if self.failure is not None:
            raise self.failure if self.own.ident == get_ident() else Stopped

    def end(self) -> None:
        """Let nobody wait on this clock any longer: whoever still does goes on in real time."""
        with self._lock:
            self._ended, self.active = self.steady.end(), False
            self.pace.older_threads.end()
            self._stop()
            for participant in self.participants:
                participant.wake()

    def _wait(self, me: Participant, quiet: bool) -> bool:
        while not me.came:
            if self.failure is not None and not quiet:
                self.check()
            if not self.active:
                raise self._end_of(me, quiet)
            if me.granted or (me.rank is Rank.SLEEP and me.slept(self.clock.now())):
                return me.signalled
            wait_on(self, me)
        if self.failure is not None and not quiet:
            self.check()
        return True

    def _end_of(self, me: Participant, quiet: bool) -> BaseException:
        """Return what ends a wait that goes on after the world's end."""
        if self.failed and not quiet:
            return Stopped()
        return WorldEnded(None if me.due is None else max(0, me.due - self._ended) / SECOND)

    def _wake_someone(self) -> None:
        """Let one of those who wait look again whether time may move."""
        for participant in self.participants:
            if participant.blocks:
                participant.wake()
                return

    def _set_back(self, nanoseconds: int) -> None:
        """Let all wait as long as they meant to, where the clock was set back."""
        for participant in tuple(self.participants):
            if participant.due is not None:
                participant.due -= nanoseconds

    def _changed(self) -> None:
        """Wake whoever the clock has called; who is at something in real time just now looks when that is done."""
        now = self.steady.follow()
        for one in tuple(self.participants):
            if one.blocks and not one.apart and one.due is not None and one.due <= now:
                one.wake()
