"""Sleeps and clock readings of a client's thread, on the world's clock: time.sleep, monotonic, perf_counter, time, now.

The functions of `time` that read the wall clock, and `datetime`, are time-machine's matter: it reaches every reference
to them, and asks `_wall` for the time, which looks at the calling thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..clock import SECOND
from .participant import Participant
from .presence import here
from .sites import SPARED, spared


class StandIn:
    """A function in place of another: for a participant's thread `virtual`, for all others the real one.

    It is no Python function, so that as a class attribute it is as little a method as the built-in one. In place of a
    class, it can be derived from and be asked for as the class is. Modules of the roots `spared` get the real one.
    """

    __slots__ = ("_real", "_spared", "_virtual")

    def __init__(self, real: Callable[..., Any], virtual: Callable[..., Any], *spared: str) -> None:
        self._real, self._virtual = real, virtual
        self._spared = SPARED.union(spared)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        participant = here()
        if participant is None or spared(1, self._spared):
            return self._real(*args, **kwargs)
        return self._virtual(participant, *args, **kwargs)

    def __instancecheck__(self, instance: object) -> bool:
        kind: Any = self._real
        return isinstance(instance, kind) or isinstance(getattr(instance, "_real", None), kind)

    def __or__(self, other: Any) -> Any:
        return self._real | other

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real,)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __repr__(self) -> str:
        return f"<{self._real!r} in virtual time>"


def _sleep(me: Participant, seconds: float, /) -> None:
    """Sleep on the world's clock; 0 only yields."""
    if not seconds > 0:
        _real_sleep(seconds)
        return
    me.world.wait(me, due=me.world.clock.now() + max(1, round(seconds * SECOND)))


def _seconds(me: Participant) -> float:
    return me.world.monotonic() / SECOND


def _nanoseconds(me: Participant) -> int:
    return me.world.monotonic()


_real_sleep = time.sleep
_VIRTUAL: Mapping[Callable[..., Any], Callable[..., Any]] = {
    time.sleep: _sleep,
    time.monotonic: _seconds,
    time.monotonic_ns: _nanoseconds,
    time.perf_counter: _seconds,
    time.perf_counter_ns: _nanoseconds,
}
STAND_INS = {real: StandIn(real, virtual) for real, virtual in _VIRTUAL.items()}


@contextmanager
def wall_clock() -> Iterator[None]:
    """Let participants' threads read the wall time off their world's clock, for the length of a `with` block."""
    import time_machine

    real = time_machine.escape_hatch.time.time_ns

    def reading() -> int:
        participant = here()
        if participant is None or _machinery():
            return real()
        return participant.world.clock.now()

    travel = time_machine.travel(0, tick=False)
    travel.start().time_ns = reading  # type: ignore[method-assign]
    try:
        yield
    finally:
        travel.stop()


def _machinery() -> bool:
    """Say whether whoever asked time-machine for the time belongs to the test's own machinery."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") == "time_machine":
        frame = frame.f_back
    return frame.f_globals.get("__name__", "").partition(".")[0] in SPARED
