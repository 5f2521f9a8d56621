"""Correct clients that wait in other ways than the reference client does."""

from __future__ import annotations

from itertools import chain, repeat
from random import Random

from tests.campaigns.clients.reference import Client, Settings
from tests.campaigns.clients.wire import Answer, Wire


class Variant(Client):
    """A client with random numbers of its own."""

    def __init__(
        self, api: str, wire: Wire, settings: Settings | None = None, shape: str | None = None,
        rng: Random | None = None,
    ) -> None:  # fmt: skip
        super().__init__(api, wire, settings, shape)
        self.rng = rng or Random(0)


class FullJitter(Variant):
    """Waits a random part of the usual time, at least a second between two polls."""

    def interval(self, polls: int) -> float:
        return self.rng.uniform(1, max(1, super().interval(polls)))

    def back_off(self, errors: int) -> float:
        return self.rng.uniform(0, super().back_off(errors))


class EqualJitter(Variant):
    """Waits half the usual time, and a random part of the other half."""

    def interval(self, polls: int) -> float:
        usual = super().interval(polls)
        return max(1, self.rng.uniform(usual / 2, usual))

    def back_off(self, errors: int) -> float:
        usual = super().back_off(errors)
        return self.rng.uniform(usual / 2, usual)


class DecorrelatedJitter(Variant):
    """Waits a random time between the least and three times the last wait."""

    last = 1.0

    def interval(self, polls: int) -> float:
        self.last = min(self.settings.longest, self.rng.uniform(1, self.last * 3))
        return max(1, self.last)

    def back_off(self, errors: int) -> float:
        self.last = min(self.settings.longest_wait, self.rng.uniform(1, (self.last if errors > 1 else 1) * 3))
        return self.last


class JitterAfterRetryAfter(Variant):
    """Adds a random time to each wait after an error, so that not all clients come back at once."""

    def pause_after(self, answer: Answer, errors: int) -> float:
        return super().pause_after(answer, errors) + self.rng.uniform(0, 5)


class Linear(Variant):
    """Waits longer by the same time after each poll and each error."""

    def interval(self, polls: int) -> float:
        return min(self.settings.interval + 2 * polls, self.settings.longest)

    def back_off(self, errors: int) -> float:
        return min(2 * errors, self.settings.longest_wait)


class Fibonacci(Variant):
    """Waits as long as the last two waits together."""

    def interval(self, polls: int) -> float:
        first, second = 1.0, 2.0
        for _ in range(min(polls, 30)):
            first, second = second, first + second
        return min(first, self.settings.longest)


class FastThenSlow(Variant):
    """Polls every second or two at first, for jobs that end soon, and then seldom."""

    def interval(self, polls: int) -> float:
        waits = chain((1, 1, 1, 2, 2, 5, 10), repeat(30))
        return next(wait for number, wait in enumerate(waits, 1) if number == polls)


class ConstantErrorWaits(Variant):
    """Waits half a minute after each error: long enough for any server."""

    def back_off(self, errors: int) -> float:
        return 30
