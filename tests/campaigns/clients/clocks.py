"""The clocks of a mock beside a client in simulated real time, and who moves the clocks that stand still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.campaigns.clients.simulation import Simulation

from jobmock.clock import EPOCH, SECOND, Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockKind:
    """A mode of time. `mover` says who moves a manual clock:

    - `sleeps`: the client's sleep is replaced by one that advances the clock
    - `ticks`: every real second the test advances it by `speed` seconds
    - `jumps`: once in a while the test advances it by much more than the time that has passed
    - `nobody`
    """

    mode: str
    speed: float = 1.0
    mover: str = ""

    def __str__(self) -> str:
        return " ".join([self.mode, *([self.mover] if self.mover else []), *([f"×{self.speed:g}"] * (self.speed != 1))])


VIRTUAL = ClockKind(mode="virtual")
REAL = ClockKind(mode="real")
SCALED = tuple(ClockKind(mode="scaled", speed=speed) for speed in (0.5, 4, 20, 100))
TOO_FAST = tuple(ClockKind(mode="scaled", speed=speed) for speed in (600, 5_000))
"""Clocks on which a real wait is longer than any job, so that little can be known."""
MANUAL = (
    ClockKind(mode="manual", mover="sleeps"),
    ClockKind(mode="manual", mover="ticks"),
    ClockKind(mode="manual", mover="ticks", speed=30),
    ClockKind(mode="manual", mover="jumps", speed=90),
    ClockKind(mode="manual", mover="nobody"),
)
SKIP_DELAYS = ClockKind(mode="skip-delays")
ALL = (VIRTUAL, REAL, *SCALED, *MANUAL, SKIP_DELAYS)
TWO_CLOCKS = (*SCALED, *TOO_FAST, *MANUAL)
"""Clocks beside which a client has a time of its own."""

_TICK = SECOND
_JUMP_EVERY = 7 * SECOND


def make_clock(kind: ClockKind, simulation: Simulation) -> Clock:
    """Return a clock whose real time is the simulated one. In virtual time the two are one."""
    mode = "real" if kind.mode == "virtual" else kind.mode
    return Clock(mode, kind.speed, start=EPOCH, source=lambda: simulation.real)


def start_mover(kind: ClockKind, simulation: Simulation, clock: Clock) -> Callable[[int], None] | None:
    """Start what moves a manual clock; return the function that replaces the client's sleep, if any."""
    if kind.mover in ("ticks", "jumps"):
        every = _TICK if kind.mover == "ticks" else _JUMP_EVERY
        step = round(kind.speed * SECOND)

        def tick() -> None:
            clock.advance(step)
            simulation.at(simulation.real + every, tick)

        simulation.at(simulation.real + every, tick)
    return clock.advance if kind.mover == "sleeps" else None
