"""Polls: how often, how long, when to stop."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, change, found, page, poll, start, verdict

from jobmock.clock import SECOND
from jobmock.etiquette import RuleSettings

DAY = 24 * 3600
ONE = "page=1&page_size=1"


@pytest.mark.parametrize("end", ["completed", "error", "cancelled"])
def test_polled_after_end(end: str) -> None:
    """A poll that repeats a request with a terminal answer is one too many, for every end."""
    assert found(start(0), poll(5, end), poll(10, end)) == {"polled-after-end": (2, 3)}


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([poll(5, "completed"), poll(9, 503), poll(14, "completed")], (1, 2)),
        ([poll(5, "completed", "legacy=false"), poll(9, "completed"), poll(14, "completed")], (2, 3)),
        ([page(5, 1), poll(9, "completed"), poll(14, "completed")], (2, 3)),
        ([page(5, 1, last=1), page(9, 1, last=1), page(14, 1, last=1)], (1, 3)),
        ([page(5, 1, "cancelled"), page(9, 1, "cancelled"), page(14, 1, 503), page(19, 1, "cancelled")], (1, 3)),
    ],
)
def test_polled_after_end_in_other_words(rows: list[Row], numbers: tuple[int, int]) -> None:
    """It counts from the answer that showed the end, or from the collected one; polls of a page count too."""
    assert found(*rows) == {"polled-after-end": numbers}


@pytest.mark.parametrize(
    "rows",
    [
        [poll(5, "completed", ONE), poll(6, "completed")],
        [poll(5, "completed"), page(6, 1), page(7, 2), page(8, 3)],
        [page(5, 1), page(6, 1, 503), page(8, 1), page(9, 2), page(10, 3)],
        [page(5, 1), page(6, 1, lost=True), page(8, 1), page(9, 2), page(10, 3)],
        [poll(5, "completed", lost=True), poll(10, "completed")],
        [poll(5, "completed", **DOUBT), poll(10, "completed")],
        [poll(5, "completed"), change(6, "more"), poll(10, "completed")],
        [poll(5, "completed"), change(6, "more", lost=True), poll(10, "pending"), poll(15, "completed")],
        [poll(5, "completed"), poll(6, 503, "legacy=false"), poll(9, "completed", "legacy=false")],
        [poll(5, "completed"), poll(6, "completed", job="j2", path="/api/search/deep_research/j2")],
        [poll(5, "reranking"), poll(10, "reranking"), poll(15, "completed")],
    ],
)
def test_collecting_is_no_poll(rows: list[Row]) -> None:
    """Collecting, a page walk, an end that didn't arrive, a job that was reopened: none of it is polling on."""
    assert found(*rows) == {}


def test_refused_more_does_not_reopen() -> None:
    """A continuation that is refused leaves the job at its end."""
    rows = [poll(5, "completed"), change(6, "more", 409), poll(10, "completed")]
    assert found(*rows) == {"polled-after-end": (1, 3)}


def test_an_end_that_the_api_takes_back_is_none() -> None:
    """Where the API itself lets an ended job run again, polling on is right; its second end counts as the first did."""
    rows = [poll(5, "completed", ONE), poll(6, "processing"), poll(11, "processing"), poll(16, "completed")]
    assert found(*rows) == {}
    assert found(*rows, poll(21, "completed")) == {"polled-after-end": (4, 5)}


@pytest.mark.parametrize(("gap", "seen"), [(0.0, True), (0.949, True), (0.951, False), (1, False), (5, False)])
def test_polled_too_fast(gap: float, seen: bool) -> None:
    """Two polls of a job at work are a second apart, less what a timer may be early."""
    rows = [start(0), poll(5, "pending"), poll(5 + gap, "searching")]
    assert found(*rows) == ({"polled-too-fast": (2, 3)} if seen else {})


@pytest.mark.parametrize(
    "rows",
    [
        [poll(5, 503), poll(5.5, "pending")],
        [poll(5, "pending", lost=True), poll(5.5, "pending")],
        [poll(5, "pending", ONE), poll(5, "pending")],
        [poll(5, "searching"), change(5.1, "cancel"), poll(5.2, "cancelled")],
        [poll(5, "pending"), poll(5.1, "pending", job="j2", path="/api/search/deep_research/j2")],
        [start(5), poll(5, "pending")],
        [page(5, 1), page(5, 2), page(5, 3)],
    ],
)
def test_not_too_fast(rows: list[Row]) -> None:
    """After an error, a change, a start, of another job or with another query, a poll may come at once."""
    assert found(*rows) == {}


def test_the_floor_is_a_setting() -> None:
    """A test may allow shorter gaps, or ask for longer ones."""
    rows = [poll(5, "pending"), poll(7, "pending")]
    assert found(*rows, settings=RuleSettings(floor=2 * SECOND)) == {}
    assert found(*rows, settings=RuleSettings(floor=3 * SECOND)) == {"polled-too-fast": (1, 2)}


@pytest.mark.parametrize(
    ("rows", "more", "expected"),
    [
        ([start(0), poll(DAY, "pending")], {}, {"no-deadline": (1, 2)}),
        ([start(0), poll(DAY - 1, "pending")], {}, {}),
        ([poll(3, "pending"), poll(DAY + 3, "reranking"), poll(DAY + 9, "reranking")], {}, {"no-deadline": (1, 2)}),
        ([poll(3, "pending"), poll(8, "completed"), poll(DAY + 3, "completed", ONE)], {}, {}),
        ([poll(3, "pending"), poll(8, "completed"), change(DAY, "more"), poll(DAY + 5, "pending")], {}, {}),
        ([start(0), poll(60, "pending")], {"settings": RuleSettings(deadline=60 * SECOND)}, {"no-deadline": (1, 2)}),
    ],
)
def test_no_deadline(rows: list[Row], more: dict[str, Any], expected: dict[str, Any]) -> None:
    """Nobody polls a job for a day; one that has ended may be read whenever it pleases."""
    assert found(*rows, **more) == expected


def test_no_deadline_is_reported_once() -> None:
    """The evidence names the first request that came too late."""
    rows = [start(0), poll(5, "pending"), *(poll(DAY + at, "pending") for at in (5, 10, 15))]
    finding, = verdict(*rows).findings  # fmt: skip
    assert finding.evidence == "request 3 still polls 86405 s after the job was made or reopened"


def test_the_deadline_counts_from_the_jobs_making() -> None:
    """A job's age counts from when it was made, also where the journal has dropped its first requests."""
    rows = [poll(DAY - 5, "pending", made=0), poll(DAY, "pending", made=0)]
    assert found(*rows) == {"no-deadline": (1, 2)}


def test_refusals_in_words() -> None:
    """The evidence names the whole row, and what it was answered."""
    finding, = verdict(start(0), *(poll(at, 404 if at < 15 else 403) for at in (5, 10, 15, 20))).findings  # fmt: skip
    assert finding.evidence == "4 polls in a row, requests 2 to 5, were answered 404, 403"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 410, 422])
def test_refusal_not_heeded(status: int) -> None:
    """Three final refusals in a row are two too many."""
    rows = [start(0), *(poll(at, status) for at in (5, 10, 15, 20))]
    assert found(*rows) == {"refusal-not-heeded": (2, 3, 4)}


def test_a_job_that_nobody_has_counts() -> None:
    """The journal knows no job for it, but its path does."""
    rows = [poll(at, 404, job=None, path="/api/search/deep_research/no%2Fone") for at in (5, 10, 15)]
    assert found(*rows) == {"refusal-not-heeded": (1, 2, 3)}


@pytest.mark.parametrize(
    "rows",
    [
        [poll(5, 404), poll(10, 404), poll(15, "pending"), poll(20, 404)],
        [poll(5, 404, lost=True), poll(10, 404), poll(15, 404)],
        [poll(5, 404), poll(10, 404), poll(15, 503), poll(20, 404)],
        [page(5, 1), page(6, 2, 404), page(6, 3, 404), page(6, 4, 404)],
        [poll(at, 404, job=None, path=f"/api/search/deep_research/n{at}") for at in (5, 10, 15)],
    ],
)
def test_refusals_that_are_heeded(rows: list[Row]) -> None:
    """Two in a row, or refusals of different pages or jobs, are not asking on and on."""
    assert found(*rows) == {}
