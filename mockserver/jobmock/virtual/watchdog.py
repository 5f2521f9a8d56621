"""Finds the participant that really waits in a call that virtual time doesn't know, and ends its test with its line.

A thread of its own looks at every participant that should be running. It really waits if it stands at the same place,
has used no processor, has not been kept from one, and the system says that it sleeps, in a number of looks that were
themselves on time. Only those looks count, so a machine with too much to do accuses nobody.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock, get_ident
from collections.abc import Callable
from types import FrameType
from typing import NamedTuple

from ..errors import VirtualTimeError
from . import real
from .child_processes import has_children
from .external_threads import own_threads
from .frames import current_frames
from .locations import place_of
from .scheduler import Scheduler
from .waiter import Waiter

_INTERVAL_SECONDS = 0.05
_LATE_NANOSECONDS = 75_000_000
"""A look that comes later than this after the one before is not on time."""
_SAMPLES = 7
_FRAME_LIMIT = 200
_MAX_PLACES = 4
_DEADLOCK_CHECKS, _DEADLOCK_CHECKS_WITH_THREADS = 4, 100
"""After how many looks at it a wait without an end is taken for one: 5 a second. Beside threads from outside it takes
longer: one of them may end the wait yet."""


class _Sample(NamedTuple):
    """What a participant was seen doing."""

    frame: int
    instruction: int
    processor_times: tuple[int, int]


class Watchdog:
    """The thread that looks, which begins with the first world and rests while there is none."""

    def __init__(self) -> None:
        self._schedulers: list[Scheduler] = []
        self._samples: dict[Waiter, tuple[_Sample, int]] = {}
        self._wake_lock, self._started, self._sleeping = allocate_lock(), False, False
        self._mutex = real.Mutex()
        real.acquire(self._wake_lock)

    def watch(self, scheduler: Scheduler) -> None:
        """Look after a world."""
        with self._mutex:
            self._schedulers.append(scheduler)
            if not self._started:
                self._started = True
                real.start_new_thread(self._run, ())
            elif self._sleeping:
                self._sleeping = False
                real.release(self._wake_lock)

    def unwatch(self, scheduler: Scheduler) -> None:
        """Look after it no longer."""
        with self._mutex:
            self._schedulers.remove(scheduler)

    def _run(self) -> None:
        own_threads.add(get_ident())
        before = real.monotonic_ns()
        while True:
            real.sleep(_INTERVAL_SECONDS)
            now = real.monotonic_ns()
            on_time, before = now - before < _LATE_NANOSECONDS, now
            with self._mutex:
                schedulers = tuple(self._schedulers)
            if not schedulers:
                self._samples.clear()
                self._wait_for_scheduler()
                before = real.monotonic_ns()
            self._sample(schedulers, on_time)

    def _wait_for_scheduler(self) -> None:
        """Wait until there is a world again; one that came meanwhile has said so."""
        with self._mutex:
            self._sleeping = not self._schedulers
        if self._sleeping:
            real.acquire(self._wake_lock)

    def _sample(self, schedulers: tuple[Scheduler, ...], on_time: bool) -> None:
        frames = {} if _has_interpreters() else current_frames()
        running = [(scheduler, one) for scheduler in schedulers for one in tuple(scheduler.participants)]
        before = self._samples
        self._samples = {}
        for scheduler, participant in running:
            frame = frames.get(participant.ident or 0)
            if frame is None or participant.waiting or participant.in_real_time or _has_failed(scheduler, participant):
                continue
            sample = _Sample(id(frame), frame.f_lasti, _processor_times(participant))
            last, count = before.get(participant, (None, 0))
            stands_still = last == sample and not _is_running(participant) and not _is_importing(frame)
            count = count + on_time if stands_still else 0
            self._samples[participant] = sample, count
            if count >= _SAMPLES:
                scheduler.fail(VirtualTimeError(_blocked_message(participant, frame)))


def _has_failed(scheduler: Scheduler, participant: Waiter) -> bool:
    """Say whether its test was ended already, and it isn't the test's own thread, which may wait once more."""
    return scheduler.failure is not None and participant is not scheduler.own


def deadlock_check(scheduler: Scheduler) -> Callable[[], None]:
    """Return what ends a world's test where nothing can end its waits: no child, and after a while no older thread."""
    checks = last = 0

    def check() -> None:
        nonlocal checks, last
        others = scheduler.external.threads.positions()
        now = sum(participant.wait_number for participant in scheduler.participants)
        checks, last = checks + 1 if now == last else 1, now
        if checks < (_DEADLOCK_CHECKS_WITH_THREADS if others else _DEADLOCK_CHECKS) or _has_child(scheduler):
            return
        if not any(one.check_ready() for one in scheduler.participants):  # A thread may end a wait just before it ends.
            places = [place_of(one) for one in scheduler.participants[:_MAX_PLACES]]
            scheduler.fail(VirtualTimeError(_deadlock_message(", of ".join(filter(None, places)))))

    return check


def _has_child(scheduler: Scheduler) -> bool:
    """Say whether a child could end a wait."""
    return any(one.descriptors for one in scheduler.participants) and has_children()


def _deadlock_message(place: str) -> str:
    return (
        f"Nothing can end the wait of {place}: all that take part in virtual time wait, none of them for a moment, and"
        " nothing real is waited for. Give the wait a timeout, or mark the test time='manual' or"
        " time='real'."
    )


def _has_interpreters() -> bool:
    """Say whether there are other interpreters: asking for frames then isn't safe, so nobody is looked at."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        if (module := sys.modules.get(name)) is not None:
            return len(module.list_all()) > 1
    return False


def _processor_times(participant: Waiter) -> tuple[int, int]:
    """Return for how many nanoseconds a thread has had a processor, and has had to wait for one."""
    try:
        with open(f"/proc/self/task/{participant.native_id}/schedstat", "rb") as file:
            used, kept_waiting, _ = file.read().split()
            return int(used), int(kept_waiting)
    except (OSError, ValueError):
        return 0, 0


def _is_running(participant: Waiter) -> bool:
    """Say whether the system has a thread running, ready to run, or at a file; False where it doesn't tell."""
    try:
        with open(f"/proc/self/task/{participant.native_id}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] != b"S"
    except OSError:
        return False


def _is_importing(frame: FrameType | None) -> bool:
    """Say whether a thread is about to load a module."""
    for _ in range(_FRAME_LIMIT):
        if frame is None:
            return False
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return True
        frame = frame.f_back
    return False


def _blocked_message(participant: Waiter, frame: FrameType) -> str:
    place = place_of(participant, frame)
    return (
        f"Virtual time can't reach the call in which {place} really waits, so no time passes. Wait in a way that it"
        " reaches (sleep, locks, queues, sockets, selectors, event loops), or mark the test time='manual',"
        " time='scaled' or time='real'."
    )
