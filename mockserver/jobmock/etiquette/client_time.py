"""The time in which a client lives: the mock's clock, real time, or not known.

The journal has two readings of each request: `at` by the mock's clock, and `arrived` by the real one. They give a pause
an upper and a lower bound, so that a rule can use the one that doesn't blame a client wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..clock import SECOND
from ..models import Exchange
from .thresholds import THRESHOLDS

_SEEN = SECOND // 4
"""A pause of so many real nanoseconds is a wait, and not a slow machine. For the default `min_interval`."""
_TIMER = 5 * SECOND // 1000
"""So many nanoseconds may a timer be early."""
AT_ONCE = SECOND // 20
"""Requests within this time were sent before any answer was known."""
_FITS: Mapping[str, float] = THRESHOLDS["scaled_sleep"].value
_MIN_INTERVAL = THRESHOLDS["min_interval"].value * SECOND
Pause = tuple[Exchange, Exchange]
"""Two requests of one worker about the same thing, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTime:
    """In which time a client lives: by the mock's `clock`, in `real` time, in `either`, or `unseen`.

    A time that is `strict` swaps the bounds. What a rule finds only by the strict time can't be known.
    """

    mode: str
    lives: str
    strict: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether the client's time and the mock's clock are one."""
        return self.mode not in ("scaled", "manual")

    @property
    def by_strict_bounds(self) -> ClientTime:
        """The same time with the bounds swapped; waits that aren't seen count as none."""
        return ClientTime(mode=self.mode, lives="either" if self.lives == "unseen" else self.lives, strict=True)

    def longest(self, before: Exchange, after: Exchange) -> int:
        """Return the upper bound of the time between two requests."""
        return self._most(*_readings(before, after))

    def most_elapsed(self, first: Exchange, last: Exchange) -> int:
        """Return the upper bound of the client's own time between two requests, which may be far apart.

        Beside a manual clock its sleeps may move the clock, while its timeouts pass in real time.
        """
        by_clock, real = _readings(first, last)
        are_two = self.mode == "manual" and first.arrived is not None and last.arrived is not None
        return by_clock + real if are_two and not self.strict else self.longest(first, last)

    def shortest(self, before: Exchange, after: Exchange) -> int:
        """Return the lower bound of the time between two requests."""
        by_clock, real = _readings(before, after)
        if self.strict:
            return max(by_clock, real)
        if self.lives == "clock":
            return by_clock
        return real if self.lives == "real" or self.mode == "scaled" else min(by_clock, real)

    def wait(self, before: Exchange, after: Exchange) -> int:
        """Return the upper bound of the client's wait from an answer to the next request."""
        _, real = _readings(before, after)
        return self._most(after.at - answer_time(before, after.at), real)

    def speed(self, first: Exchange, last: Exchange) -> float:
        """Return the speed of a scaled clock between two requests; 1 for other clocks."""
        by_clock, real = _readings(first, last)
        return max(1.0, by_clock / real) if self.mode == "scaled" and real > 0 and not self.strict else 1.0

    def heeds(self, before: Exchange, after: Exchange) -> bool:
        """Return whether a client waited as long as the Retry-After of an answer says."""
        assert before.retry is not None
        answered = max(before.at, before.held or 0)
        wanted = before.retry - answered
        by_clock, real = _readings(before, after)
        if self.mode == "scaled" and (self.strict or self.lives != "clock"):
            return real >= wanted - _TIMER
        if self.mode == "virtual":
            return after.at >= before.retry
        on_clock = after.at >= before.retry and not self.strict
        return on_clock or self._most(by_clock - (answered - before.at), real) >= wanted - _TIMER

    def _most(self, by_clock: int, real: int) -> int:
        """Return the upper bound of a time that has these two readings."""
        if self.mode == "virtual":
            return by_clock
        if not self.strict:
            return max(by_clock, real)
        by_lives = {"clock": by_clock, "real": real} if self.mode == "manual" else {}
        return by_lives.get(self.lives, min(by_clock, real))


def client_time(mode: str, pauses: Sequence[Pause], scale: float) -> ClientTime:
    """Return the time in which a client with these pauses lives, beside a clock of this mode."""
    if mode == "virtual":
        return ClientTime(mode=mode, lives="clock")
    if mode == "scaled":
        return ClientTime(mode=mode, lives="clock" if _sleeps_are_scaled(pauses, scale) else "either")
    if mode in ("real", "skip-delays"):
        return ClientTime(mode=mode, lives="either")
    return ClientTime(mode=mode, lives=_seen(pauses, scale))


def longest_pauses(exchanges: Sequence[Exchange], time: ClientTime) -> Iterator[tuple[int, int]]:
    """Yield the number of each request, and the longest pause up to it, in nanoseconds."""
    longest = 0
    yield exchanges[0].number, longest
    for before, after in pairwise(exchanges):
        longest = max(longest, time.longest(before, after))
        yield after.number, longest


def answer_time(exchange: Exchange, until: int) -> int:
    """Return when a delayed answer was sent, or the request's own time if the client had left before."""
    return exchange.held if exchange.held is not None and exchange.held <= until else exchange.at


def _readings(before: Exchange, after: Exchange) -> tuple[int, int]:
    """Return the time between two requests by the mock's clock and by the real one."""
    by_clock = after.at - before.at
    if before.arrived is None or after.arrived is None:
        return by_clock, by_clock
    return by_clock, after.arrived - before.arrived


def _seen(pauses: Iterable[Pause], scale: float) -> str:
    """Return where the pauses of a client show beside a manual clock: half of them are enough to know it."""
    moved = slept = apart = count = 0
    for before, after in pauses:
        by_clock, real = _readings(before, after)
        count += 1
        moved += by_clock > 0
        slept += real >= _SEEN * scale
        apart += abs(by_clock - real) > _TIMER
    if not moved and not slept:
        return "unseen"
    if not apart:
        return "clock"
    if 2 * moved < count <= 2 * slept:
        return "real"
    return "clock" if 2 * slept < count <= 2 * moved else "either"


def _sleeps_are_scaled(pauses: Iterable[Pause], scale: float) -> bool:
    """Return whether a wait after Retry-After fits on the mock's clock, but is too short in real time.

    A client whose other pauses are long enough in real time doesn't scale its sleeps.
    """
    fits, long, short = False, 0, 0
    for before, after in pauses:
        by_clock, real = _readings(before, after)
        if before.retry is not None:
            wanted = before.retry - before.at
            most = real * wanted / max(1, by_clock) * _FITS["times"] + _FITS["plus"] * SECOND
            fits = fits or (real < wanted <= by_clock and real <= most)
        elif real >= _MIN_INTERVAL * scale:
            long += 1
        else:
            short += 1
    return fits and long <= short
