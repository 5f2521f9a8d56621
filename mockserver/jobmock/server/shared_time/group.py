"""Moves a clock that processes share to the earliest reading for which one waits, once all of them wait.

It moves only if nothing can happen at the present reading any more: the server has read all that the processes have
sent, it has answered all requests but those that it holds, and each process has handled what it was sent. If a request
isn't answered yet, the server looks twice, with a turn of its loop between: one that was just read is answered in the
next turn, and a held one looks the same both times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from ...clock import SECOND, Clock
from ...models import Request
from .awaited_answers import TranslatedRequests
from .connections import Connections
from .owner import Owner
from .process import Process, Wait, earliest, end_late_waits
from .unclaimed import Unclaimed

_QUICK_LOOKS = 20
"""So many looks are made in turns of the loop. Later ones have pauses between them."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.02
_STALLED_SECONDS = 1.0
_LONGEST = 366 * 86_400 * SECOND
"""A wait for a reading that is further ahead counts as one without end."""

Written = Mapping[str, Mapping[int, int]]
"""What the server has written on the connections of each process."""


class Group:
    """The processes that share one clock. Its methods are called in the loop's thread.

    Who runs the processes may set `owner`.
    """

    def __init__(self, clock: Clock, connections: Connections, is_busy: Callable[[], bool]) -> None:
        self.clock, self._connections, self._is_busy = clock, connections, is_busy
        self.owner: Owner | None = None
        self._processes: dict[str, Process] = {}
        self._has_begun = False
        self._unclaimed = Unclaimed(self._report_stranger)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: asyncio.Handle | None = None
        self._looks, self._translated = 0, TranslatedRequests(connections)
        self._seen: Written | None = None
        """What the last look saw, if it found nothing to do."""
        self._stalled_since: float | None = None
        self._is_moving = False
        self.changes = 0
        """How often a process has done anything that others may see."""
        self.close = clock.on_change(self._note_change)
        """Called when the clock is shared no more."""

    @property
    def processes(self) -> tuple[Process, ...]:
        """The processes that take part. May be read in any thread."""
        return tuple(self._processes.values())

    def join(self, process: Process, now: int) -> None:
        """Let a process take part. The first one may move the clock to its own `now`.

        It is at work from now on, so an older wait ends.
        """
        self.changes += 1
        self._processes[process.id] = process
        process.answer(self.clock.elapsed, "replaced")
        if not self._has_begun:
            self._has_begun, self._loop = True, asyncio.get_running_loop()
            if now > self.clock.elapsed:
                self.clock.advance(now - self.clock.elapsed)
        process.told = self.clock.elapsed

    def expect(self, process: Process, port: int) -> None:
        """Note that a process has made a new connection."""
        self._connections.expect(port)
        self.claim(process, (port,))

    def claim(self, process: Process, ports: Iterable[int]) -> None:
        """Note that connections belong to a process."""
        for port in ports:
            if port not in process.ports:
                process.ports.add(port)
                if self._unclaimed.claim(port):
                    self._look_soon()

    def wait(self, process: Process, wait: Wait) -> None:
        """Let a process wait."""
        process.answer(process.told, "replaced")
        process.wait = wait
        if wait.changes is None:
            self.changes += 1
        if process.is_translated:
            process.awaited.note(wait.sent, wait.read)
        self._translated.note_activity()
        self._looks, self._seen, self._stalled_since = 0, None, None
        self._look()

    def withdraw(self, process: Process) -> None:
        """End the wait of a process, if it waits: it is at work again."""
        if process.wait is not None:
            self.changes += 1
            process.answer(self.clock.elapsed, "replaced")

    def note_request(self, port: int, request: Request) -> None:
        """Note that a request came from a port."""
        self._connections.note(port)
        self._translated.note_request(port)
        self.changes += 1
        if not any(port in process.ports or process.is_translated for process in self._processes.values()):
            self._unclaimed.add(port, request.header(b"user-agent"))

    def end(self) -> None:
        """End all waits without an answer: the server ends."""
        self._unclaimed.close()
        for process in self.processes:
            process.leave()

    def _look_soon(self) -> None:
        """Look in the next turn of the loop, and forget what was seen before."""
        self._looks, self._seen, self._stalled_since = 0, None, None
        self._schedule(0)

    def _schedule(self, pause: float) -> None:
        if self._next is not None:
            self._next.cancel()
        loop = asyncio.get_running_loop()
        self._next = loop.call_later(pause, self._look) if pause else loop.call_soon(self._look)

    def _look_again(self) -> None:
        """Look again after a turn of the loop, or after a pause that grows."""
        self._looks += 1
        self._schedule(min(_LONGEST_PAUSE, _FIRST_PAUSE * max(0, self._looks - _QUICK_LOOKS)))

    def _look(self) -> None:
        """End the waits that have an end, or move the clock if all processes wait."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self.remove_gone()
        waiting = [process for process in self._processes.values() if process.wait is not None]
        if not waiting:
            return
        written = self._written(waiting)
        if written is None:
            self._seen = None
            self._look_again()
        elif written != self._seen and not self._are_answered(waiting):
            self._seen = written
            self._schedule(0)
        elif (
            self._answer(waiting, written) or len(waiting) < len(self._processes) or self._unclaimed
            or self._translated.are_on_their_way([one.awaited for one in waiting])
            or end_late_waits(waiting, self.clock.elapsed, self.changes)
            or (self.owner is not None and not self.owner.may_move())
        ):  # fmt: skip
            self._schedule(_LONGEST_PAUSE)
        else:
            self._advance(waiting, written)

    def _written(self, waiting: list[Process]) -> Written | None:
        """Return what the server has written to each process; None while it has anything to do itself."""
        if self._is_busy() or self.clock.has_due():
            return None
        written: dict[str, Mapping[int, int]] = {}
        for process in waiting:
            assert process.wait is not None
            translated = process.is_translated
            seen = self._translated.count() if translated else self._connections.written(process.wait.sent)
            if seen is None:
                return None
            written[process.id] = seen
        return written

    def _are_answered(self, waiting: list[Process]) -> bool:
        """Return whether all requests of these processes are known to be answered, so that one look is enough."""
        waits = [None if one.is_translated else one.wait for one in waiting]
        return all(wait is not None and self._connections.are_answered(wait.sent) for wait in waits)

    def _answer(self, waiting: list[Process], written: Written) -> bool:
        """End the waits that have an end at this reading. Returns whether there is one."""
        now, ended = self.clock.elapsed, False
        for process in waiting:
            if reason := process.reason(now, written[process.id]):
                process.answer(now, reason, written[process.id])
                ended = True
        return ended

    def _advance(self, waiting: list[Process], written: Written) -> None:
        """Move the clock to the earliest reading for which a process waits, or at which a held answer is due."""
        now = self.clock.elapsed
        ahead = self._earliest(waiting)
        if ahead is None or ahead - now > _LONGEST:
            self._note_stalled(waiting)
            self._look_again()
            return
        self._is_moving = True
        try:
            self.clock.advance(ahead - now)
        finally:
            self._is_moving = False
        if self.clock.has_due():
            self._look_soon()
        else:
            self._answer(waiting, written)

    def _earliest(self, waiting: list[Process]) -> int | None:
        due, until = self.clock.next_due(), earliest(waiting)
        if due is None:
            return until
        ahead = due - self.clock.started
        return ahead if until is None else min(ahead, until)

    def _note_stalled(self, waiting: list[Process]) -> None:
        """Call the owner when nothing has been due for a second. Without an owner, the waits end."""
        now = asyncio.get_running_loop().time()
        if self._stalled_since is None:
            self._stalled_since = now
        elif now - self._stalled_since >= _STALLED_SECONDS:
            self._stalled_since = float("inf")
            if self.owner is not None:
                self.owner.on_stalled()
            else:
                for process in waiting:
                    process.answer(self.clock.elapsed, "stalled")

    def remove_gone(self) -> None:
        """Remove the processes whose control connection is closed."""
        gone = [process for process in self.processes if process.is_gone]
        for process in gone:
            del self._processes[process.id]
            process.leave()
        if gone:
            self.changes += len(gone)
            self._look_soon()

    def _report_stranger(self, port: int, agent: str | None) -> None:
        self._look_soon()
        if self.owner is not None:
            self.owner.on_stranger(port, agent)

    def _note_change(self) -> None:
        """Look whose wait ends, as someone has moved the clock. Called in any thread."""
        if not self._is_moving and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look_soon)
