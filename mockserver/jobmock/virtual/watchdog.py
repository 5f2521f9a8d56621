"""Finds participants that are blocked in a call which virtual time doesn't know, and ends their test with the line.

A thread of its own samples every participant that should be running. A participant is blocked if samples find it at the
same place, without use of a processor, not waiting for one, and asleep by the system's report. Only samples that come
on time count, so a busy machine accuses no thread.
"""

from __future__ import annotations

import os
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
"""A sample that comes later than this after the one before isn't on time."""
_SAMPLES_NEEDED = 7
_FRAME_LIMIT = 200
_MAX_PLACES = 4
_DEADLOCK_CHECKS, _DEADLOCK_CHECKS_WITH_THREADS = 4, 100
"""The number of checks, 5 a second, after which a wait without end is reported. Beside external threads it takes
longer, as one of them may still end the wait."""


class _Sample(NamedTuple):
    """What a participant was doing when it was sampled."""

    frame: int
    instruction: int
    processor_times: tuple[int, int]


class Watchdog:
    """The thread that takes the samples. It starts with the first scheduler, and sleeps while there is none."""

    def __init__(self) -> None:
        self._schedulers: list[Scheduler] = []
        self._samples: dict[Waiter, tuple[_Sample, int]] = {}
        self._wake_lock, self._started, self._sleeping = allocate_lock(), False, False
        self._mutex = real.Mutex()
        real.acquire(self._wake_lock)

    def watch(self, scheduler: Scheduler) -> None:
        """Sample the participants of a scheduler."""
        with self._mutex:
            self._schedulers.append(scheduler)
            if not self._started:
                self._started = True
                real.start_new_thread(self._run, ())
            elif self._sleeping:
                self._sleeping = False
                real.release(self._wake_lock)

    def unwatch(self, scheduler: Scheduler) -> None:
        """Stop sampling them, if they are sampled."""
        with self._mutex:
            if scheduler in self._schedulers:
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
        """Wait until there is a scheduler. One that came meanwhile has cleared `_sleeping`."""
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
            if count >= _SAMPLES_NEEDED:
                scheduler.report_blocked(_blocked_message(participant, frame))


_watchdog = Watchdog()
watch, unwatch = _watchdog.watch, _watchdog.unwatch
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_watchdog.__init__)  # type: ignore[misc]


def _has_failed(scheduler: Scheduler, participant: Waiter) -> bool:
    """Return whether the test has failed already. The test's own thread may still block once more."""
    return scheduler.failure is not None and participant is not scheduler.test_thread


def deadlock_check(scheduler: Scheduler) -> Callable[[], None]:
    """Return a function that ends the test if no wait can end, and no child or external thread can end one."""
    checks = last = 0

    def check() -> None:
        nonlocal checks, last
        others = scheduler.external.threads.positions()
        now = sum(participant.wait_number for participant in scheduler.participants)
        checks, last = checks + 1 if now == last else 1, now
        if checks < (_DEADLOCK_CHECKS_WITH_THREADS if others else _DEADLOCK_CHECKS) or _has_child(scheduler):
            return
        if not any(one.check_ready() for one in scheduler.participants):  # A thread may end a wait just before it ends.
            places = [place_of(one) for one in scheduler.participants[:_MAX_PLACES] if one.ident not in own_threads]
            scheduler.fail(VirtualTimeError(_deadlock_message(", of ".join(filter(None, places)))))

    return check


def _has_child(scheduler: Scheduler) -> bool:
    """Return whether a child process could end a wait."""
    return any(one.descriptors for one in scheduler.participants) and has_children()


def _deadlock_message(place: str) -> str:
    return (
        f"Nothing can end the wait of {place}: all threads in virtual time wait without a timeout, and no work outside"
        " virtual time is pending. Give the wait a timeout, or mark the test time='manual' or time='real'."
    )


def _has_interpreters() -> bool:
    """Return whether there are other interpreters. Then reading frames isn't safe, so no participant is sampled."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        if (module := sys.modules.get(name)) is not None:
            return len(module.list_all()) > 1
    return False


def _processor_times(participant: Waiter) -> tuple[int, int]:
    """Return the nanoseconds that a thread has used a processor, and has waited for one."""
    try:
        with open(f"/proc/self/task/{participant.native_id}/schedstat", "rb") as file:
            used, kept_waiting, _ = file.read().split()
            return int(used), int(kept_waiting)
    except (OSError, ValueError):
        return 0, 0


def _is_running(participant: Waiter) -> bool:
    """Return whether a thread runs, is ready to run, or waits for a file; False where the system doesn't report it."""
    try:
        with open(f"/proc/self/task/{participant.native_id}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] != b"S"
    except OSError:
        return False


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether a thread is importing a module."""
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
