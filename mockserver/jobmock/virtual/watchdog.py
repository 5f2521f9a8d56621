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
from .children import has_children
from .frames import current_frames
from .locations import place_of
from .older_threads import own_threads
from .participant import Participant
from .world import World

_EVERY_SECONDS = 0.05
_LATE_NANOSECONDS = 75_000_000
"""A look that comes later than this after the one before is not on time."""
_LOOKS = 7
_FRAME_LIMIT = 200
_MOST_PLACES = 4
_DEAD_ENDS, _DEAD_ENDS_BESIDE = 4, 100
"""After how many looks at it a wait without an end is taken for one: 5 a second. Beside threads from outside it takes
longer: one of them may end the wait yet."""


class _Look(NamedTuple):
    """What a participant was seen doing."""

    frame: int
    at: int
    used: tuple[int, int]


class Watchdog:
    """The thread that looks, which begins with the first world and rests while there is none."""

    def __init__(self) -> None:
        self._worlds: list[World] = []
        self._seen: dict[Participant, tuple[_Look, int]] = {}
        self._rests, self._begun, self._resting = allocate_lock(), False, False
        self._mutex = real.Mutex()
        real.acquire(self._rests)

    def watch(self, world: World) -> None:
        """Look after a world."""
        with self._mutex:
            self._worlds.append(world)
            if not self._begun:
                self._begun = True
                real.start_new_thread(self._look_on, ())
            elif self._resting:
                self._resting = False
                real.release(self._rests)

    def leave(self, world: World) -> None:
        """Look after it no longer."""
        with self._mutex:
            self._worlds.remove(world)

    def _look_on(self) -> None:
        own_threads.add(get_ident())
        before = real.monotonic_ns()
        while True:
            real.sleep(_EVERY_SECONDS)
            now = real.monotonic_ns()
            on_time, before = now - before < _LATE_NANOSECONDS, now
            with self._mutex:
                worlds = tuple(self._worlds)
            if not worlds:
                self._seen.clear()
                self._rest()
                before = real.monotonic_ns()
            self._look(worlds, on_time)

    def _rest(self) -> None:
        """Wait until there is a world again; one that came meanwhile has said so."""
        with self._mutex:
            self._resting = not self._worlds
        if self._resting:
            real.acquire(self._rests)

    def _look(self, worlds: tuple[World, ...], on_time: bool) -> None:
        frames = {} if _has_interpreters() else current_frames()
        running = {one: frames.get(one.ident or 0) for world in worlds for one in tuple(world.participants)}
        seen = self._seen
        self._seen = {}
        for participant, frame in running.items():
            if frame is None or participant.waiting or participant.apart or _is_told(participant):
                continue
            look = _Look(id(frame), frame.f_lasti, _used(participant))
            before, looks = seen.get(participant, (None, 0))
            still = before == look and not _is_running(participant) and not _imports(frame)
            looks = looks + on_time if still else 0
            self._seen[participant] = look, looks
            if looks >= _LOOKS:
                participant.world.fail(VirtualTimeError(_diagnosis(participant, frame)))


def _is_told(participant: Participant) -> bool:
    """Say whether its test was ended already, and it isn't the test's own thread, which may wait once more."""
    return participant.world.failure is not None and participant is not participant.world.own


def name_dead_end(world: World) -> Callable[[], None]:
    """Return what ends a world's test where nothing can end its waits: no child, and after a while no older thread."""
    looks = seen = 0

    def look() -> None:
        nonlocal looks, seen
        others = world.pace.older_threads.standing()
        now = sum(participant.turn for participant in world.participants)
        looks, seen = looks + 1 if now == seen else 1, now
        is_dead_end = looks >= (_DEAD_ENDS_BESIDE if others else _DEAD_ENDS) and not _others(world)
        if is_dead_end and not any(one.ready() for one in world.participants):  # by a thread that has just ended
            places = [place_of(one) for one in world.participants[:_MOST_PLACES]]
            world.fail(VirtualTimeError(_no_end(", of ".join(filter(None, places)))))

    return look


def _others(world: World) -> bool:
    """Say whether a child could end a wait."""
    return any(one.descriptors for one in world.participants) and has_children()


def _no_end(place: str) -> str:
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


def _used(participant: Participant) -> tuple[int, int]:
    """Return for how many nanoseconds a thread has had a processor, and has had to wait for one."""
    try:
        with open(f"/proc/self/task/{participant.native_id}/schedstat", "rb") as file:
            used, kept_waiting, _ = file.read().split()
            return int(used), int(kept_waiting)
    except (OSError, ValueError):
        return 0, 0


def _is_running(participant: Participant) -> bool:
    """Say whether the system has a thread running, ready to run, or at a file; False where it doesn't tell."""
    try:
        with open(f"/proc/self/task/{participant.native_id}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] != b"S"
    except OSError:
        return False


def _imports(frame: FrameType | None) -> bool:
    """Say whether a thread is about to load a module."""
    for _ in range(_FRAME_LIMIT):
        if frame is None:
            return False
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return True
        frame = frame.f_back
    return False


def _diagnosis(participant: Participant, frame: FrameType) -> str:
    place = place_of(participant, frame)
    return (
        f"Virtual time can't reach the call in which {place} really waits, so no time passes. Wait in a way that it"
        " reaches (sleep, locks, queues, sockets, selectors, event loops), or mark the test time='manual',"
        " time='scaled' or time='real'."
    )
