"""How the client's call ended, and what it made of the last answer."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, change, found, page, poll, start, verdict

PATIENCE = 15 * 60
MAY = "a job may take 900 s"
LAST = "('pending' was the last status that it received)"
PROFILE = {"operation": "profile", "path": "/v2/developer/profiles/p", "job": None}


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([poll(5, "pending")], "raised"),
        ([poll(5, 503)], "raised"),
        ([poll(5, 429, retry=9)], "raised"),
        ([poll(5, "pending", lost=True)], "raised"),
        ([], "raised"),
        ([page(5, 1), page(6, 2, 503)], "raised"),
        ([poll(5, "completed"), change(6, "more"), poll(7, "pending")], "raised"),
        ([poll(5, "completed"), change(1_000, "more"), poll(1_005, "pending")], "raised"),
        ([poll(5, "pending")], "returned"),
        ([poll(5, "processing"), poll(10, "completed", lost=True)], "returned"),
        ([poll(5, "completed"), change(6, "more"), poll(7, "pending")], "returned"),
    ],
)
def test_gave_up_early(rows: list[Row], outcome: str) -> None:
    """Who raises or returns while the job may well be at work has given up too early."""
    assert set(found(start(0), *rows, outcome=outcome)) == {"gave-up-early"}


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([poll(5, "error")], "raised"),
        ([poll(5, "cancelled")], "returned"),
        ([poll(5, 404)], "raised"),
        ([poll(5, 403)], "raised"),
        ([poll(5, "reranking")], "raised"),
        ([poll(5, "pending", **DOUBT)], "raised"),
        ([poll(5, "pending"), poll(10, "completed", **DOUBT)], "returned"),
        ([poll(5, "pending"), change(6, "cancel")], "raised"),
        ([poll(5, "pending"), change(6, "cancel")], "returned"),
        ([poll(5, "pending"), change(6, "cancel", 409)], "raised"),
        ([page(5, 1), page(6, 2, "processing")], "raised"),
        ([page(5, 1), page(6, 2, "processing")], "returned"),
        ([poll(5, "pending"), start(6, 402, intent="i2")], "raised"),
        ([], "returned"),
        ([poll(5, 429, retry=PATIENCE + 5)], "raised"),
    ],
)
def test_did_not_give_up(rows: list[Row], outcome: str) -> None:
    """An end, a refusal, a status that nobody knows, a cancellation or another call's failure are reasons to stop."""
    assert found(start(0), *rows, outcome=outcome) == {}


@pytest.mark.parametrize("outcome", ["raised", "returned"])
@pytest.mark.parametrize(
    ("last", "now", "seen"),
    [
        (5, PATIENCE - 1, True), (5, 10 * PATIENCE, True), (PATIENCE - 50, PATIENCE - 1, True),
        (PATIENCE - 50, PATIENCE, False), (PATIENCE, None, False), (PATIENCE - 1, None, True),
    ],
)  # fmt: skip
def test_patience_is_the_documented_duration(outcome: str, last: float, now: float | None, seen: bool) -> None:
    """Giving up is early until the documented duration has passed at the end of the call, whenever that is judged."""
    rows = [start(0), *(poll(at, "pending") for at in range(5, round(last), 5)), poll(last, "pending")]
    assert set(found(*rows, outcome=outcome, now=now)) == ({"gave-up-early"} if seen else set())


def test_the_end_of_a_call_is_no_later_than_its_pauses_allow() -> None:
    """A client that waits for long between its polls may have waited as long after the last one."""
    rows = [start(0), *(poll(at, "pending") for at in (200, 400, 600))]
    assert set(found(*rows, outcome="raised", now=900)) == set()
    assert set(found(*rows, outcome="raised", now=899)) == {"gave-up-early"}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [start(0, lost=True)],
        [start(0, 402)],
        [start(0, 503), start(5, 503)],
        [start(0, **DOUBT)],
    ],
)
def test_a_job_that_the_client_does_not_know_of_is_not_given_up(rows: list[Row]) -> None:
    """Without a job, or with one whose start was never answered, raising is right."""
    assert found(*rows, outcome="raised") == {}


def test_a_job_whose_beginning_was_dropped_is_not_given_up_early() -> None:
    """Where the journal dropped exchanges, the job may be older than it says; not so where its start is there."""
    assert found(poll(5, "pending"), outcome="raised", dropped=3) == {}
    assert set(found(start(0), poll(5, "pending"), outcome="raised", dropped=3)) == {"gave-up-early"}


@pytest.mark.parametrize(
    ("rows", "outcome", "expected"),
    [
        ([poll(5, "reranking")], "returned", {"unknown-status-as-result": (2,)}),
        ([poll(5, "reranking"), poll(10, "pending", lost=True)], "returned", {"unknown-status-as-result": (2,)}),
        ([poll(5, "reranking"), poll(10, 503)], "returned", {"error-as-result": (3,)}),
        ([poll(5, "reranking"), poll(10, "completed")], "returned", {}),
        ([poll(5, "reranking"), poll(10, "completed", **DOUBT)], "returned", {}),
        ([poll(5, "reranking")], "raised", {}),
        ([poll(5, "not_found", status=404)], "returned", {"error-as-result": (2,)}),
    ],
)
def test_unknown_status_as_result(rows: list[Row], outcome: str, expected: dict[str, Any]) -> None:
    """A status that no document has is no end; what came after it counts more."""
    assert found(start(0), *rows, outcome=outcome) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([start(0), poll(5, 503)], {"error-as-result": (2,)}),
        ([start(0), poll(5, 404)], {"error-as-result": (2,)}),
        ([start(0), poll(5, "completed"), page(6, 1, 400)], {"error-as-result": (3,)}),
        ([start(0, 402)], {"error-as-result": (1,)}),
        ([start(0, 429), start(60, 402)], {"error-as-result": (2,)}),
        ([start(0), poll(5, 503), poll(10, "completed")], {}),
        ([start(0), poll(5, "completed"), change(6, "cancel", 409)], {}),
        ([start(0), poll(5, "completed"), start(6, 402, intent="i2")], {}),
        ([start(0), poll(5, 503, lost=True), poll(8, "completed")], {}),
    ],
)
def test_error_as_result(rows: list[Row], expected: dict[str, Any]) -> None:
    """An error's answer to a poll, a page read or the only start is no result."""
    assert found(*rows, outcome="returned") == expected


@pytest.mark.parametrize(
    ("last", "outcome", "said"),
    [
        (poll(5, 503), "raised", f"raised after request 2 was answered 503, 5 s after request 1; {MAY}"),
        (
            poll(5, "pending", lost=True), "raised",
            f"raised after request 2 got no answer that can be read, 5 s after request 1; {MAY}",
        ),
        (poll(5, "pending"), "raised", f"raised after request 2 had shown 'pending', 5 s after request 1; {MAY}"),
        (change(5, "more"), "raised", f"raised after request 2 was accepted, 0 s after request 2; {MAY}"),
        (poll(5, "pending"), "returned", f"returned after request 2 {LAST}, 5 s after request 1; {MAY}"),
        (poll(5, "reranking"), "returned", "returned after request 2 had shown 'reranking', which no document has"),
        (poll(5, 503), "returned", "returned after request 2 was answered 503"),
        (poll(5, "completed"), "raised", "raised after request 2 had shown 'completed'"),
    ],
)
def test_endings_in_words(last: Row, outcome: str, said: str) -> None:
    """The evidence says how the call ended, on which request, and what was wrong with that."""
    finding, = verdict(start(0), last, outcome=outcome).findings  # fmt: skip
    assert (finding.evidence, finding.job) == (f"the call {said}", "j1")


@pytest.mark.parametrize(
    ("rows", "outcome", "expected"),
    [
        ([poll(5, "pending"), poll(PATIENCE, "completed")], "raised", {"result-raised-as-error": (3,)}),
        ([page(5, 1), page(6, 2), page(7, 3)], "raised", {"result-raised-as-error": (4,)}),
        ([page(5, 1), page(6, 2, 503), page(6, 3), page(9, 2)], "raised", {"result-raised-as-error": (5,)}),
        ([page(5, 1), page(6, 2, 503), page(9, 3)], "raised", {"result-raised-as-error": (4,)}),
        ([page(5, 1), page(6, 2, 503), page(6, 3)], "raised", {}),
        ([page(5, 1), page(6, 2, 503), page(6, 3, 503), page(9, 2, 503), page(10, 3)], "raised", {}),
        ([page(5, 1), page(6, 2, 403), page(6, 3)], "raised", {}),
        ([page(5, 1), page(6, 2, lost=True), page(6, 3)], "raised", {}),
        ([poll(at, "completed") for at in (5, 10, 15, 20)], "raised", {"polled-after-end": (2, 3, 4, 5)}),
        ([poll(5, "completed"), poll(10, "completed")], "raised",
         {"polled-after-end": (2, 3), "result-raised-as-error": (3,)}),
        ([poll(5, "completed"), poll(6, "completed", "legacy=false"), change(7, "more"), poll(12, "completed")],
         "raised", {"result-raised-as-error": (5,)}),
        ([poll(5, "completed")], "returned", {}),
        ([poll(5, "cancelled")], "raised", {}),
        ([poll(5, "completed", lost=True)], "raised", {"gave-up-early": (2,)}),
        ([poll(5, "completed", **DOUBT)], "raised", {}),
        ([poll(5, "completed"), {**PROFILE, "at": 6, "status": 404}], "raised", {}),
        ([poll(5, "completed"), {**PROFILE, "at": 6, "status": 200, "lost": True}], "raised", {}),
        ([poll(5, "completed"), {**PROFILE, "at": 6, "status": 200}], "raised", {"result-raised-as-error": (2,)}),
    ],
)
def test_result_raised_as_error(rows: list[Row], outcome: str, expected: dict[str, Any]) -> None:
    """Who raises on the answer that brought the result wasn't looking; what fails after it is another matter."""
    assert found(start(0), *rows, outcome=outcome) == expected
