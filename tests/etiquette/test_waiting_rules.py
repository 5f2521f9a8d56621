"""Waiting after an error: as long as Retry-After says, or longer each time."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, found, page, poll, start, verdict

RESET: dict[str, Any] = {"lost": True, "fault": "disconnect reset"}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("at", "seen"), [(5.002, True), (6.999, True), (7, False), (30, False)])
def test_retry_after_of_a_poll(status: int, at: float, seen: bool) -> None:
    """The next poll may come when Retry-After allows it, to the nanosecond, with every status."""
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


@pytest.mark.parametrize(
    ("held", "seen"),
    [((12, 14), False), ((10.1, 14), True), ((40, 14), True)],
    ids=["it waited longer and longer", "it didn't", "it left before the answer came"],
)
def test_an_answer_that_was_held_is_no_part_of_the_wait(held: tuple[float, float], seen: bool) -> None:
    """The wait begins with the answer, not with the request; for a client that left, with the request."""
    first, second = held
    rows = [poll(10, 503, held=first), poll(13, 503, held=second), poll(16, 503), poll(19, "completed")]
    assert ("no-back-off" in found(*rows)) is seen


def errors(*times: float, said: str | int = 503, **more: Any) -> list[Row]:
    return [poll(at, said, **more) for at in times]


@pytest.mark.parametrize(
    "rows",
    [
        errors(5, 10, 15),
        errors(5, 10, 15, said=429),
        errors(5, 10, 15, said="pending", **RESET),
        [*errors(5, 10), poll(15, "pending", lost=True, fault="corrupt garbage"), poll(20, "completed")],
        [*errors(5, 5.001, 5.004), poll(5.006, "completed")],
        [*errors(5, 13, 17), poll(19, "completed")],
        [*errors(5, 10, 15.3), poll(20.5, "completed")],
        [*errors(5, 10, 15), poll(20, "pending"), poll(60, "completed")],
        [page(5, 1, last=2), page(6, 2, 503), page(7, 2, 502), page(8, 2, 500), page(9, 2, last=2)],
    ],
)
def test_no_back_off(rows: list[Row]) -> None:
    """Three passing errors in a row at gaps that stay the same, or shrink, are no back-off; noise is no growth."""
    assert set(found(*rows)) == {"no-back-off"}


@pytest.mark.parametrize(
    "rows",
    [
        errors(5, 10),
        [*errors(5, 10), poll(15, "pending")],
        [*errors(5, 10, 15), poll(22, "completed")],
        [*errors(5, 6, 8), poll(12, "completed")],
        errors(5, 35, 65),
        [*errors(5, 35, 55), poll(75, "completed")],
        [*errors(5, 10), poll(15, "pending"), *errors(20, 25)],
        [*errors(5, 10), poll(15, 503, retry=20), poll(20, "completed")],
        [*errors(5, 10), poll(15, "pending", **DOUBT), poll(20, "completed")],
        errors(5, 26, 47, 68, said="pending", lost=True, fault="hang"),
        errors(5, 26, 47, 68, said="pending", lost=True, fault="delay"),
        [page(5, 1), page(6, 2, 503), page(6, 3, 503), page(6, 4, 503), page(9, 2), page(9, 3)],
        [start(5, 503), start(6, 503), start(7, 503), start(8)],
    ],
)
def test_back_off(rows: list[Row]) -> None:
    """Gaps that grow, long gaps, two errors only, pages read side by side: all fine; starts aren't judged."""
    assert found(*rows) == {}


def test_no_back_off_in_words() -> None:
    """The evidence names the whole row, and the first gaps."""
    finding, = verdict(*errors(5, 10, 15, 19), poll(23, "completed")).findings  # fmt: skip
    assert finding.evidence == "requests 1 to 4 all failed, and the client went on after 5 s, 5 s, 4 s"


def test_a_row_whose_beginning_was_dropped_is_not_judged() -> None:
    """Where the journal dropped exchanges, the gaps may have grown before it begins."""
    rows = [*errors(5, 21, 37), poll(53, "completed")]
    assert found(*rows, dropped=9) == {}
    assert set(found(*rows)) == set(found(poll(4, "pending"), *rows, dropped=9)) == {"no-back-off"}
