"""Waiting after an error: as long as Retry-After says, or long enough for a server that fails."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from random import Random
from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, found, page, poll, start, verdict

RESET: dict[str, Any] = {"lost": True, "fault": "disconnect reset"}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("at", "seen"), [(5.002, True), (6.99, True), (7, False), (30, False)])
def test_retry_after_of_a_poll(status: int, at: float, seen: bool) -> None:
    """The next poll may come when Retry-After allows it, with every status."""
    rows = [start(0), poll(5, status, retry=7), poll(at, "pending")]
    assert found(*rows) == ({"retry-after-ignored": (2, 3)} if seen else {})


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([start(5, 429, retry=17), start(10, job="j1")], True),
        ([start(5, 429, retry=17), start(17, job="j1")], False),
        ([start(5, 429, retry=17), start(6, job="j2", intent="i2")], False),
        ([poll(5, 429, retry=9, lost=True), poll(6, "pending")], False),
        ([poll(5, 429, retry=9), poll(6, "pending", job="j2", path="/api/search/deep_research/j2")], False),
        ([poll(5, 429, "page=1&page_size=1", retry=9), poll(6, "pending")], True),
        ([page(5, 1), page(6, 2, 429, retry=9), page(6, 3), page(9, 2)], False),
        ([page(5, 1), page(6, 2, 429, retry=9), page(6, 3), page(8, 2)], True),
    ],
)
def test_retry_after_applies_to_the_same_request(rows: list[Row], seen: bool) -> None:
    """It holds for the same start, the same job, the same page; a client may have other requests under way."""
    assert ("retry-after-ignored" in found(*rows)) is seen


def test_retry_after_in_words() -> None:
    """The evidence says which requests, how long the client waited, and how long it should have."""
    finding, = verdict(poll(0, "pending"), poll(5, 429, retry=7), poll(5.002, 429, retry=9), poll(5.1, 503)).findings
    assert str(finding) == (
        "retry-after-ignored (error): request 3 came 0.002 s after request 2 was answered 429 with Retry-After 2 s, "
        "and 1 more like it. Wait as long as Retry-After says, on 429 and 503 alike."
    )  # fmt: skip
    assert finding.job == "j1"


def test_retry_after_of_a_start_belongs_to_the_job_that_came_of_it() -> None:
    """A refused start has no job; the finding names the one that the next start made."""
    finding, = verdict(start(5, 429, retry=17), start(10, job="j1")).findings  # fmt: skip
    assert (finding.job, finding.exchanges) == ("j1", (1, 2))


def failures(*waits: float, said: str | int = 503, **more: Any) -> list[Row]:
    """Polls that fail, with these waits between them, and one that doesn't."""
    *times, last = accumulate(waits, initial=5.0)
    return [*(poll(at, said, **more) for at in times), poll(last, "completed")]


@pytest.mark.parametrize(
    "rows",
    [
        failures(0, 0, 0),
        failures(0, 0, 0, said=429),
        failures(0, 0, 0, said="pending", **RESET),
        failures(1, 2, 0, 0, 0),
        failures(0.4, 0.1, 0.3, 0.05, 0.2, 0.3, 0.1, 0.45, 0.2, 0.3),
        failures(*[0.3] * 10),
        failures(*[0.8] * 20),
        failures(*[1.4] * 40),
        failures(*[2] * 60),
        [page(5, 1, last=2), *(page(6, 2, 503) for _ in range(3)), page(6, 2, last=2)],
        [*(start(5, 503) for _ in range(40))],
        [*(start(5 + number / 100, 503, intent=f"i{number}") for number in range(40))],
        [*(start(5 + number / 100, 402, intent=f"i{number}", connection=1) for number in range(40))],
        [*(start(5 + number / 1000, 503, connection=number) for number in range(40))],
        [poll(5 + number / 100, 503, f"_={number}") for number in range(9)],
        [{**poll(5, 503), "operation": "profile", "path": "/v2/p", "job": None} for _ in range(4)],
    ],
)
def test_no_back_off(rows: list[Row]) -> None:
    """A server that fails is asked too often, however the waits grow: polls, pages, starts, other reads."""
    assert set(found(start(0, intent="i0"), *rows)) == {"no-back-off"}


@pytest.mark.parametrize(
    "rows",
    [
        failures(0, 1, 2, 4),
        failures(5, 5, 5, 5),
        failures(2, 2, 2, 2, 2, 2, 2, 2, 2, 2),
        failures(0.5, 0.65, 0.845, 1.1, 1.43, 1.86, 2.4, 3.1, 4.1),
        failures(30, 20, 30, 20),
        failures(*[2.1] * 80),
        failures(*(min(number / 2, 10) for number in range(1, 80))),
        failures(0.3, 1.4, 0.9, 4, 0.1, 12),
        failures(21, 21, 21, said="pending", lost=True, fault="hang"),
        failures(0, 0, 0, 0, said="pending", lost=True, fault="delay"),
        [poll(5, 503), poll(5, 503), poll(5, "pending"), poll(10, 503), poll(10, 503), poll(10, "completed")],
        [poll(5, 503), poll(5, 503, retry=20), poll(20, 503), poll(20, "completed")],
        [poll(5, 503), poll(5, "pending", **DOUBT), poll(5, 503), poll(5, "completed")],
        [page(5, 1), page(6, 2, 503), page(6, 3, 503), page(6, 4, 503), page(9, 2), page(9, 3)],
        [*(start(5, 503, intent=f"i{number}") for number in range(10))],
        [*(start(5 + 3 * number, 503, intent=f"i{number}") for number in range(40))],
        [*(start(5 + number / 1000, 503, intent=f"i{number}", connection=number) for number in range(40))],
    ],
)
def test_back_off(rows: list[Row]) -> None:
    """Waits of any kind that are long enough together are fine, as are two errors, and pages read side by side."""
    assert "no-back-off" not in found(*rows)


def full_jitter(rng: Random, growth: float, longest: float) -> list[float]:
    """Return waits of an exponential back-off from half a second, each a random part of it."""
    return [rng.uniform(0, min(longest, 0.5 * growth**number)) for number in range(80)]


def decorrelated_jitter(rng: Random, growth: float, longest: float) -> list[float]:
    """Return waits between half a second and some times the wait before."""
    waits = [rng.uniform(0.5, 0.5 * growth)]
    while len(waits) < 80:
        waits.append(min(longest, rng.uniform(0.5, waits[-1] * growth)))
    return waits


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("waits", "growth", "longest"),
    [
        (full_jitter, 1.5, 10), (full_jitter, 2, 10), (full_jitter, 2, 60), (full_jitter, 3, 30),
        (decorrelated_jitter, 3, 10), (decorrelated_jitter, 3, 60),
    ],
)  # fmt: skip
def test_jitter_is_back_off(waits: Callable[..., list[float]], growth: float, longest: float, seed: int) -> None:
    """The usual back-offs with jitter from half a second are fine, however long a server fails."""
    assert "no-back-off" not in found(start(0), *failures(*waits(Random(seed), growth, longest)))


@pytest.mark.parametrize(("held", "seen"), [(2, True), (0, False), (40, False)])
def test_an_answer_that_was_held_is_no_part_of_the_wait(held: float, seen: bool) -> None:
    """The wait begins with the answer, not with the request; for a client that left, with the request."""
    rows = [*(poll(at, 503, held=at + held) for at in (10, 12, 14)), poll(16, "completed")]
    assert ("no-back-off" in found(*rows)) is seen


def test_no_back_off_in_words() -> None:
    """The evidence names the row, the first waits, and how long they should be together."""
    finding, = verdict(*failures(1, 2, 0, 0, 0)).findings  # fmt: skip
    assert finding.evidence == (
        "requests 3 to 4 failed in a row, and the client went on after 0 s, 0 s: 2 waits of 0 s together, where"
        " 0.001 s is the least"
    )
